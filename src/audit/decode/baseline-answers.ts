/** Answers of the text baseline: a model trained on the same data without latents. */
import { familyOnBenchmark } from "../../families/index.ts";
import { checkCompatibility, readContinuation } from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { prepareImages } from "../data/prepare-images.ts";
import type { AuditData } from "../data/read-data.ts";
import type { BaselineAnswers } from "../judge/text-baseline.ts";
import type { Outcome } from "../record/outcomes.ts";
import { createDecodeSession, ownContinuations } from "./decode-session.ts";
import { type LoadControls, loadModel, type ModelRequest } from "./load-audited-model.ts";

/**
 * Answers of a model to examples, by example id. If it opens latent blocks, they contain its own latents.
 *
 * Errors: as `loadLatentModel`.
 */
export async function baselineAnswers(
  directory: string,
  examples: readonly Example[],
  { benchmark, ...options }: Parameters<typeof loadModel>[1] & { benchmark?: string } = {},
): Promise<Map<string, Outcome>> {
  const loaded = await loadModel(directory, options);
  const model = { ...loaded, family: familyOnBenchmark(loaded.family, benchmark) };
  const { tokenizer, network } = model;
  const data = "the examples of the audit";
  try {
    checkCompatibility({ model: directory, tokenizer, config: network.config.raw, data }, examples);
  } catch (error) {
    await network.release();
    throw error;
  }
  const prepared = await prepareImages(examples, model.pictures.transparency);
  const session = createDecodeSession(model, prepared.examples);
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

/** The answers of a request's text baseline; undefined if it names none. Family and limits are the baseline's own. */
export async function readTextBaseline(
  {
    textBaseline,
    directory: _directory,
    family: _family,
    maxTokens: _maxTokens,
    repetitionPenalty: _repetitionPenalty,
    oracleModel: _oracleModel,
    proof: _proof,
    ...options
  }: ModelRequest,
  { examples, benchmark, task }: AuditData,
  controls: LoadControls,
): Promise<BaselineAnswers | undefined> {
  if (textBaseline === undefined) return undefined;
  const load = { ...options, ...controls, benchmark: benchmark?.mapping ?? task };
  return {
    model: textBaseline,
    answers: await baselineAnswers(textBaseline, examples, load),
  };
}
