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

/** Examples decoded together. */
export const BATCH = 50;
/** Ids after the start marker before an answer is given up; and before it. */
const MAX_TOKENS = 64;
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
  const limits = { cue: model.tokenizer.encode(model.family.answerCue), maxTokens: MAX_TOKENS };
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
  const slots = model.rules.k;
  const width = model.network.config.text.hiddenSize;
  const size = slots * width;
  const own = new Float32Array(examples.length * size).fill(Number.NaN);
  const oracle = new Float32Array(examples.length * size).fill(Number.NaN);
  const hasOwn = new Uint8Array(examples.length);
  const hasOracle = new Uint8Array(examples.length);
  const further: { row: number; latents: Float32Array }[] = [];
  for (const batch of batches.keys()) {
    const start = batch * BATCH;
    step(start);
    for (const [b, { latents }] of (await ownContinuations(bench, batch)).entries()) {
      const [first, ...others] = latents;
      if (!first || first.length !== size) continue;
      own.set(first, (start + b) * size);
      hasOwn[start + b] = 1;
      for (const each of others) if (each.length === size) further.push({ row: start + b, latents: each });
    }
  }
  for (const [i, example] of examples.entries()) {
    const [first] = await oraclesOf(model, example);
    if (!first) continue;
    oracle.set(first, i * size);
    hasOracle[i] = 1;
  }
  const more = new Float32Array(further.length * size);
  for (const [at, { latents }] of further.entries()) more.set(latents, at * size);
  return {
    examples: examples.map(({ id }) => id),
    slots,
    width,
    own,
    oracle,
    hasOwn,
    hasOracle,
    ...(further.length > 0 && { further: { own: more, rows: further.map(({ row }) => row) } }),
  };
}
