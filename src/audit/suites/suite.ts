/** A suite: the interventions of a paper, its analyses and its conclusions. */
import type { AnalysisName } from "./analyses/index.ts";
import type { Evidence } from "./evidence.ts";

/** The conclusion of a suite and the figures that support it. */
export interface Conclusion<Name extends string = string> {
  conclusion: Name | "inconclusive";
  reason: string;
}

export interface Suite<Name extends string = string> {
  title: string;
  source: string;
  interventions: readonly string[];
  /** Reported in addition to accuracies and comparisons. */
  analyses: readonly AnalysisName[];
  /** Possible conclusions and their meaning; "inconclusive" is always possible. */
  conclusions: Readonly<Record<Name, string>>;
  /**
   * The conclusion from interventions and analyses. Each conclusion is an intersection of tests at α = 0.05, so it is
   * false with probability at most α.
   */
  conclude(evidence: Evidence): Conclusion<Name>;
}

/**
 * Infers the names of a suite's conclusions, so that `conclude` can return no others.
 *
 * @example
 * const nothing = { title: "t", source: "s", interventions: ["own"], analyses: [], conclusions: { all: "everything" } };
 * suite({ ...nothing, conclude: () => ({ conclusion: "all", reason: "by hand" }) }).title; // "t"
 */
export const suite = <Name extends string>(given: Suite<Name>): Suite<Name> => given;
