/** Everything a report is made of: the results and what was gathered from the run directory to illustrate them. */
import type { ExampleOutcomes } from "../audit/index.ts";
import type { Kind } from "./choose.ts";
import type { Results } from "./contract.ts";
import type { TrainingCurve } from "./curves.ts";
import type { InlineImage } from "./images.ts";
import type { LatentPicture } from "./latents.ts";

/** Something the run directory does not have, and the page says so. */
export interface Missing {
  missing: string;
}

/** The parts of an example that the outcomes do not hold. */
export interface ExampleView {
  question: string;
  images: InlineImage[];
  helpers: InlineImage[];
}

/** One example of the page. */
export interface Case {
  outcomes: ExampleOutcomes;
  kind: Kind;
  /** From the dataset; missing where that is not there or does not hold the example. */
  example: ExampleView | Missing;
}

export interface AuditMaterial {
  latents: LatentPicture | Missing;
  cases: Case[] | Missing;
}

export interface CellMaterial {
  curve: TrainingCurve | Missing;
  /** In the order of the cell's audits. */
  audits: AuditMaterial[];
}

export interface Material {
  results: Results;
  /** In the order of `results.cells`. */
  cells: CellMaterial[];
}

/**
 * Tells the missing from the present.
 *
 * @example
 * isMissing({ missing: "no latents" }); // true
 */
export function isMissing(value: object): value is Missing {
  return "missing" in value;
}
