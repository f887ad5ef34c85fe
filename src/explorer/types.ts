/**
 * Contents that the explorer's app reads, each a JSON document with a key: the server makes them on request, the static
 * export writes them to files. The app imports these types and nothing else of `src`.
 */
import type { AuditResult, ExampleOutcomes } from "../audit/index.ts";
import type { GenerationConfig, ProcessorConfig, QwenConfig } from "../qwen/index.ts";
import type { Inside, Looked } from "../reasoning/index.ts";
import type { Role, TrainingCurve } from "../report/index.ts";
import type { CellResult, Results } from "../study/index.ts";

export type { Inside, Looked, TrainingCurve };

/** One audit of the run, with its number: the keys of its contents carry it. */
export interface AuditEntry {
  /** "tetris/joint/0 · eval" */
  name: string;
  cell: string;
  task: string;
  recipe: string;
  seed: string;
  split: string;
  /** What of it can be read: examples in the journal, latents, and the dataset with its images. */
  outcomes: boolean;
  latents: boolean;
  /** Bytes of the journal, only of an audit that is still being written: the page reads it anew where it grows. */
  growing?: number;
  /** Number of the split's samples (key `samples/N/BLOCK`); null where the dataset is not at hand. */
  samples: number | null;
  /** Number of the model that can run in the page; null where there is none. */
  model: number | null;
  /** The model answers beside the server (`POST ask`), where the page cannot run it. */
  beside: boolean;
  /** `audit.json` as it is; null where it is missing or broken. */
  result: AuditResult | null;
  /** It is not finished, and a process works on it. */
  held: boolean;
  /** `audit.json` is there, and cannot be read. */
  broken?: true;
  /** The content-free control with the highest accuracy; null where none was measured. */
  bestControl: string | null;
  /** "at chance" or "below chance" where own latents are not shown to beat it. */
  chanceNote: string | null;
}

export interface CellEntry {
  id: string;
  task: string;
  recipe: string;
  seed: string;
  training: CellResult["training"] | null;
  /** Steps of the plan, where known. */
  steps: number | null;
  /** Whether there is a training journal (key `curve/N`), and latents of its evaluations (key `course/N`). */
  curve: boolean;
  course: boolean;
  /** Audits of the plan that are finished, and how many there are to be. */
  audited: number;
  audits: number;
}

/** Key `run`. */
export interface RunContent {
  lintel: string;
  title: string;
  kind: "study" | "audits";
  /** Whether all of it is there; if not, whether a process works on it. */
  state: "whole" | "running" | "stopped";
  /** What is missing or cannot be read, as sentences. */
  notes: string[];
  audits: AuditEntry[];
  cells: CellEntry[];
  findings: Results["findings"];
  leaderboard: NonNullable<Results["leaderboard"]>;
  factors: NonNullable<Results["factors"]>;
  seconds: number | null;
  /** By name: how an intervention is drawn, and what it does. */
  interventions: Record<string, { role: Role; text: string }>;
  verdicts: Record<string, string>;
}

/** Key `rows/AUDIT`: one entry per example for the table. Typed arrays are base64. */
export interface RowsContent {
  n: number;
  interventions: string[];
  ids: string[];
  /** Index of the right option, and number of options; Uint8 [n]. */
  answers: string;
  options: string;
  /** Int8 [interventions, n]: the option chosen, UNREAD or ABSENT. */
  choices: string;
  /** Uint8 [interventions, n]: probability of the right option × 250, or 255 where there is none. */
  right: string;
  /** Uint8 [n]: 1 where the two readers of some reply name different options. */
  disagree: string;
  /** Uint8 [n]: the option that own latents look like; 255 where none is known. Absent where no example has one. */
  looks?: string;
  /** Uint16 [n]: rank of the example's oracle among all oracles by cosine to its own latent (1 is nearest); 0 unknown. Absent without latents. */
  rank?: string;
  /** Int32 [n]: number of the example in its dataset; −1 where it is not there. Absent without a dataset. */
  sample?: string;
  /** Attributes of the examples with few values: codes are Uint8 [n] into `values`. */
  attributes: Record<string, { values: string[]; codes: string }>;
  notes: string[];
}

export const UNREAD = -1;
export const ABSENT = -2;

/** Outcomes of one block (key `outcomes/AUDIT/BLOCK`): lines of the journal. */
export const OUTCOME_BLOCK = 32;
export type OutcomesContent = ExampleOutcomes[];

/** Examples of one block of a split (key `samples/N/BLOCK`). */
export const SAMPLE_BLOCK = 8;
export interface SampleImage {
  uri: string;
  width: number;
  height: number;
}
export interface Sample {
  id: string;
  question: string;
  images: SampleImage[];
  options: string[];
  optionTexts?: string[];
  answer: number;
  helpers: SampleImage[];
  counterfactuals: (SampleImage[] | null)[];
  attributes: Record<string, string | number | boolean>;
  reasoning?: string[];
  /** Why there are no images, or nothing at all. */
  missing?: string;
}
export type SamplesContent = (Sample | null)[];

/** Key `latents/AUDIT`. */
export interface LatentsContent {
  /** Rows of the outcomes (`rows/AUDIT`) that are drawn, in order. */
  rows: number[];
  slots: number;
  width: number;
  /** The mean over the slots, then slot by slot where there are several. */
  views: LatentView[];
  /** Float32 [slots · width]: standard deviation of own latents over all examples. */
  deviation: string;
  notes: string[];
}
export interface LatentView {
  name: string;
  /** Float32 [rows, components]: scores on the principal components of own and oracle latents together. */
  own: string;
  oracle: string;
  components: number;
  /** Share of the variance of each component. */
  explained: number[];
  /** Singular values, each relative to the largest, of the centered latents. */
  spectra: { own: number[]; oracle: number[] };
  /** Uint16 [rows, NEAREST] positions in `rows` whose oracles are nearest to each own latent, and Float32 cosines. */
  nearest: string;
  cosines: string;
  /** Uint16 [rows]: rank of the right oracle. */
  ranks: string;
  /** Float32 [rows]: cosine of own latent to its own oracle. */
  paired: string;
  /** Float32 [size, size] cosines of the first rows: own to own, own to oracle, oracle to oracle. */
  matrix: { size: number; ownOwn: string; ownOracle: string; oracleOracle: string };
}
export const NEAREST = 6;

/** Key `course/CELL`: own and oracle latents at each evaluation of a training, on the same axes. */
export interface CourseContent {
  examples: string[];
  /** Share of the variance of the two axes: principal components of all own and oracle latents of all steps. */
  explained: number[];
  steps: {
    step: number;
    /** Float32 [examples, 2]; NaN where an example has no block. */
    own: string;
    oracle: string;
    /** Means over pairs of examples, and over examples: own with own, oracle with oracle, own with its oracle. */
    cosines: { own: number | null; oracle: number | null; paired: number | null };
  }[];
}

/** Key `compare/A/B`: two audits on the examples that both have. */
export interface CompareContent {
  n: number;
  missing: string[];
  /** Which is better under own latents, as `lintel compare` says it: B against A, and A against B. */
  conclusions: { ba: string; ab: string };
  interventions: string[];
  /** Interventions that A alone has, and that B alone has. */
  alone: [string[], string[]];
  /** By intervention: the paired comparison of B with A, as `lintel audit` computes its own. */
  comparisons: Record<string, AuditResult["comparisons"][number]>;
  accuracy: Record<string, [number, number]>;
  /** Attribute → value → own latents on the examples with that value; p-values are Holm-corrected within an attribute. */
  slices: Record<
    string,
    Record<string, { accuracy: [number, number]; comparison: AuditResult["comparisons"][number] }>
  >;
  /** Positions in the rows of A and of B, of the examples that both have; Int32 base64. */
  rowsA: string;
  rowsB: string;
}

/** Key `model/N`: a pocket model, which runs in the page. */
export interface ModelContent {
  config: QwenConfig;
  processor: ProcessorConfig;
  /** Ids that end a reply. */
  eos: number[];
  generation: GenerationConfig;
  /** The tokenizer's files by name. */
  tokenizer: Readonly<Record<string, string>>;
  /** Weights by name: their shape, and the place of their first number in `values`. */
  tensors: { name: string; shape: number[]; at: number }[];
  /** Float32 of all weights, base64. */
  values: string;
}

/** Key `mean/AUDIT`: mean own latents over the split, Float32 [slots · width] by block. */
export interface MeanContent {
  blocks: string[];
}

/** What is wanted in the slots: own latents moved by `mix` towards a source. */
export interface Wanted {
  /** oracle, option-N, drawn, zeros, mean, other, skip. */
  source: string;
  mix: number;
}

/** Asked of a model beside the server: the body of `POST ask`. */
export interface AskRequest {
  audit: number;
  row: number;
  kind: "own" | "answer" | "inside" | "check";
  wanted?: Wanted;
  /** Row of the example whose own latents are the source "other". */
  other?: number;
  /** The helper of the source "drawn": RGB, three bytes per pixel, base64. */
  drawn?: { width: number; height: number; pixels: string };
}

/** `Looked` as it crosses: arrays are Float32, base64. */
export type LookedContent =
  | {
      inside: Omit<Inside, "attention" | "gradient"> & {
        attention: string;
        gradient: Omit<Inside["gradient"], "saliency"> & { saliency: string };
      };
      reason?: undefined;
    }
  | { inside: null; reason: string };

/** What a model answers. */
export interface Reply {
  text: string;
  choice: number | null;
  /** Of each option; null where the model reached no answer. */
  probabilities: number[] | null;
}
