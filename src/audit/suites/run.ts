import type { SuiteResult } from "../record/schema.ts";
import { type AnalysisName, type AnalysisResults, analyses } from "./analyses/index.ts";
import type { Analysis, AnalysisResult, SuiteContext } from "./analysis.ts";
import { evidenceOf } from "./evidence.ts";
import { suiteOf } from "./registry.ts";

/** Results of suites for a finished audit, by name; each analysis is computed once. null if no suite was requested. */
export async function runSuites(
  names: readonly string[],
  context: SuiteContext,
): Promise<Record<string, SuiteResult> | null> {
  if (names.length === 0) return null;
  // Without the type of each: their union has too many members for the compiler.
  const results = new Map<AnalysisName, AnalysisResult>();
  const run = async (name: AnalysisName): Promise<AnalysisResult> => {
    context.signal?.throwIfAborted();
    const analysis: Analysis = analyses[name];
    const result = results.get(name) ?? (await analysis(context));
    results.set(name, result);
    return result;
  };
  const evidence = evidenceOf(
    context.outcomes,
    context.summary,
    <Name extends AnalysisName>(name: Name) => results.get(name) as AnalysisResults[Name] | undefined,
  );
  const out: Record<string, SuiteResult> = {};
  for (const name of names) {
    const { title, source, interventions, analyses: wanted, conclude, conclusions } = suiteOf(name);
    const reported: SuiteResult["results"] = {};
    for (const each of wanted) reported[each] = await run(each);
    // Nothing follows from answers that cannot be read.
    const { conclusion, reason } =
      evidence.unreadable === undefined
        ? conclude(evidence)
        : { conclusion: "inconclusive", reason: evidence.unreadable };
    out[name] = {
      title,
      source,
      interventions: [...interventions],
      conclusion,
      meaning: conclusions[conclusion] ?? "none of the conclusions of this suite is shown",
      conclusionReason: reason,
      results: reported,
    };
  }
  return out;
}
