/** A model and the examples of an audit: shared prefixes and own latents. Batches are fixed, so a resumed audit uses the same ones. */

import { arrayPool } from "../../numeric/index.ts";
import {
  type Continuation,
  continueFrom,
  decodeToBlock,
  engineOf,
  type LatentModel,
  optionTokens,
  oraclesOf,
  promptOf,
  type SharedPrefix,
} from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";
import type { Latents } from "../record/latents-file.ts";
import { isVariable, pack } from "./block-lengths.ts";
import { createPrefixStore } from "./prefix-store.ts";

/** Rows of an oracle that are recorded where it has as many as its helper has tokens. */
const KEPT_ROWS = 64;
/** Examples decoded together at most, … */
const LARGEST_BATCH = 50;
/** … and maximum bytes of their keys and values at the nominal number of tokens; large models take fewer examples. */
const BATCH_BYTES = 512 * 2 ** 20;
const NOMINAL_TOKENS = 1024;

/**
 * How many examples are decoded together: of the model's shape alone, so that an audit that goes on computes in the same
 * batches.
 *
 * @example
 * batchSize({ layers: 36, kvHeads: 2, headDim: 128 }); // 7: Qwen2.5-VL 3B
 */
export function batchSize({
  layers,
  kvHeads,
  headDim,
}: Pick<LatentModel["network"]["config"]["text"], "layers" | "kvHeads" | "headDim">): number {
  const bytes = NOMINAL_TOKENS * 2 * layers * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
  return Math.min(LARGEST_BATCH, Math.max(1, Math.floor(BATCH_BYTES / bytes)));
}

interface Limits {
  cue: readonly number[];
  maxTokens: number;
}

/** A model at work on the examples of an audit. */
export interface DecodeSession {
  model: LatentModel;
  examples: readonly Example[];
  batches: readonly (readonly Example[])[];
  /** Examples of every batch but the last. */
  size: number;
  limits: Limits;
  /** The prefix of a batch, decoded at first use. */
  prefixOf(batch: number): Promise<SharedPrefix>;
  /** Lets go of what is kept of prefixes. */
  release(): Promise<void>;
}

export const decode = async (
  model: LatentModel,
  examples: readonly Example[],
  limits: Limits & { dropImages?: boolean },
): Promise<SharedPrefix> =>
  decodeToBlock(
    model,
    await Promise.all(
      examples.map(async (example) => ({
        ...(await promptOf(model, example)),
        named: optionTokens(model, example.options) ?? [],
      })),
    ),
    limits,
  );

export function createDecodeSession(model: LatentModel, examples: readonly Example[]): DecodeSession {
  const limits = {
    cue: model.tokenizer.encode(model.family.answerCue),
    maxTokens: model.generation.maxTokens,
  };
  const size = batchSize(model.network.config.text);
  const batches: Example[][] = [];
  for (let at = 0; at < examples.length; at += size) batches.push(examples.slice(at, at + size));
  const store = createPrefixStore({ drop: engineOf(model.network).drop });
  return {
    model,
    examples,
    batches,
    size,
    limits,
    async prefixOf(batch) {
      const known = await store.get(batch);
      if (known) return known;
      const made = await decode(model, batches[batch]!, limits);
      await store.put(batch, made);
      return made;
    },
    release: store.release,
  };
}

/** Every example of a batch under its own latents. */
export async function ownContinuations(
  { model, limits, prefixOf }: DecodeSession,
  batch: number,
): Promise<Continuation[]> {
  const shared = await prefixOf(batch);
  const results = await continueFrom(
    model,
    shared,
    shared.rows.map(() => [{ kind: "own" }]),
    limits,
  );
  return results.map(([first]) => first!);
}

/**
 * First pass: own latents of every example, all blocks, and the oracle of its first helper; and which examples the model
 * has no finite numbers for.
 *
 * Errors: "checkpoint" where that is so for all of the first batch: no work is spent on weights that are broken.
 */
export async function ownLatents(
  session: DecodeSession,
  step: (done: number) => void,
): Promise<{ latents: Latents; broken: number[] }> {
  const { model, batches } = session;
  const { rules } = model;
  const width = model.network.config.text.hiddenSize;
  const own: Float32Array[][] = [];
  const copy = arrayPool<Float32Array>(Float32Array);
  const broken: number[] = [];
  for (const batch of batches.keys()) {
    step(batch * session.size);
    const { rows } = await session.prefixOf(batch);
    ensure(batch > 0 || rows.some(({ notFinite }) => !notFinite), "checkpoint", () => ({
      where: "what the model makes of prompts",
      id: "E_NOT_FINITE",
      expected: "finite numbers",
      got: `NaN or infinite ones for each of the first ${rows.length} examples`,
      attempt: "the checkpoint as it was published: weights that are no numbers, or overflow, give this",
    }));
    broken.push(...rows.flatMap(({ notFinite }, b) => (notFinite ? [batch * session.size + b] : [])));
    for (const { latents } of await ownContinuations(session, batch)) {
      const whole = (z: Float32Array): boolean => isVariable(rules) || z.length === rules.k * width;
      // Empty blocks keep their place among the others; alone they are no latents.
      own.push(latents.some((z) => z.length > 0) ? latents.filter(whole).map(copy) : []);
    }
  }
  return { latents: await latentsOf(model, session.examples, own), broken };
}

/** Own latents of examples, by example and block, together with the oracle of their first helpers. */
export async function latentsOf(
  model: LatentModel,
  examples: readonly Example[],
  own: readonly Float32Array[][],
): Promise<Latents> {
  const { rules } = model;
  const width = model.network.config.text.hiddenSize;
  const oracle: (Float32Array | undefined)[] = [];
  const copy = arrayPool<Float32Array>(Float32Array);
  for (const example of examples) {
    const [first] = await oraclesOf(model, example);
    oracle.push(first && copy(first));
  }
  // Where the model decides how long a block is, there are as many places as the longest takes.
  const longest = (blocks: readonly (Float32Array | undefined)[]): number =>
    blocks.reduce((most, z) => Math.max(most, (z?.length ?? 0) / width), 1);
  const mostOwn = isVariable(rules) ? longest(own.flat()) : rules.k;
  const free = isVariable(rules) || model.family.keepsRows === true;
  const slots = free ? Math.max(mostOwn, Math.min(longest(oracle), KEPT_ROWS)) : rules.k;
  const further = own.flatMap((blocks, row) => blocks.slice(1).map((latents) => ({ row, latents })));
  const mine = pack(
    own.map(([first]) => first),
    slots,
    width,
  );
  const theirs = pack(oracle, slots, width);
  const more = pack(
    further.map(({ latents }) => latents),
    slots,
    width,
  );
  return {
    examples: examples.map(({ id }) => id),
    slots,
    width,
    own: mine.data,
    oracle: theirs.data,
    hasOwn: mine.has,
    hasOracle: theirs.has,
    ...(mine.counts && { ownCounts: mine.counts }),
    ...(theirs.counts && { oracleCounts: theirs.counts }),
    ...(further.length > 0 && {
      further: {
        own: more.data,
        rows: further.map(({ row }) => row),
        ...(more.counts && { counts: more.counts }),
      },
    }),
  };
}
