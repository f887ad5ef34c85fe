/** What a latent block is in a published family (docs/published-families.md §14: one state machine for all loops). */
import type { Example } from "../tasks/index.ts";
import type { AnswerReaders } from "./answers/readers.ts";
import type { ReadAnswer } from "./answers/types.ts";
import type { ImageRules, PixelBounds } from "./images.ts";

/** Token ids of a block and its number of latents. */
export interface BlockIds {
  /** null: no start marker (static tokens in the prompt), or no blocks. */
  startId: number | null;
  /** null: no end marker. */
  endId: number | null;
  /** Placeholder token recorded for slots; with `recordSampled` only where no token was sampled. */
  padId: number;
  /** Latents per block: exact number, maximum, or (`bounded` false) usual number. */
  k: number;
}

/** A latent head in the checkpoint: a learned map from hidden states to latents. */
export interface LatentHeadRules {
  kind: "simple" | "glu" | "vae" | "bottleneck" | "swiglu";
  /** Tensors are named `PREFIX.mlp.0.weight`, … */
  prefix: string;
  /** First slot (from 0) with the head; earlier slots get the plain hidden state. */
  from: number;
  /** The head makes only what slots are fed; absent: the forward pass applies it, and logits are read through it. */
  replaces?: "input";
  /** It reads the state after this layer (1: the first), in slots that it makes; absent: the state behind the last norm. */
  layer?: number;
}

/** A block ends when the last input is near a learned vector. */
export interface StopRules {
  /** Name of the vector [D] in the checkpoint. */
  tensor: string;
  distance: "mse" | "mae" | "cosine";
  below: number;
}

/** The parameters of the state machine, named as in docs/published-families.md §14 where that names them. */
export interface BlockRules extends BlockIds {
  /** Latents of an oracle, if training uses another number than the loop. */
  oracleK?: number;
  /** Whether a block ends after `k` latents; otherwise only the model ends it. */
  bounded: boolean;
  /** "sampled": only a generated start marker opens a block; "input": also one at the end of the prompt. */
  entry: "sampled" | "input";
  /** The input at the start marker is already the hidden state that generated it. */
  startUsesHidden: boolean;
  /** The start marker counts as one of the `k`. */
  kIncludesStart: boolean;
  /** A generated end marker ends the block. */
  allowSampledEnd: boolean;
  /** After `k` latents the end marker is forced; otherwise generation continues freely. */
  forceEnd: boolean;
  /** The tokens that the model would have generated are recorded in the slots instead of `padId`. */
  recordSampled: boolean;
  /** Whether the family's code keeps separate state per example of a batch. Lintel always does. */
  perSampleState: boolean;
  /** An end-of-text token generated within a block ends the text; otherwise it is ignored there. */
  eosEnds: boolean;
  /** A start marker generated within a block restarts the block. */
  startRestarts: boolean;
  /** "text": counters and flags are never reset, as in Mirage, which affects the end of later blocks. */
  counters: "block" | "text";
  head: LatentHeadRules | null;
  stop: StopRules | null;
  /** Tokens with learned embeddings in the slots; no hidden state is fed back. */
  static: readonly number[] | null;
  /** Latents are in the prompt (at `padId` or `static`), not in generated text. */
  placeholders: boolean;
  /** Static tokens that are ordinary ones elsewhere: the block is where the prompt has all of these last, one after the other. */
  spelled?: readonly number[];
  /**
   * A branch of the network makes all latents of a block at once; absent: they are the model's own states, one after the
   * other. Slots and forced end markers then do not count towards the limit of new tokens.
   */
  made?: "branch";
  /**
   * Features of the prompt's last image that are read before each slot: those that were not read before and that what was read
   * last attends to most, mean of all layers and heads. What a slot is fed is the state before them.
   */
  picks?: number;
  /**
   * The block is made of all words of the prompt, which is read with its images first and which nothing behind it sees: what the
   * branch makes stands in the place of their states behind one layer when they are read again, from position 0. These ids are no
   * words: images, and the marks around them.
   */
  apart?: readonly number[];
  /** Positions count all tokens one by one, those of images as well; absent: as the architecture counts them. */
  positions?: "text";
  /** Blocks of a text at most; a further start marker ends it. Absent: any number. */
  maxBlocks?: number;
  /** A start marker beyond `maxBlocks` is a word like any other, and the text goes on. */
  furtherStarts?: "words";
  /** Ids that are written after the end marker of a block that has as many latents as it may have. */
  afterLimit?: readonly number[];
  /** Behind an end marker the next block opens, until there are `maxBlocks`; then these ids are written. */
  afterBlocks?: readonly number[];
}

/** An item of a turn, in the format of chat templates. */
export interface ContentPart {
  type: "text" | "image";
  text?: string;
}

/** A segment of the target text of training. */
export type ResponsePart = { text: string } | { latents: number };

/** Decoding settings of the family's evaluation, as far as they apply to greedy decoding. */
interface FamilyGeneration {
  /** Maximum number of new tokens. */
  maxTokens: number;
  /** If the evaluation sets one; default: that of generation_config.json. */
  repetitionPenalty?: number;
  /** Sampling settings of the family's evaluation as text; Lintel decodes greedily. */
  sampling: string;
}

/** Looks up the id of a token. */
export type IdOf = (token: string) => number | undefined;
export type RawConfig = Readonly<Record<string, unknown>>;

export interface Family {
  name: string;
  /** The variant of the generation loop; the family name for families with one loop. */
  dialect: string;
  /** For families from a YAML file: SHA-256 of its content, since files with the same name may differ. */
  file?: string;
  /** Further loops for the same weights by name; the family itself is the default. */
  dialects?: Readonly<Record<string, Family>>;
  /** Tokens to add to a tokenizer without them, in the family's order. */
  tokens: readonly string[];
  /** Keys of `config.json` that `rules` reads. */
  configKeys(rules: BlockIds): Record<string, unknown>;
  /** Whether a checkpoint with this config.json and tokenizer belongs to the family. */
  detect(config: RawConfig, idOf: IdOf): boolean;
  /** The block rules from config.json, with the tokenizer as fallback. `warn` receives contradictions. */
  rules(config: RawConfig, idOf: IdOf, warn?: (warning: string) => void): BlockRules;
  /** The system turn; default: that of the chat template. */
  system?: string;
  /** The user's turn: text and images in order. */
  content(example: Example): ContentPart[];
  /** The start of the assistant turn; default: that of the chat template. */
  generationPrompt?: string;
  /** What follows the words of a question where a checkpoint has no chat template; undefined: it has to have one. */
  plain?: string;
  /** Text after the start of the assistant turn: placeholders of latents in the prompt. */
  tail?(rules: BlockRules): string;
  /** The target response: text, with a latent block of `k` slots per helper image if `latents` is set. */
  response(example: Example, latents: boolean): ResponsePart[];
  /** The interventions that mean something, by name in the registry or with a path, and why others do not; absent: all. */
  controls?: { offers: readonly string[]; why: string };
  /** The answer readers of the family's evaluation, by benchmark if there are several (`familyOnBenchmark`). */
  answers: AnswerReaders;
  /** The option that a decoded text names, or null, by the family's default reader. */
  readAnswer: ReadAnswer;
  /** The family's evaluation reads the prompt as part of the text. */
  readsPrompt?: true;
  /** Text right before the option in a response, where option probabilities are read. */
  answerCue: string;
  generation: FamilyGeneration;
  /** Image preprocessing of its evaluation, applied to checkpoints of published scale (docs/families.md). */
  pictures: ImageRules;
  /**
   * Oracle latents [k, width] from a helper image's merged features [n, width]; fewer rows if a family selects rows by a
   * `query` [width].
   */
  compress(features: Float32Array, width: number, k: number, query?: Float32Array): Float32Array;
  /** The oracle is all features of a helper image; `compress` is only used for replacements of a given length. */
  keepsRows?: true;
  /** An oracle that has another number of rows than a block has latents is an error of the example. */
  exactRows?: true;
  /** Bounds of helper images' areas, where they differ from those of images of questions. */
  helperPixels?(config: RawConfig): PixelBounds | undefined;
  /** If an example gives the source box of a helper image, the oracle is the input image's features there. */
  boxes?: true;
  /** Maximum number of merged tokens of a helper image, if the family limits it. */
  helperTokens?(rules: BlockRules): number;
  /** `compress` selects rows by a query. */
  selects?: true;
  /** A second network that provided the training targets and is not in released checkpoints (`--oracle-model`). */
  targets?: "teacher" | "sketch";
  /** Why there is no oracle. */
  noOracle?: string;
  /** Differences from the family's own oracle, as text. */
  oracleNote?: string;
}
