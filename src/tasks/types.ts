import type { Picture } from "../formats/index.ts";
import type { GridMap } from "./grid-moves.ts";

export type { Picture };

/** An image as stored in a dataset: the bytes of a PNG (or any format `sharp` decodes). */
export type ImageBytes = Uint8Array;

export type Attribute = string | number | boolean;

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A part of an input image. */
export interface Region {
  image: number;
  /** Left, top, right and bottom in pixels. */
  box: readonly [number, number, number, number];
  /** The image as it was, where the input shows it with this part covered. */
  uncovered?: ImageBytes;
}

/** The images after one thing in them was changed: the same question, of which another option may be right. */
export interface Edit {
  /** What was changed: "color", "removal", "shape", "space" (ReaLVR), or another word. */
  kind: string;
  /** As many as the example has. */
  images: ImageBytes[];
  /** Index of the option that is right now; that of the example where the edit leaves the answer as it is. */
  answer: number;
}

/** One question. */
export interface Example {
  /** Unique within its dataset. */
  id: string;
  /** The user's turn; every `<image>` stands for the next of `images`, in order. */
  question: string;
  images: ImageBytes[];
  /** The text refers to images by number (`<image 2>`): families that put all images first leave them where they are. */
  interleaved?: true;
  /** What the model must write for each option: "a", "b", … or words. */
  options: string[];
  /** Index into `options` of the right one. */
  answer: number;
  /** What the options say, where `options` are the letters that name them in the question. */
  optionTexts?: string[];
  /** The answer is a plan over this map, and any plan that reaches the goal is right, whatever the options say. */
  map?: GridMap;
  /** Examples of one group count together: only where all are right, the group is. */
  group?: string;
  /** Helper images, one per latent step (block). Empty for a dataset without helpers. */
  helpers: ImageBytes[];
  /** What the question is about, where a helper was cut out. Only of datasets that say it. */
  regions?: Region[];
  /** What all of `images` show, in words: what is in their place where a model is not shown them. */
  caption?: string;
  /** What the helpers show, in words. */
  helperText?: string;
  /** Edited versions of the images. Only of datasets that have them. */
  edits?: Edit[];
  /** For each option the helpers that would make it right; null for the right one and where none exists. */
  counterfactuals: (ImageBytes[] | null)[];
  /** Known facts about the example, for probes and slices. */
  attributes: Record<string, Attribute>;
  /**
   * Reasoning in words, `helpers.length + 1` pieces: before each latent block, and after the last one up to the answer.
   * Absent where a model is to write nothing but blocks and answer.
   */
  reasoning?: string[];
  /** The symbolic state that everything was painted from: enough to solve the example, or to paint it anew. */
  state?: Json;
  /**
   * How often the best reader of the options alone, who sees neither question nor input, is right; absent where that is one
   * over their number.
   */
  chance?: number;
}

/** What a task knows of an example beyond its columns. */
export type Described = Pick<Example, "regions" | "caption" | "helperText" | "chance">;

/** An example that could not be read or asked, and why. */
export interface Skipped {
  example: string;
  reason: string;
}

/** Examples of one split of a dataset. */
export interface Split {
  /** "train" | "eval" | "held-out" | … */
  name: string;
  /** Name of the task that made it, or of the dataset it was read from. */
  task: string;
  examples: Example[];
}

/** One dial of a task. */
export interface ParameterSpec {
  default: string | number | boolean;
  /** What it does, for `--help` and the dataset card. */
  description: string;
  /** Recorded only where it is not the default: datasets from before there was such a parameter are the same as ever. */
  quiet?: true;
  /** The values a text parameter may have. */
  choices?: readonly string[];
  /** Bounds of a whole-number parameter, both inclusive. */
  min?: number;
  max?: number;
}

export type Parameters = Record<string, string | number | boolean>;

/** The dials that every task has, next to its own. */
export interface CommonParameters {
  /** "full": one sheet that a person can read. "pocket": panels as small images, for models trained from scratch. */
  rendering: ParameterSpec;
  /** Reasoning in words around the latent blocks: "none", "named" (the transformation is specified), "plain" (it is not), "brief". */
  plan: ParameterSpec;
  /** 1 to 3; the task says what it does. */
  difficulty: ParameterSpec;
}

/** Values of the parameters that every task has, defaults filled in. */
export interface CommonValues {
  difficulty: number;
  rendering: string;
  plan: string;
}

/** A part of the work of making a split: the examples number `index`, `index + of`, `index + 2 · of`, … */
export interface Share {
  index: number;
  of: number;
}

/** What the pocket model must know of a task to see its images and to reason about them. */
export interface PocketFacts {
  /** `max_pixels` of the image processor: images are scaled down to at most this many pixels. */
  maxPixels: number;
  /** Number of latent vectors in a block (K). */
  latentsPerBlock: number;
  /**
   * How the decoder's weights start: "matching" where panels have to be compared (attention to neighbors, then to
   * what looks alike), "plain" where something has to be found.
   */
  start: "matching" | "plain";
  /** Visual tokens of a panel where these are several and compared: prompts then close images with `<|vision_end|>`. */
  panelTokens?: number;
}

/** A diagnostic task: makes examples of which everything is known, and solves them from their pictures alone. */
export interface Task {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /**
   * Names of its splits, "train" first. Those whose names begin with "held-out" have one size, all others but "train"
   * that of "eval".
   */
  readonly splits: readonly string[];
  readonly parameters: Readonly<CommonParameters & Record<string, ParameterSpec>>;
  /** What a pocket model of its examples must know, given all its parameters (`resolveParameters`). */
  pocket(parameters: Parameters): PocketFacts;
  /**
   * Makes the examples of a split one by one, as they are requested. Equal arguments give equal pixels on every
   * machine, and a smaller count gives the beginning of a larger one. Throws `LintelError` "usage" for unknown
   * splits and parameters, and when there are no more distinct examples. With `share`, only its examples are painted
   * and yielded, with the same ids as without; a task may ignore it and yield all.
   */
  generate(
    split: string,
    count: number,
    seed: number,
    parameters?: Parameters,
    share?: Share,
  ): Iterable<Example>;
  /**
   * Index of the right option, found from the question and the pixels (and, where the input hides the answer,
   * the helper) without knowing how the example was made. Throws `LintelError` "dataset" unless exactly one
   * option is right.
   */
  solve(example: Example): number;
  /** Where the subject of the question is in the images, and the images in words, from the symbolic state; nothing of others. */
  describe?(example: Pick<Example, "state" | "answer">): Described;
}
