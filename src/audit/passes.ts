/** The passes of an audit over its examples: shared prefixes, own latents. Batches are fixed, so that a resumed audit computes in the same ones. */
import {
  type Continuation,
  continueFrom,
  decodeToBlock,
  type LatentModel,
  oraclesOf,
  promptOf,
  type SharedPrefix,
} from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import type { Latents } from "./geometry.ts";
import { isVariable, pack } from "./lengths.ts";

/** Examples decoded together. */
export const BATCH = 50;
/** Bytes of prefixes kept between the passes; the others are decoded again. */
const KEPT_PREFIXES = 512 * 2 ** 20;

export interface Limits {
  cue: readonly number[];
  maxTokens: number;
}

/** A model at work on the examples of an audit. */
export interface Bench {
  model: LatentModel;
  examples: readonly Example[];
  batches: readonly (readonly Example[])[];
  limits: Limits;
  /** The prefix of a batch, decoded when first asked for. */
  prefixOf(batch: number): Promise<SharedPrefix>;
}

const sizeOf = ({ prefix }: SharedPrefix): number =>
  [...prefix.k, ...prefix.v].reduce((sum, value) => sum + value.data.byteLength, 0);

export const decode = async (
  model: LatentModel,
  examples: readonly Example[],
  limits: Limits,
): Promise<SharedPrefix> =>
  decodeToBlock(model, await Promise.all(examples.map((example) => promptOf(model, example))), limits);

export function createBench(model: LatentModel, examples: readonly Example[]): Bench {
  const limits = {
    cue: model.tokenizer.encode(model.family.answerCue),
    maxTokens: model.generation.maxTokens,
  };
  const batches: Example[][] = [];
  for (let at = 0; at < examples.length; at += BATCH) batches.push(examples.slice(at, at + BATCH));
  const kept = new Map<number, SharedPrefix>();
  let bytes = 0;
  return {
    model,
    examples,
    batches,
    limits,
    async prefixOf(batch) {
      const known = kept.get(batch);
      if (known) return known;
      const made = await decode(model, batches[batch]!, limits);
      if (bytes + sizeOf(made) <= KEPT_PREFIXES) {
        kept.set(batch, made);
        bytes += sizeOf(made);
      }
      return made;
    },
  };
}

/** Every example of a batch under its own latents. */
export async function ownContinuations(
  { model, limits, prefixOf }: Bench,
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

/** First pass: own latents of every example, all blocks, and the oracle of its first helper. */
export async function ownLatents(bench: Bench, step: (done: number) => void): Promise<Latents> {
  const { model, examples, batches } = bench;
  const { rules } = model;
  const width = model.network.config.text.hiddenSize;
  const own: Float32Array[][] = [];
  for (const batch of batches.keys()) {
    step(batch * BATCH);
    for (const { latents } of await ownContinuations(bench, batch)) {
      const whole = (z: Float32Array): boolean => isVariable(rules) || z.length === rules.k * width;
      // Empty blocks keep their place among the others; alone they are no latents.
      own.push(latents.some((z) => z.length > 0) ? latents.filter(whole) : []);
    }
  }
  const oracle: (Float32Array | undefined)[] = [];
  for (const example of examples) oracle.push((await oraclesOf(model, example))[0]);
  // Where the model decides how long a block is, there are as many places as the longest takes.
  const longest = Math.max(1, ...[...own.flat(), ...oracle].map((z) => (z?.length ?? 0) / width));
  const slots = isVariable(rules) ? longest : rules.k;
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
