/** Runs every suite on every known-answer model and compares the conclusions with the ground truth. */
import { auditLoaded, type SuiteName, suiteNames } from "../audit/index.ts";
import type { LatentModel } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { type AnalysisRow, checkFacts } from "./analysis-facts.ts";
import { knownExamples, regionExamples } from "./examples.ts";
import { type Expected, expected } from "./expected.ts";
import { fits, type KnownModel, knownModels } from "./models.ts";
import { oneRegion } from "./region-model.ts";
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
  /** Numbers of analyses that the weights imply (`analysisFacts`). */
  analyses: AnalysisRow[];
}

/** The suite of the model whose pictures have several regions, and the number of its examples. */
const ON_REGIONS: SuiteName = "knockout";
const REGION_EXAMPLES = 60;

/** The models of a test of suites, if none are named. */
export const suiteModels: readonly KnownModel[] = [...knownModels, oneRegion];

/**
 * Runs the suites on every known-answer model at several numbers of examples (60, 200 and 600 if left out) and holds
 * what each concludes against `expected`, and the numbers of their analyses against `analysisFacts`; suite `knockout` also on
 * a model that reads one region of several.
 *
 * @example
 * const { passed, rows } = await selftestSuites({ sizes: [60], models: knownModels.slice(0, 1), suites: ["trt"] });
 * [passed, rows[0].found]; // [true, "content"]
 */
export async function selftestSuites(options: SuitesOptions = {}): Promise<SuitesResult> {
  const { sizes = [60, 200, 600], models = suiteModels, suites = suiteNames, seed = 0, signal } = options;
  const started = performance.now();
  const rows: SuiteRow[] = [];
  const analyses: AnalysisRow[] = [];
  const audit = async (
    model: LatentModel,
    { name }: KnownModel,
    examples: Example[],
    which: typeof suites,
  ) => {
    const request = { interventions: { suites: which }, seed, model: { name }, signal };
    const found = await auditLoaded(model, { examples }, request);
    analyses.push(...checkFacts(name, examples.length, found));
    return found;
  };
  const ordinary = models.filter((model) => model !== oneRegion);
  await eachKnownModel({ ...options, models: ordinary, sizes }, async (model, known, n) => {
    const found = await audit(model, known, knownExamples(n, known.clear, seed, known.helper), suites);
    for (const suite of suites) {
      const should = expected[known.name]![suite];
      const { conclusion = "nothing", conclusionReason: reason = "" } = found.suites![suite]!;
      const passed = fits(should, n, conclusion);
      rows.push({ model: known.name, suite, n, ...should, found: conclusion, reason, passed });
    }
  });
  if (models.includes(oneRegion) && suites.includes(ON_REGIONS))
    await eachKnownModel(
      { ...options, models: [oneRegion], sizes: [REGION_EXAMPLES] },
      async (model, known, n) => {
        await audit(model, known, regionExamples(n, seed), [ON_REGIONS]);
      },
    );
  const seconds = (performance.now() - started) / 1000;
  return { passed: [...rows, ...analyses].every(({ passed }) => passed), seconds, rows, analyses };
}
