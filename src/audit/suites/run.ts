import type { SuiteResult } from "../record/schema.ts";
import { type AnalysisName, analyses } from "./analyses/index.ts";
import { evidenceOf } from "./evidence.ts";
import { suiteOf } from "./registry.ts";
import type { AnalysisResult, SuiteContext } from "./types.ts";

/** What suites report of a finished audit, by name; each analysis is made once. null where no suite was asked for. */
export async function runSuites(
  names: readonly string[],
  context: SuiteContext,
): Promise<Record<string, SuiteResult> | null> {
  if (names.length === 0) return null;
  const made = new Map<AnalysisName, AnalysisResult>();
  const out: Record<string, SuiteResult> = {};
  const evidence = evidenceOf(context.outcomes, context.summary, (name) => made.get(name) ?? {});
  for (const name of names) {
    const { title, source, interventions, analyses: wanted, conclude } = suiteOf(name);
    const results: Record<string, AnalysisResult> = {};
    for (const each of wanted) {
      context.signal?.throwIfAborted();
      const result = made.get(each) ?? (await analyses[each](context));
      made.set(each, result);
      results[each] = result;
    }
    // Answers that cannot be read say nothing of what they rest on, whichever way a suite asks.
    const { conclusion, reason } =
      evidence.unreadable === undefined
        ? conclude(evidence)
        : { conclusion: "inconclusive", reason: evidence.unreadable };
    out[name] = {
      title,
      source,
      interventions: [...interventions],
      conclusion,
      conclusionReason: reason,
      results,
    };
  }
  return out;
}
