/**
 * One question to a model: its answer with own latents, with others in the slots, and what is inside. Runs in the page
 * (models that fit) and in the server (all others), so that both say the same.
 */
import {
  type Continuation,
  continueFrom,
  decodeToBlock,
  type LocalModel,
  type Looked,
  lookInside,
  oraclesOf,
  promptOf,
  readContinuation,
  type SlotPlan,
} from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import type { Reply, Wanted } from "./types.ts";

/** An example that was read up to its latent block. */
interface Question {
  own: Reply;
  /** The reply with own latents moved towards a source. `drawn`: a helper for the source "drawn", as images of the example are. */
  answer(wanted: Wanted, drawn?: Uint8Array): Promise<Reply>;
  /** What is inside the answer with own latents; `deviation` [K·D] is that of own latents over the split. */
  inside(deviation: Float32Array | null): Promise<Looked>;
}

/** Block i, or the last one. */
const at = (blocks: readonly Float32Array[], i: number): Float32Array =>
  blocks[Math.min(i, blocks.length - 1)]!;

/** (1 − a)·own + a·other, block by block. */
const blended = (own: readonly Float32Array[], other: readonly Float32Array[], a: number): Float32Array[] =>
  own.map((block, i) => {
    const to = at(other, i);
    return block.map((value, d) => (1 - a) * value + a * to[d]!);
  });

/**
 * Reads the question up to the latent block and answers it with own latents.
 *
 * Errors: those of prompts and oracles ("dataset", "checkpoint").
 */
export async function askModel(model: LocalModel, example: Example): Promise<Question> {
  const limits = {
    cue: model.tokenizer.encode(model.family.answerCue),
    maxTokens: model.generation.maxTokens,
  };
  const shared = await decodeToBlock(model, [await promptOf(model, example)], limits);
  const run = async (plan: SlotPlan): Promise<{ continuation: Continuation; reply: Reply }> => {
    const [[continuation]] = (await continueFrom(model, shared, [[plan]], limits)) as [[Continuation]];
    const read = readContinuation(model, shared.rows[0]!, continuation, example.options, example);
    const probabilities = read.optionLogProbabilities?.map(Math.exp) ?? null;
    return { continuation, reply: { text: read.text, choice: read.choice, probabilities } };
  };
  const own = await run({ kind: "own" });
  const { latents } = own.continuation;
  const oracleOf = (helpers: readonly Uint8Array[]): Promise<Float32Array[]> =>
    oraclesOf(model, { ...example, helpers: [...helpers] });
  /** The latents of a source, of the same shape as own. */
  const latentsOf = async (source: string, drawn: Uint8Array | undefined): Promise<Float32Array[]> => {
    if (source === "zeros") return latents.map((block) => new Float32Array(block.length));
    const [, option] = /^option-(\d+)$/.exec(source) ?? [];
    const helpers = option ? example.counterfactuals[Number(option)] : drawn ? [drawn] : example.helpers;
    const found = await oracleOf(helpers ?? []);
    ensure(
      found.length > 0 && latents.every((block, i) => at(found, i).length === block.length),
      "usage",
      () => ({
        where: source,
        expected: "latents of the shape of own ones",
        got: found.length === 0 ? "none" : `${at(found, 0).length} numbers for ${latents[0]?.length ?? 0}`,
        attempt: "zeros",
      }),
    );
    return found;
  };
  return {
    own: own.reply,
    async answer({ source, mix }, drawn) {
      if (mix === 0 || latents.length === 0) return own.reply;
      if (source === "skip") return mix < 0.5 ? own.reply : (await run({ kind: "skip" })).reply;
      return (await run({ kind: "fixed", blocks: blended(latents, await latentsOf(source, drawn), mix) }))
        .reply;
    },
    inside: async (deviation) => {
      const { mergeSize } = model.network.config.vision;
      const features = await model.features.get(example.images);
      // A model in this process prepares its images here, so that their grids are known.
      const images = features.map(({ grid }) => ({
        rows: grid![1] / mergeSize,
        columns: grid![2] / mergeSize,
      }));
      const { options, answer } = example;
      const oracle = await oracleOf(example.helpers);
      return lookInside(model, shared, own.continuation, { options, answer, oracle, deviation, images });
    },
  };
}
