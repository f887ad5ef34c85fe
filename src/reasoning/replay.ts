/** Replays of own continuations: the ids of a row, and batches of rows from a shared prefix. */

import { float32, type Value } from "../graph/index.ts";
import { largest } from "../numeric/index.ts";
import type { PrefixCache, Replay, ReplayOptions, ReplayRow } from "../qwen/index.ts";
import { LintelError } from "../util/index.ts";
import type { LatentModel } from "./latent-model.ts";
import { optionTokens } from "./read-answer.ts";
import type { Continuation } from "./slot-plan.ts";

/** A row to replay, or why there is none. */
export type Replayable = { row: ReplayRow; reason?: undefined } | { row: null; reason: string };

/**
 * The part of a continuation that chose the answer: from the start marker to the cue, with the vectors fed in the slots.
 * `chosen` is the option with the largest logit there: the model's own answer.
 */
export function replayRow(
  model: Pick<LatentModel, "tokenizer">,
  continuation: Pick<Continuation, "ids" | "latents" | "slots" | "answerAt" | "answerLogits">,
  options: readonly string[],
): Replayable {
  const { answerAt, answerLogits } = continuation;
  const total = continuation.latents.reduce((n, z) => n + z.length, 0);
  if (total === 0) return { row: null, reason: "no latent block" };
  if (answerAt === null || !answerLogits) return { row: null, reason: "no answer after the block" };
  const tokens = optionTokens(model, options);
  if (!tokens || tokens.length < 2) return { row: null, reason: "options with equal first tokens" };
  const latents = new Float32Array(total);
  let at = 0;
  for (const z of continuation.latents) {
    latents.set(z, at);
    at += z.length;
  }
  if (!latents.every(Number.isFinite)) return { row: null, reason: "latents that are not finite" };
  const scores = tokens.map((id) => answerLogits[id]!);
  return {
    row: {
      ids: continuation.ids.slice(0, answerAt),
      slots: continuation.slots.filter((place) => place < answerAt),
      latents,
      options: tokens,
      chosen: scores.indexOf(largest(scores)),
    },
  };
}

/** Examples `which` of a prefix, in their order. */
export function prefixRows(prefix: PrefixCache, which: readonly number[]): PrefixCache {
  const { batch, length, mask, next } = prefix;
  if (which.length === batch && which.every((b, i) => b === i)) return prefix;
  const pick = (value: Value): Value => {
    const size = value.data.length / batch;
    const out = new Float32Array(which.length * size);
    for (const [i, b] of which.entries()) {
      out.set((value.data as Float32Array).subarray(b * size, (b + 1) * size), i * size);
    }
    return float32(out, [which.length, ...value.shape.slice(1)]);
  };
  const masks = new Float32Array(which.length * length);
  for (const [i, b] of which.entries()) masks.set(mask.subarray(b * length, (b + 1) * length), i * length);
  return {
    batch: which.length,
    length,
    k: prefix.k.map(pick),
    v: prefix.v.map(pick),
    mask: masks,
    next: Int32Array.from(which, (b) => next[b]!),
  };
}

/**
 * Reads rows again; row i continues example i of `prefix`.
 *
 * Errors: "runtime" for a network without access to its layers (a fake in a test).
 */
export async function replay(
  model: Pick<LatentModel, "network">,
  prefix: PrefixCache,
  rows: readonly ReplayRow[],
  options: ReplayOptions = {},
): Promise<Replay> {
  const { network } = model;
  if (!network.replay) {
    throw new LintelError("runtime", {
      where: "replay of continuations",
      expected: "a network with access to its layers",
      got: "one that only decodes",
    });
  }
  return network.replay(prefix, rows, options);
}
