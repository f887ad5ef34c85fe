/** What reasoning needs of a network, wherever it runs: prompts read once, and rows that are continued from them. */
import type {
  EncodedImage,
  Grid,
  Message,
  ProcessedImage,
  Prompt,
  QwenModel,
  Replay,
  ReplayOptions,
  ReplayRow,
  TextConfig,
  VisionConfig,
} from "../../qwen/index.ts";
import type { Picture } from "../../tasks/index.ts";

/** What reasoning knows of a network of any architecture; a QwenConfig is one. */
export interface NetworkConfig {
  modelType: string;
  text: Pick<TextConfig, "hiddenSize" | "layers" | "kvHeads" | "headDim" | "vocabSize">;
  /** Where images become a grid of patches, merged to tokens. */
  vision?: Pick<VisionConfig, "mergeSize">;
  /** -1: the model has none. */
  tokens: { image: number; visionStart: number; visionEnd: number };
  /** The parsed config.json, with the keys that families add. */
  raw: Record<string, unknown>;
}

/** Logits by id: of the whole vocabulary, or of the ids that were named. */
export interface NamedLogits {
  readonly [id: number]: number;
}

/** One thing that a row reads: a token, its own last hidden state, or a given vector; `id` is what is recorded. */
export interface Feed {
  id: number;
  /**
   * Absent: the embedding of `id`. "branch": what the network makes for a whole block at once. "picked": the next of the
   * features of the prompt's last image that what was read before them attends to most; they leave the row's own state as it was.
   */
  vector?: Float32Array | "own" | "branch" | "picked";
}

/** Greedy text behind what was fed. */
export interface TextRules {
  forbid: readonly (number | null)[];
  /** Ids that end the program without being read; those of `final` and the limit end the row for good. */
  stop: readonly number[];
  final: readonly number[];
  /** Ids that may be written. */
  limit: number;
}

/** An id and its probability. */
export interface Likely {
  id: number;
  probability: number;
}

/** What a row does next: reads `feed`, then writes text or only chooses. */
export interface Program {
  /** What a head made of the row's last state, before anything else; `logits` [V] where the head read them itself. */
  replace?: { state: Float32Array; logits: Float32Array | null };
  feed: readonly Feed[];
  /** Columns that nothing of this program can attend to; prefix first, then what the row was fed. null: plain attention. */
  hide: readonly number[] | null;
  text: TextRules | null;
  /** Greedy choices at the end of the program, one for each list of forbidden ids. */
  choose: readonly (readonly (number | null)[])[];
  /** Ids that were written before this program and may begin the cue, and those whose logits are wanted behind it. */
  cue: { tail: readonly number[]; named: readonly number[] } | null;
  /** Of what the branch makes, how many steps it takes; absent: as many as usual. */
  steps?: number;
  /** Return the hidden state at the end. */
  state: boolean;
  /** What is returned is the state after this layer (1: the first) instead; the program has something to read. */
  layer?: number;
}

/**
 * How a program ended. "final", "limit": the row is done for good. "stop": at an id of `stop`. "fed": without text.
 * "more": another row's program ended first; the rest of this one is still to do.
 */
export type ProgramEnd = "final" | "limit" | "stop" | "fed" | "more";

export interface RowResult {
  end: ProgramEnd;
  /** Ids that text wrote and read, and the one that ended it. */
  written: readonly number[];
  id: number | null;
  /** Number of `feed` that were read, and the vectors of those that were the row's own state. */
  fed: number;
  own: readonly Float32Array[];
  /** Number of ids recorded by this run when the cue was complete, and the logits there. */
  cueAt: number | null;
  cueLogits: NamedLogits | null;
  chosen: readonly number[];
  state: Float32Array | null;
  /** Whether all numbers behind its choices are finite. */
  finite: boolean;
}

/** What a run needs besides its programs. */
export interface RunOptions {
  /** Ids of the answer's cue; empty: none. */
  cue: readonly number[];
  /** Repetition penalty; 1: none. */
  penalty: number;
}

/** Rows that read and write, each with a cache. */
export interface Rows {
  /**
   * Runs a program for each row (null: it is done for good), one token per step, until the first of them has ended
   * otherwise than for good. Rows never wait for others.
   */
  run(programs: readonly (Program | null)[], options: RunOptions): Promise<(RowResult | null)[]>;
  release(): Promise<void>;
}

/** Prompts that have been read; `end` turns them, with what was written, into a prefix. */
export interface OpenPrompts extends Rows {
  /** Whether logits and state behind each prompt are finite. */
  finite: readonly boolean[];
  end(): Promise<Prefix>;
}

/** Keys and values of B examples: P columns, those of shorter ones and of waiting rows masked. */
export interface Prefix {
  batch: number;
  length: number;
  /** Additive, [B, P]: 0 where a token can be seen. */
  mask: Float32Array;
  /** Bytes that it takes up elsewhere; absent where its keys and values are here. */
  remoteBytes?: number;
}

/** Keys and values that an engine elsewhere holds. `rows`: which rows of the handle these are. */
export interface RemotePrefix extends Prefix {
  handle: number;
  rows: readonly number[];
  remoteBytes: number;
}

/** A prompt, whose images an engine elsewhere may keep, by its numbers. */
export interface EnginePrompt extends Prompt {
  images?: readonly number[];
  /** Positions count all tokens one by one, and features of the last image may be picked (`BlockRules`). */
  plain?: boolean;
  /** Nothing behind the prompt sees it (`BlockRules`). */
  apart?: boolean;
}

/** A network that reads and continues prompts. */
export interface Engine {
  readonly config: NetworkConfig;
  /** Embedding-table rows [n, D]. */
  embed(ids: ArrayLike<number>): Promise<Float32Array>;
  /** `dropImages`: their keys and values are dropped once the prompts are read. */
  open(prompts: readonly EnginePrompt[], options?: { dropImages?: boolean }): Promise<OpenPrompts>;
  /**
   * Post-norm hidden states [B·T, D] of all tokens of prompts, padded on the left to the longest; null where the network
   * was loaded without them (`everyHidden`).
   */
  states(prompts: readonly EnginePrompt[]): Promise<Float32Array | null>;
  /**
   * `n` continuations of every row of a prefix, those of one example one after the other. `seen`: by example, ids that
   * count for the repetition penalty from the start.
   */
  fork(prefix: Prefix, n: number, seen: readonly Iterable<number>[]): Promise<Rows>;
  /** Examples `which` of a prefix, in their order; valid as long as the prefix is. */
  select(prefix: Prefix, which: readonly number[]): Prefix;
  /** Lets go of a prefix that is kept elsewhere. */
  drop(prefix: Prefix): Promise<void>;
  /** Row i continues example i of the prefix. Absent where nothing but decoding is offered. */
  replay?(prefix: Prefix, rows: readonly ReplayRow[], options?: ReplayOptions): Promise<Replay>;
  /**
   * The `count` likeliest ids of states [N, D] between layers, the first of equals before the others, as if the decoder ended
   * there; `normed`: of states behind the last norm. Absent where single layers are not offered.
   */
  likeliest?(states: Float32Array, count: number, normed?: boolean): Promise<Likely[][]>;
}

/** An engine that runs elsewhere. */
export interface RemoteNetwork extends Engine, Pick<QwenModel, "replayWhole" | "patchGradients"> {
  readonly remote: true;
  /** Bytes that were free on its device once it had loaded. */
  readonly freeBytes?: number;
  features(images: readonly ProcessedImage[]): Promise<EncodedImage[]>;
  release(): Promise<void>;
}

/** Rows and columns of an image's tokens, which are the whole picture's in raster order. */
export type TokenGrid = readonly [rows: number, columns: number];

/**
 * An image that an engine read by itself, and keeps by a number; `grid` where the architecture has such grids, `raster` where its
 * tokens are a raster without one.
 */
interface KeptImage extends EncodedImage {
  kept: number;
  grid: Grid | null;
  raster: TokenGrid | null;
}

/** What a checkpoint's own processor makes of pictures and messages, at an engine that knows its architecture. */
export interface EngineProcessor {
  /** Class of the network, for errors. */
  architecture: string;
  /** Whether the model reads images, and whether the checkpoint has a chat template. */
  vision: boolean;
  template: boolean;
  /** Ids that no text may have: they stand for images. */
  imageTokens: readonly number[];
  pictures(pictures: readonly Picture[]): Promise<KeptImage[]>;
  /** Ids of a prompt, and the images whose features stand in it: those given, or others where several are read otherwise than one. */
  encode(prompt: EngineMessages, images: readonly number[]): Promise<{ ids: number[]; images: number[] }>;
  /** Ids of a prompt with these pictures, of which nothing is computed. */
  preview(prompt: EngineMessages, pictures: readonly Picture[]): Promise<number[]>;
}

/** Messages, and what the assistant has said already. */
export interface EngineMessages {
  messages: readonly Message[];
  generationPrompt: boolean;
  tail: string;
  /** Whether the chat template is used; otherwise the messages' words are the prompt. */
  template: boolean;
}

/** What runs a network elsewhere, as an audit records it. */
export interface EngineRecord {
  engine: "torch";
  /** Of weights and activations, and the implementation of attention. */
  dtype: string;
  attention: string;
  devices: readonly string[];
  deviceName: string;
  /** Of Python, torch, transformers, … */
  versions: Readonly<Record<string, string>>;
  /** What it said while it worked, such as batches that were halved. */
  notes: readonly string[];
}

/** The network of a model: in this process, or elsewhere. */
export type Network = QwenModel | RemoteNetwork;
