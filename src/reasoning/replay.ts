/** Replays of own continuations: the ids of a row, and batches of rows from a shared prefix. */

import { concatenated, largest } from "../numeric/index.ts";
import type { Replay, ReplayOptions, ReplayRow } from "../qwen/index.ts";
import { ensure, LintelError } from "../util/index.ts";
import { engineOf } from "./engine/engine-of.ts";
import type { Prefix } from "./engine/types.ts";
import type { LatentModel } from "./latent-model.ts";
import { optionTokens } from "./read-answer.ts";
import type { Continuation } from "./slot-plan.ts";

/** A row to replay, or why there is none. */
type Replayable = { row: ReplayRow; reason?: undefined } | { row: null; reason: string };

/**
 * The part of a continuation that chose the answer: from the start marker to the cue, with the vectors fed in the slots.
 * `chosen` is the option with the largest logit there: the model's own answer.
 *
 * Errors: "runtime" where the continuation has not one vector of the model's width per slot.
 */
export function replayRow(
  model: Pick<LatentModel, "tokenizer" | "network">,
  continuation: Pick<Continuation, "ids" | "latents" | "slots" | "picked" | "answerAt" | "answerLogits">,
  options: readonly string[],
): Replayable {
  const { answerAt, answerLogits } = continuation;
  const total = continuation.latents.reduce((n, z) => n + z.length, 0);
  if (total === 0) return { row: null, reason: "no latent block" };
  if (continuation.picked) return { row: null, reason: "a block with features of the image in it" };
  if (answerAt === null || !answerLogits) return { row: null, reason: "no answer after the block" };
  const tokens = optionTokens(model, options);
  if (!tokens || tokens.length < 2) return { row: null, reason: "options with equal first tokens" };
  // Blocks that open behind the answer did not choose it.
  const slots = continuation.slots.filter((place) => place < answerAt);
  if (slots.length === 0) return { row: null, reason: "no answer after the block" };
  const { hiddenSize: width } = model.network.config.text;
  ensure(total === continuation.slots.length * width, "runtime", () => ({
    where: "replay of a continuation",
    expected: `${continuation.slots.length} vectors of ${width} numbers, one per slot`,
    got: `${total} numbers`,
  }));
  const latents = concatenated(continuation.latents).subarray(0, slots.length * width);
  if (!latents.every(Number.isFinite)) return { row: null, reason: "latents that are not finite" };
  const scores = tokens.map((id) => answerLogits[id]!);
  return {
    row: {
      ids: continuation.ids.slice(0, answerAt),
      slots,
      latents,
      options: tokens,
      chosen: scores.indexOf(largest(scores)),
    },
  };
}

/** Rows of one run of `inspectedLogOdds`: each has the states of all its layers. */
const INSPECTED_TOGETHER = 16;

/** Log-odds of rows with their exchanged states, a few rows at a time; each continues example `at` of the prefix. */
export async function inspectedLogOdds(
  model: Pick<LatentModel, "network">,
  prefix: Prefix,
  rows: readonly { row: ReplayRow; at: number }[],
): Promise<number[]> {
  const out: number[] = [];
  for (let from = 0; from < rows.length; from += INSPECTED_TOGETHER) {
    const some = rows.slice(from, from + INSPECTED_TOGETHER);
    const same = prefixRows(
      model,
      prefix,
      some.map(({ at }) => at),
    );
    const found = await replay(
      model,
      same,
      some.map(({ row }) => row),
      { inspect: true },
    );
    out.push(...found.logOdds);
  }
  return out;
}

/** Examples `which` of a prefix, in their order. */
export const prefixRows = (
  { network }: Pick<LatentModel, "network">,
  prefix: Prefix,
  which: readonly number[],
): Prefix => engineOf(network).select(prefix, which);

/**
 * Reads rows again; row i continues example i of `prefix`.
 *
 * Errors: "runtime" for a network without access to its layers (a fake in a test).
 */
export async function replay(
  model: Pick<LatentModel, "network">,
  prefix: Prefix,
  rows: readonly ReplayRow[],
  options: ReplayOptions = {},
): Promise<Replay> {
  const engine = engineOf(model.network);
  if (!engine.replay) {
    throw new LintelError("runtime", {
      where: "replay of continuations",
      expected: "a network with access to its layers",
      got: "one that only decodes",
    });
  }
  return engine.replay(prefix, rows, options);
}
