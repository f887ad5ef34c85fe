/** Everything a report is made of: the results and what was auditDataOf from the run directory to illustrate them. */
import type { ExampleOutcomes } from "../audit/index.ts";
import type { InlineImage } from "./images.ts";
import type { LatentFigures } from "./latent-figures.ts";
import type { ExampleKind } from "./pick-examples.ts";
import type { Results } from "./study-types.ts";
import type { TrainingCurve } from "./training-curves.ts";

/** Something the run directory does not have, and the page says so. */
export interface MissingData {
  missing: string;
}

/** The parts of an example that the outcomes do not hold. */
export interface ExampleView {
  question: string;
  images: InlineImage[];
  helpers: InlineImage[];
}

/** One example of the page. */
export interface ReportExample {
  outcomes: ExampleOutcomes;
  kind: ExampleKind;
  /** From the dataset; missing where that is not there or does not hold the example. */
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
}

/**
 * Tells the missing from the present.
 *
 * @example
 * isMissing({ missing: "no latents" }); // true
 */
export function isMissing(value: object): value is MissingData {
  return "missing" in value;
}
