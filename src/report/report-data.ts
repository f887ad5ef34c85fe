/** Data of a report: the results, and what is read from the run directory to illustrate them. */
import type { ExampleOutcomes } from "../audit/index.ts";
import type { InlineImage } from "./images.ts";
import type { LatentFigures } from "./latent-figures.ts";
import type { ExampleKind } from "./pick-examples.ts";
import type { Results } from "./study-types.ts";
import type { TrainingCurve } from "./training-curves.ts";

/** Something that the run directory does not have, with the reason that the page shows. */
export interface MissingData {
  missing: string;
}

/** The parts of an example that the outcomes do not include. */
export interface ExampleView {
  question: string;
  images: InlineImage[];
  helpers: InlineImage[];
}

/** One example of the page. */
export interface ReportExample {
  outcomes: ExampleOutcomes;
  kind: ExampleKind;
  /** From the dataset; missing where the dataset or the example is absent. */
  example: ExampleView | MissingData;
}

export interface AuditData {
  latents: LatentFigures | MissingData;
  examples: ReportExample[] | MissingData;
}

export interface CellData {
  curve: TrainingCurve | MissingData;
  /** In the order of the cell's audits. */
  audits: AuditData[];
}

export interface ReportData {
  results: Results;
  /** In the order of `results.cells`. */
  cells: CellData[];
  /** Only of a study that is running: how many models there will be. */
  of?: number;
}

/**
 * Whether data is missing.
 *
 * @example
 * isMissing({ missing: "no latents" }); // true
 */
export function isMissing(value: object): value is MissingData {
  return "missing" in value;
}
