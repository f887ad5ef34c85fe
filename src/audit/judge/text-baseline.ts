/** The sister model: trained on the same data with words alone, so that what latents bring can be told from what data bring. */
import { familyOnBenchmark } from "../../families/index.ts";
import { checkCompatibility, loadLatentModel, readContinuation } from "../../reasoning/index.ts";
import {
  clustersOf,
  count,
  pEquals,
  pointsWithin,
  shareInterval,
  shareWithin,
} from "../../statistics/index.ts";
import type { Example } from "../../tasks/index.ts";
import { prepareImages } from "../data/prepare-images.ts";
import { createDecodeSession, ownContinuations } from "../decode/decode-session.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import type { TextBaselineResult } from "../record/schema.ts";
import { compare, differenceP } from "./comparison.ts";

/**
 * What a model answers on its own, by example id; its latents, if it opens blocks, are its own too.
 *
 * Errors: as `loadLatentModel`.
 *
 * @example
 * const error = await baselineAnswers("no-model", []).catch((error) => error);
 * error.code; // "checkpoint"
 */
export async function baselineAnswers(
  directory: string,
  examples: readonly Example[],
  {
    benchmark,
    ...options
  }: Parameters<typeof loadLatentModel>[1] & { signal?: AbortSignal; benchmark?: string } = {},
): Promise<Map<string, Outcome>> {
  const loaded = await loadLatentModel(directory, options);
  const model = { ...loaded, family: familyOnBenchmark(loaded.family, benchmark) };
  const { tokenizer, network } = model;
  const data = "the examples of the audit";
  try {
    checkCompatibility({ model: directory, tokenizer, config: network.config.raw, data }, examples);
  } catch (error) {
    await network.release();
    throw error;
  }
  const shown = await prepareImages(examples, model.pictures.transparency);
  const session = createDecodeSession(model, shown.examples);
  const out = new Map<string, Outcome>();
  try {
    for (const [index, batch] of session.batches.entries()) {
      options.signal?.throwIfAborted();
      const { rows } = await session.prefixOf(index);
      const found = await ownContinuations(session, index);
      for (const [b, example] of batch.entries()) {
        const { blocks, endings } = found[b]!;
        const answer = readContinuation(model, rows[b]!, found[b]!, example.options, example);
        out.set(example.id, { ...answer, blocks, endings, steps: 0 });
      }
    }
  } finally {
    await session.release();
    await model.network.release();
  }
  return out;
}

/**
 * Own latents against the sister model, paired by example.
 *
 * @example
 * const answer = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const outcomes = ["1", "2"].map((example) => ({ example, answer: 0, options: ["a", "b"], outcomes: { own: answer } }));
 * compareTextBaseline("text", outcomes, new Map([["1", answer], ["2", { ...answer, choice: 1 }]])).difference; // 0.5
 */
export function compareTextBaseline(
  model: string,
  outcomes: readonly ExampleOutcomes[],
  answers: ReadonlyMap<string, Outcome>,
): TextBaselineResult {
  const both = [...outcomes]
    .sort((a, b) => (a.example < b.example ? -1 : 1))
    .flatMap((example) => {
      const [own, sister] = [example.outcomes.own, answers.get(example.example)];
      return own && sister ? [{ ...example, outcomes: { own, sister } }] : [];
    });
  const n = both.length;
  const right = both.map(({ outcomes: { sister }, answer }) => sister.choice === answer);
  const interval = shareInterval(right, clustersOf(both), 0.05);
  const row = compare(both, "own", "sister", { margin: 0.02, alpha: 0.05 });
  const reasons = { ...row.reasons, ...(interval.reason !== undefined && { accuracy: interval.reason }) };
  return {
    model,
    n,
    accuracy: n > 0 ? right.filter(Boolean).length / n : null,
    accuracyInterval: interval.value,
    answered: n > 0 ? both.filter(({ outcomes: { sister } }) => sister.choice !== null).length / n : null,
    latentRate: n > 0 ? both.filter(({ outcomes: { sister } }) => sister.blocks > 0).length / n : null,
    difference: row.difference,
    interval: row.interval,
    p: differenceP(row),
    equivalent: row.equivalent,
    equivalenceP: row.equivalenceP ?? null,
    margin: row.margin,
    ...(Object.keys(reasons).length > 0 && { reasons }),
  };
}

/**
 * The arm in one sentence for a paper; empty where nothing could be compared.
 *
 * @example
 * textBaselineSentence({ model: "text", n: 0, accuracy: null, difference: null }); // ""
 */
export function textBaselineSentence(sister: TextBaselineResult): string {
  const { accuracy, accuracyInterval, difference, interval, p, equivalent, equivalenceP, n } = sister;
  if (accuracy === null || difference === null || p === null || equivalenceP === null) return "";
  const test =
    difference !== 0 && p < 0.05
      ? `exact McNemar test, ${pEquals(p)}`
      : equivalent
        ? `equivalent within ±${100 * sister.margin} points by two one-sided exact tests, ${pEquals(equivalenceP)}`
        : `exact McNemar test, ${pEquals(p)}; not shown to be equivalent within ±${100 * sister.margin} points, ${pEquals(equivalenceP)}`;
  return (
    `The sister model, trained on the same data with words alone, answered ${shareWithin(accuracy, accuracyInterval)} ` +
    `of the same ${count(n)} examples correctly: own latents less sister ${pointsWithin(difference, interval)} (${test}).`
  );
}
