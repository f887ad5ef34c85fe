/**
 * One question to a model: its answer with own latents, with others in the slots, and what is inside. Runs in the page
 * (models that fit) and beside the server (all others), so that both say the same.
 */
import {
  asLongAs,
  type Continuation,
  continueFrom,
  decodeToBlock,
  engineOf,
  type LatentModel,
  type Looked,
  lookInside,
  optionTokens,
  oraclesOf,
  promptOf,
  readContinuation,
  type SlotPlan,
} from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import type { Reply, Wanted } from "./types.ts";

type Blocks = readonly Float32Array[];

/** What a source takes from elsewhere than the question. */
interface Given {
  /** A helper for the source "drawn", as images of the example are. */
  drawn?: Uint8Array | undefined;
  /** Own latents of another example, one array per block, for the source "other". */
  other?: Blocks | undefined;
  /** Mean own latents of the split, one array per block, for the source "mean". */
  mean?: Blocks | undefined;
}

/** An example that was read up to its latent block. */
export interface Question {
  own: Reply;
  /** Own latents, one array [K·D] per block. */
  latents: Blocks;
  /** The reply with own latents moved towards a source. */
  answer(wanted: Wanted, given?: Given): Promise<Reply>;
  /** What is inside the answer with own latents; `deviation` [K·D] is that of own latents over the split. */
  inside(deviation: Float32Array | null): Promise<Looked>;
  /** Lets go of what was read of it. */
  release(): Promise<void>;
}

/** Block i, or the last one. */
const at = (blocks: Blocks, i: number): Float32Array => blocks[Math.min(i, blocks.length - 1)]!;

/** (1 − a)·own + a·other, block by block; slots that the other does not have stay own. */
const blended = (own: Blocks, other: Blocks, a: number): Float32Array[] =>
  own.map((block, i) => {
    const to = at(other, i);
    return block.map((value, d) => (d < to.length ? (1 - a) * value + a * to[d]! : value));
  });

/** Sources whose blocks keep their own length at the end of the way, as the interventions of an audit do. */
const keepsLength = (source: string): boolean =>
  source === "oracle" || source === "drawn" || source.startsWith("option-");

/**
 * Reads the question up to the latent block and answers it with own latents.
 *
 * Errors: those of prompts and oracles ("dataset", "checkpoint").
 */
export async function askModel(model: LatentModel, example: Example): Promise<Question> {
  const limits = {
    cue: model.tokenizer.encode(model.family.answerCue),
    maxTokens: model.generation.maxTokens,
  };
  const width = model.network.config.text.hiddenSize;
  const named = optionTokens(model, example.options) ?? [];
  const shared = await decodeToBlock(model, [{ ...(await promptOf(model, example)), named }], limits);
  const run = async (plan: SlotPlan): Promise<{ continuation: Continuation; reply: Reply }> => {
    const [[continuation]] = (await continueFrom(model, shared, [[plan]], limits)) as [[Continuation]];
    const read = readContinuation(model, shared.rows[0]!, continuation, example.options, example);
    const probabilities = read.optionLogProbabilities?.map(Math.exp) ?? null;
    return { continuation, reply: { text: read.text, choice: read.choice, probabilities } };
  };
  const own = await run({ kind: "own" }).catch(async (error) => {
    // Nobody else knows of the prefix yet: an engine elsewhere would keep it.
    await engineOf(model.network).drop(shared.prefix);
    throw error;
  });
  const { latents } = own.continuation;
  const oracleOf = (helpers: readonly Uint8Array[]): Promise<Float32Array[]> =>
    oraclesOf(model, { ...example, helpers: [...helpers] });
  const oracleOfOption = (option: number): Promise<Float32Array[]> =>
    // The boxes are those of the right option's helpers.
    oraclesOf(model, { ...example, helpers: example.counterfactuals[option] ?? [], regions: [] });
  /** The latents of a source, one array per block. */
  const latentsOf = async (source: string, { drawn, other = [], mean = [] }: Given): Promise<Blocks> => {
    if (source === "zeros") return latents.map((block) => new Float32Array(block.length));
    const [, option] = /^option-(\d+)$/.exec(source) ?? [];
    const found =
      source === "mean"
        ? mean
        : source === "other"
          ? other
          : option
            ? await oracleOfOption(Number(option))
            : await oracleOf(drawn ? [drawn] : example.helpers);
    const usable = found.filter(({ length }) => length > 0 && length % width === 0);
    ensure(usable.length > 0, "usage", () => ({
      where: source,
      expected: "latents to put into the slots",
      got: found.length === 0 ? "none" : `vectors of another width than ${width}`,
      attempt: "zeros",
    }));
    if (keepsLength(source)) return usable;
    // Block by block: one that the source left empty stays own.
    return latents.map((block, i) => {
      const from = at(found, i);
      return usable.includes(from) ? asLongAs(from, block.length, width) : block;
    });
  };
  return {
    own: own.reply,
    latents,
    async answer({ source, mix }, given = {}) {
      if (mix === 0 || latents.length === 0) return own.reply;
      if (source === "skip") return mix < 0.5 ? own.reply : (await run({ kind: "skip" })).reply;
      const towards = await latentsOf(source, given);
      // The end of the way equals the intervention bit for bit.
      const blocks = mix === 1 ? towards : blended(latents, towards, mix);
      return (await run({ kind: "fixed", blocks })).reply;
    },
    async inside(deviation) {
      const { mergeSize = 1 } = model.network.config.vision ?? {};
      const features = await model.features.get(example.images);
      // Images that are no grid of tokens cannot be drawn on.
      const grids = features.flatMap(({ grid }) => (grid ? [grid] : []));
      const images =
        grids.length === features.length
          ? grids.map(([, rows, columns]) => ({ rows: rows / mergeSize, columns: columns / mergeSize }))
          : [];
      const { options, answer } = example;
      const oracle = await oracleOf(example.helpers);
      return lookInside(model, shared, own.continuation, { options, answer, oracle, deviation, images });
    },
    release: () => engineOf(model.network).drop(shared.prefix),
  };
}
