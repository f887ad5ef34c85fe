/** Runs every suite on every known-answer model and compares the conclusions with the ground truth. */
import { auditLoaded, type SuiteName, suiteNames } from "../audit/index.ts";
import { knownExamples } from "./examples.ts";
import { type Expected, expected } from "./expected.ts";
import { fits } from "./models.ts";
import { eachKnownModel, type SelftestOptions } from "./run.ts";

export interface SuitesOptions extends SelftestOptions {
  /** All if left out. */
  suites?: readonly SuiteName[];
}

export interface SuiteRow extends Expected {
  model: string;
  suite: SuiteName;
  n: number;
  /** What the suite said. */
  found: string;
  reason: string;
  /** As known; or "inconclusive" where there are too few examples for it. */
  passed: boolean;
}

export interface SuitesResult {
  passed: boolean;
  seconds: number;
  rows: SuiteRow[];
}

/**
 * Runs the suites on every known-answer model at several numbers of examples (60, 200 and 600 if left out) and holds
 * what each concludes against `expected`.
 *
 * @example
 * const { passed, rows } = await selftestSuites({ sizes: [60], models: knownModels.slice(0, 1), suites: ["trt"] });
 * [passed, rows[0].found]; // [true, "content"]
 */
export async function selftestSuites(options: SuitesOptions = {}): Promise<SuitesResult> {
  const { sizes = [60, 200, 600], suites = suiteNames, seed = 0, signal } = options;
  const started = performance.now();
  const rows: SuiteRow[] = [];
  await eachKnownModel({ ...options, sizes }, async (model, known, n) => {
    const examples = knownExamples(n, known.clear, seed, known.helper);
    const audit = await auditLoaded(
      model,
      { examples },
      { interventions: { suites }, seed, model: { name: known.name }, signal },
    );
    for (const suite of suites) {
      const should = expected[known.name]![suite];
      const { conclusion: found = "nothing", conclusionReason: reason = "" } = audit.suites![suite]!;
      rows.push({ model: known.name, suite, n, ...should, found, reason, passed: fits(should, n, found) });
    }
  });
  const seconds = (performance.now() - started) / 1000;
  return { passed: rows.every(({ passed }) => passed), seconds, rows };
}
