/** Runs every suite on every known-answer model and compares the conclusions with the ground truth. */
import { auditLoaded, type SuiteName, suiteNames } from "../audit/index.ts";
import type { LatentModel } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { type AnalysisRow, checkFacts } from "./analysis-facts.ts";
import { editedExamples, knownExamples, optionExamples, regionExamples } from "./examples.ts";
import { type Expected, expected } from "./expected.ts";
import { edited, oneRegion, withOptions } from "./further-models.ts";
import { fits, type KnownModel, knownModels } from "./models.ts";
import { eachKnownModel, type SelftestOptions } from "./run.ts";

interface SuitesOptions extends SelftestOptions {
  /** All if left out. */
  suites?: readonly SuiteName[];
}

interface SuiteRow extends Expected {
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

/** Examples of each further model. */
const FURTHER_EXAMPLES = 60;

interface Further {
  model: KnownModel;
  examples(n: number, seed: number): Example[];
  /** Run where one of these is tested; none: always. */
  suites: readonly SuiteName[];
  /** Interventions beside those of the suites. */
  names: readonly string[];
}

/** What the questions about one color have no data for, and interventions of no suite. */
export const further: readonly Further[] = [
  { model: oneRegion, examples: regionExamples, suites: ["knockout"], names: [] },
  {
    model: edited,
    examples: (n, seed) => editedExamples(n, edited.clear, seed),
    suites: ["viveiros", "mediation"],
    names: [
      ...["mean-oracle", "other-oracle", "counterfactual", "norm-matched", "oracle-budget(1)"],
      ...[
        "propagated(oracle,1)",
        "propagated(other-own,1)",
        "optimized(1)",
        "optimized-noise(1)",
        "caption-only",
      ],
      ...["blurred-image(0.02)", "cropped-image(0.2)", "rotated-image(5)", "brightened-image(0.1)"],
      ...["helper-in-prompt(own)", "helper-in-words(own)", "helper-in-words(none)"],
    ],
  },
  { model: withOptions, examples: optionExamples, suites: [], names: ["own", "reshuffled"] },
];

/** The models of a test of suites, if none are named. */
export const suiteModels: readonly KnownModel[] = [...knownModels, ...further.map(({ model }) => model)];

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
    interventions: { names?: readonly string[]; suites: readonly SuiteName[] },
  ) => {
    const request = { interventions, seed, model: { name }, signal };
    const found = await auditLoaded(model, { examples }, request);
    analyses.push(...checkFacts(name, examples.length, found));
    return found;
  };
  const ordinary = models.filter((model) => knownModels.includes(model) || !suiteModels.includes(model));
  await eachKnownModel({ ...options, models: ordinary, sizes }, async (model, known, n) => {
    const found = await audit(model, known, knownExamples(n, known.clear, seed, known.helper), { suites });
    for (const suite of suites) {
      const should = expected[known.name]![suite];
      const { conclusion = "nothing", conclusionReason: reason = "" } = found.suites![suite]!;
      const passed = fits(should, n, conclusion);
      rows.push({ model: known.name, suite, n, ...should, found: conclusion, reason, passed });
    }
  });
  for (const { model: one, examples, suites: all, names } of further) {
    const which = all.filter((suite) => suites.includes(suite));
    if (!models.includes(one) || which.length < Math.min(1, all.length)) continue;
    await eachKnownModel(
      { ...options, models: [one], sizes: [FURTHER_EXAMPLES] },
      async (model, known, n) => {
        await audit(model, known, examples(n, seed), { names, suites: which });
      },
    );
  }
  const seconds = (performance.now() - started) / 1000;
  return { passed: [...rows, ...analyses].every(({ passed }) => passed), seconds, rows, analyses };
}
