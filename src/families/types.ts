/** What a latent block is in a published family (docs/published-families.md §14: one state machine for all loops). */
import type { Example } from "../tasks/index.ts";
import type { AnswerReaders } from "./answers/readers.ts";
import type { ReadAnswer } from "./answers/types.ts";
import type { ImageRules } from "./images.ts";

/** Token ids of a block, and how many latents it has. */
export interface BlockIds {
  /** null: blocks have no start marker (static tokens in the prompt), or the model has no blocks. */
  startId: number | null;
  /** null: blocks have no end marker. */
  endId: number | null;
  /** Recorded in the ids where a latent stands; under `recordSampled` only where nothing was sampled. */
  padId: number;
  /** Latents per block: how many there are, or at most, or (`bounded` false) are usual. */
  k: number;
}

/** A learned map from hidden states to latents, of the checkpoint's own tensors. */
export interface LatentHeadRules {
  kind: "simple" | "glu";
  /** Tensors are named `PREFIX.mlp.0.weight`, … */
  prefix: string;
  /** Slots before this one (from 0) get the plain hidden state. */
  from: number;
}

/** A block ends once what was fed is near a learned vector. */
export interface StopRules {
  /** Name of the vector [D] in the checkpoint. */
  tensor: string;
  distance: "mse" | "mae" | "cosine";
  below: number;
}

/** The parameters of the state machine, named as in docs/published-families.md §14 where that names them. */
export interface BlockRules extends BlockIds {
  /** Latents of an oracle, where training has others than the loop. */
  oracleK?: number;
  /** Whether `k` ends a block; otherwise only what the model does ends it. */
  bounded: boolean;
  /** "input": a start marker that ends the prompt opens a block too; "sampled": only one that the model writes does. */
  entry: "sampled" | "input";
  /** The start marker's place already gets the hidden state that wrote it. */
  startUsesHidden: boolean;
  /** The start marker's place counts among the `k`. */
  kIncludesStart: boolean;
  /** An end marker that the model writes ends the block. */
  allowSampledEnd: boolean;
  /** After `k` latents the end marker is written; otherwise the model goes on as it likes. */
  forceEnd: boolean;
  /** What the model would have written is recorded in the slots, not `padId`. */
  recordSampled: boolean;
  /** Whether the family's own code keeps a state for each example of a batch. Lintel always does. */
  perSampleState: boolean;
  /** An end of text written within a block ends the text; otherwise it is ignored there. */
  eosEnds: boolean;
  /** A start marker written within a block is read as one, and the block begins anew. */
  startRestarts: boolean;
  /** "text": counters and flags are never reset, as in Mirage, whose later blocks hence end otherwise. */
  counters: "block" | "text";
  head: LatentHeadRules | null;
  stop: StopRules | null;
  /** Tokens with embeddings of their own that stand in the slots; nothing is fed back. */
  static: readonly number[] | null;
  /** Latents stand in the prompt (at `padId` or `static`), not in what the model writes. */
  placeholders: boolean;
}

/** A turn of the conversation as chat templates take it. */
export interface ContentPart {
  type: "text" | "image";
  text?: string;
}

/** A piece of the text that a model is trained to write. */
export type ResponsePart = { text: string } | { latents: number };

/** How the family's own evaluation decodes, as far as greedy decoding can follow it. */
export interface FamilyGeneration {
  /** Ids that a reply may have. */
  maxTokens: number;
  /** Where the evaluation sets one itself; otherwise that of generation_config.json counts. */
  repetitionPenalty?: number;
  /** What the family's own evaluation samples with, in words; Lintel decodes greedily. */
  sampling: string;
}

/** Looks up the id of a token. */
export type IdOf = (token: string) => number | undefined;
export type RawConfig = Readonly<Record<string, unknown>>;

export interface Family {
  name: string;
  /** The loop that runs; families with one loop call it by their own name. */
  dialect: string;
  /** SHA-256 of what its file says, of a family that a YAML file describes: files of one name may differ. */
  file?: string;
  /** Loops that the same weights are run with, by name; the family itself is the default one. */
  dialects?: Readonly<Record<string, Family>>;
  /** Tokens to add to a tokenizer that lacks them, in the family's order. */
  tokens: readonly string[];
  /** Keys that `config.json` of this family carries for `rules`. */
  configKeys(rules: BlockIds): Record<string, unknown>;
  /** Whether a checkpoint with this config.json and tokenizer is of the family. */
  detect(config: RawConfig, idOf: IdOf): boolean;
  /** The block's parameters, from config.json and, where it is silent, the tokenizer. `warn` is told of contradictions. */
  rules(config: RawConfig, idOf: IdOf, warn?: (warning: string) => void): BlockRules;
  /** The system turn; left out where the chat template decides. */
  system?: string;
  /** The user's turn: text and images in order. */
  content(example: Example): ContentPart[];
  /** What opens the assistant's turn, where it is not the chat template's. */
  generationPrompt?: string;
  /** Text behind the opened turn: the placeholders of latents that stand in the prompt. */
  tail?(rules: BlockRules): string;
  /** What the assistant should write: text, with a latent block of `k` slots per helper where `latents` is set. */
  response(example: Example, latents: boolean): ResponsePart[];
  /** Which readers the family's own evaluation uses, by benchmark where there are several (`familyOnBenchmark`). */
  answers: AnswerReaders;
  /** The option that a decoded text names, or null; as the family's own evaluation reads it where no benchmark is known. */
  readAnswer: ReadAnswer;
  /** The family's evaluation reads the prompt too, as part of the text. */
  readsPrompt?: true;
  /** Text that stands right before the option in a response: where option probabilities are read. */
  answerCue: string;
  generation: FamilyGeneration;
  /** How its evaluation makes pictures ready: applied to checkpoints of the published scale (docs/families.md). */
  pictures: ImageRules;
  /**
   * Oracle latents [k, width] of a helper image's merged features [n, width]; fewer rows where a family selects by a
   * `query` [width].
   */
  compress(features: Float32Array, width: number, k: number, query?: Float32Array): Float32Array;
  /** The oracle is a helper's features themselves, however many; `compress` is for replacements of a given length. */
  keepsRows?: true;
  /** Where an example says which part of an image a helper was cut out of, the oracle is that image's own features there. */
  boxes?: true;
  /** Merged tokens that a helper is made small enough for, where the family does that. */
  helperTokens?(rules: BlockRules): number;
  /** `compress` chooses rows by a query. */
  selects?: true;
  /** A second network that training took its targets from, which no released checkpoint holds (`--oracle-model`). */
  targets?: "teacher" | "sketch";
  /** Why there is no oracle, where it would take a network that the checkpoint does not hold. */
  noOracle?: string;
  /** What differs from the family's own oracle, in words. */
  oracleNote?: string;
}
