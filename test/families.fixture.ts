/** The goldens of the families (test/goldens/families/README.md), opened: their networks, prompts and tensors. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { BlockRules } from "../src/families/index.ts";
import { float32 } from "../src/graph/index.ts";
import {
  createTokenizer,
  type EncodedImage,
  type Grid,
  type Prompt,
  parseConfig,
  parseProcessorConfig,
  pocketTokenizer,
  promptVisuals,
  type WeightValues,
} from "../src/qwen/index.ts";
import type { NetworkConfig } from "../src/reasoning/engine/types.ts";
import { type AssembleOptions, assembleModel, type LatentModel } from "../src/reasoning/index.ts";
import { assembleAround } from "../src/reasoning/load-model.ts";
import type { Example } from "../src/tasks/index.ts";
import { networkElsewhere, networkOfFiles } from "./engine.fixture.ts";
import { readTensors } from "./tiny.fixture.ts";

export interface Case {
  name: string;
  dialect: string;
  rules: Partial<BlockRules>;
  repetitionPenalty: number;
  eos: number;
  prompt: number[];
  grid: Grid | null;
  ids: number[];
  /** `stride`: places from one latent to the next, where something else is read between them. */
  blocks: {
    at: number;
    count: number;
    ending: "sampled" | "forced" | "free" | "length" | "prompt";
    stride?: number;
  }[];
}

interface Golden {
  weights: string[];
  tokens: Record<string, number>;
  pixelScale: number;
  oracle: {
    grid: Grid;
    k?: number;
    /** In parts of the image, and how many latents each has. */
    boxes?: [number, number, number, number][];
    counts?: number[];
  } | null;
  /** Oracles that take a second network. */
  targets?: Targets[];
  /** A record of the family's own data, and the ids that its training makes of it: image tokens of each picture as told. */
  dialogue?: { record: unknown; pictures: Record<string, number>; k: number; added: string[]; ids: number[] };
  cases: Case[];
}

/**
 * What a second network makes of helpers: a teacher of two, of which grids are told, `counts` rows of each; SkiLa's
 * extractor of so many sketches.
 */
interface Targets {
  name: string;
  k: number;
  sketches: number;
  ids: number[];
  assistant: number;
  grid: Grid | null;
  helpers: Grid[];
  counts: number[];
}

const root = new URL("./goldens/families/", import.meta.url).pathname;
/** Families of an architecture that only the engine of LINTEL_ENGINE has. */
const elsewhere = new Set(["ivt-lr", "cvrr"]);
export const folders = readdirSync(root).filter(
  (name) =>
    existsSync(`${root}${name}/golden.json`) &&
    (!elsewhere.has(name) || process.env.LINTEL_ENGINE !== undefined),
);
/** An example of nothing. */
export const plain: Example = {
  id: "golden",
  question: "",
  images: [new Uint8Array(1)],
  options: [],
  answer: 0,
  helpers: [],
  counterfactuals: [],
  attributes: {},
};

/** What is known of a config.json of an architecture that Lintel does not read. */
const describedConfig = (raw: Record<string, unknown>): NetworkConfig => {
  const number = (name: string) => raw[name] as number;
  return {
    modelType: raw.model_type as string,
    text: {
      hiddenSize: number("hidden_size"),
      layers: number("num_hidden_layers"),
      kvHeads: number("num_key_value_heads"),
      headDim: number("hidden_size") / number("num_attention_heads"),
      vocabSize: number("vocab_size"),
    },
    vision: { mergeSize: 2 },
    tokens: {
      image: number("image_token_id"),
      visionStart: number("vision_start_token_id"),
      visionEnd: number("vision_end_token_id"),
    },
    raw,
  };
};

/** One family's golden. The networks are released with `release`. */
export async function openFamily(name: string) {
  const json = (file: string) => JSON.parse(readFileSync(`${root}${name}/${file}`, "utf8"));
  const golden: Golden = json("golden.json");
  const raw: Record<string, unknown> = json("config.json");
  const config = elsewhere.has(name) ? null : parseConfig(raw, `${name}/config.json`);
  const stored = await Promise.all(golden.weights.map((path) => readTensors(`${root}${name}/${path}`)));
  const weights: WeightValues = Object.fromEntries(
    stored.flatMap((file) => [...file].map(([key, { data, shape }]) => [key, float32(data, shape)] as const)),
  );
  const tensors = await readTensors(`${root}${name}/golden.safetensors`);
  const processor = parseProcessorConfig(
    { patch_size: 6, merge_size: 2, temporal_patch_size: 2, min_pixels: 144, max_pixels: 14400 },
    name,
  );
  const tokenizer = {
    ...createTokenizer(pocketTokenizer(["a"]), name),
    idOf: (token: string) => golden.tokens[token],
  };
  // The goldens of all families by another engine.
  const command = process.env.LINTEL_ENGINE;
  const other = config ?? describedConfig(raw);
  const remote =
    command === undefined
      ? null
      : config
        ? await networkElsewhere(command, config, weights)
        : await networkOfFiles(command, other, `${root}${name}/${golden.weights[0]}`);
  const parts = { weights, tokenizer, processor };
  const models = new Map<string, LatentModel>();
  const modelOf = ({ dialect, rules, repetitionPenalty, eos }: Case, options: AssembleOptions = {}) => {
    const key = JSON.stringify([dialect, options]);
    const made =
      models.get(key) ??
      (remote
        ? assembleAround(
            remote,
            { ...parts, config: other, eos: [eos], family: dialect },
            { threads: 1, readsLogits: false, makesBlocks: true },
          )
        : assembleModel(
            { ...parts, config: config!, eos: [eos], family: dialect },
            { threads: 1, ...options },
          ));
    models.set(key, made);
    return {
      ...made,
      eos: [eos],
      rules: { ...made.rules, ...rules },
      generation: { ...made.generation, repetitionPenalty },
    };
  };
  const encode = async (model: LatentModel, patches: string, grid: Grid): Promise<EncodedImage> => {
    const scaled = tensors.get(patches)!.data.map((x) => x * golden.pixelScale);
    return (await model.network.features([{ patches: scaled, grid }]))[0]!;
  };
  const prompts = (model: LatentModel): Promise<Prompt[]> =>
    Promise.all(
      golden.cases.map(async ({ name: label, prompt, grid }) => ({
        ids: prompt,
        ...promptVisuals(grid ? [await encode(model, `patches.${label}`, grid)] : []),
        grids: grid ? [grid] : [],
      })),
    );
  const release = () => Promise.all([...models.values()].map((model) => model.network.release()));
  return { golden, tensors, weights, modelOf, encode, prompts, release };
}
