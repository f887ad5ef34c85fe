/** What an audit takes. */

import type { SessionOptions } from "../../graph/index.ts";
import type { WeightFormat } from "../../qwen/index.ts";
import type { Definitions, PixelsOf } from "../../reasoning/index.ts";
import type { Example, Skipped } from "../../tasks/index.ts";
import type { DeviceProof } from "../../training/index.ts";
import type { OnProgress } from "../../util/index.ts";
import type { Benchmark } from "../data/examples.ts";
import type { ExportName } from "../record/lm-eval-samples.ts";
import type { Outcome } from "../record/outcomes.ts";
import type { MappedReading } from "../record/question-report.ts";

export interface AuditOptions extends SessionOptions {
  /** Checkpoint directory. */
  model: string;
  /** Dataset directory; with `map` any file or directory that the mapping reads. */
  data: string;
  /** "eval" if left out; of a benchmark the one that is there to be tested. */
  split?: string;
  /** A field mapping by name, or a YAML file, for datasets made elsewhere (docs/benchmarks.md). */
  map?: string;
  /** With `map`: seed of the order in which options are listed; null: as they stand. Else what the mapping says. */
  shuffleOptions?: number | null;
  /** Formats of other tools that outcomes are written in beside `audit.json`. */
  exports?: readonly ExportName[];
  /** Names, with values where they have parameters: "zeros", "blend(0.5)"; without, and without suites, the default set. */
  interventions?: readonly string[];
  /** Paint the part of the input black that a helper was cut out of; all conditions are asked so. Only with `map`. */
  corruptImage?: boolean;
  /** Checkpoint directory of a model trained on the same data with words alone: an arm of its own in the result. */
  sister?: string;
  /** Interventions of a file, by name, to be used in `interventions`. */
  definitions?: Definitions;
  /** Suites that are run as well: "trt", "gradient", … */
  suites?: readonly string[];
  /** At most this many examples of the split, after `skip`. */
  limit?: number;
  /** Leave out the first examples of the split: an audit of fresh examples, where others were looked at before. */
  skip?: number;
  /** 2 for the second audit that uses the same examples, and so on: its tests take place at a smaller level. */
  look?: number;
  /** Where journal, latents and result go; nothing is written without. */
  out?: string;
  /** Remove the lock of a process on `out` of which it cannot be known whether it still runs. */
  breakLock?: boolean;
  seed?: number;
  /** A family or dialect by name, or a YAML file of block rules; else what config.json says. */
  family?: string;
  /** Instead of the family's own, or of generation_config.json's. */
  repetitionPenalty?: number;
  /** Ids before a block, and after its start marker, at which a reply is given up. */
  maxTokens?: number;
  /** Bounds of an image's area after resizing, in pixels: instead of those of the family's evaluation. */
  minPixels?: number;
  maxPixels?: number;
  /** Whose bounds count where these are not given: the family's evaluation's (default), or preprocessor_config.json's. */
  pixels?: PixelsOf;
  /** Checkpoint directory of the network that the family's training took its targets from (docs/families.md). */
  oracleModel?: string;
  /** What the weights are computed with: as they are stored (`float32`, default), or rounded to 8 or 4 bits. */
  weights?: WeightFormat;
  /** That the device was compared with the CPU in this process: it is not done again. */
  proof?: DeviceProof;
  /**
   * Of a model that never opens a latent block: "refuse" ends with an error (default); "own" audits its answers alone,
   * and the verdict is "no-latents".
   */
  withoutBlocks?: "refuse" | "own";
  /** Share of the way to the oracle that own latents of a starved model close at most; 0.1 if left out. */
  starvedShare?: number;
  /** What the result is called; else the split. */
  task?: string;
  /** The audit's directory relative to its run, recorded in the result. */
  directory?: string;
  label?: string;
  onProgress?: OnProgress;
  onWarning?: (warning: string) => void;
  signal?: AbortSignal;
}

/** What `auditLoaded` takes of the options of an audit. */
export type LoadedAuditOptions = Omit<
  AuditOptions,
  | "map"
  | "shuffleOptions"
  | "model"
  | "sister"
  | "corruptImage"
  | "data"
  | "limit"
  | "skip"
  | "family"
  | "repetitionPenalty"
  | "maxTokens"
  | "minPixels"
  | "maxPixels"
  | "pixels"
  | "oracleModel"
  | Exclude<keyof SessionOptions, "device">
>;

/** Examples to audit on, and what they are. */
export interface AuditedSplit {
  examples: readonly Example[];
  /** The task or dataset they belong to; recorded where `options.task` says another. */
  task?: string;
  /** What errors call the model. */
  model?: string;
  /** What could not be read, to be reported with what cannot be asked. */
  skipped?: readonly Skipped[];
  benchmark?: Benchmark;
  /** What reading by a mapping found out. */
  reading?: MappedReading;
  /** A sister model's answers, by example id. */
  sister?: { model: string; answers: ReadonlyMap<string, Outcome> };
}
