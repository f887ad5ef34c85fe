/** Which controls to run in a given time: those that decide most per minute. */
import { type Definitions, interventionOf, type ResolvedIntervention } from "../../reasoning/index.ts";
import { contentDummies } from "../judge/guards.ts";
import type { AnalysisName } from "../suites/analyses/index.ts";
import { controls, type SuiteName, suiteOf } from "../suites/index.ts";

/** A question of docs/controls.md that an audit answers. */
interface Candidate {
  question: string;
  suite?: SuiteName;
  interventions: readonly string[];
  analyses: readonly AnalysisName[];
  /** What its answer decides: log₂ of the number of possible conclusions, 1 where rows of interventions answer it. */
  bits: number;
}

interface Priced {
  question: string;
  /** What it takes beyond what is chosen already. */
  seconds: number;
  bits: number;
}

export interface Choice {
  suites: SuiteName[];
  interventions: string[];
  /** Seconds of the verdict alone, and of all that is chosen. */
  verdict: number;
  seconds: number;
  chosen: Priced[];
  left: Priced[];
}

/** What the verdict rests on. */
export const verdictInterventions = ["own", "oracle", ...contentDummies];

/**
 * Questions that an audit can answer; of suites only those named, all of them without.
 *
 * @example
 * candidatesOf(["trt"]).map(({ bits }) => bits); // [2]
 */
export const candidatesOf = (suites?: readonly string[]): Candidate[] =>
  controls.flatMap(({ question, suite, interventions }): Candidate[] => {
    if (suite === undefined)
      return interventions && suites === undefined
        ? [{ question, interventions, analyses: [], bits: 1 }]
        : [];
    if (suites && !suites.includes(suite)) return [];
    const { interventions: needed, analyses, conclusions } = suiteOf(suite);
    return [
      {
        ...{ question, suite, interventions: needed, analyses },
        bits: Math.max(1, Math.log2(Object.keys(conclusions).length)),
      },
    ];
  });

/**
 * The verdict's interventions first, then again and again the question with the most bits per second of what it adds, as long
 * as one fits. What questions share is counted once.
 *
 * @param seconds - Of interventions and analyses together. @param budget - In seconds. @param definitions - Of names in `base`
 * that are not the registry's.
 * @returns null where the verdict alone takes longer.
 *
 * @example
 * const each = (interventions) => interventions.length;
 * chooseControls(candidatesOf(["dose"]), ["own"], each, 3)?.left.length; // 1: dose takes more interventions
 */
export function chooseControls(
  candidates: readonly Candidate[],
  base: readonly string[],
  seconds: (interventions: readonly ResolvedIntervention[], analyses: readonly AnalysisName[]) => number,
  budget: number,
  definitions?: Definitions,
): Choice | null {
  const resolved = new Map<string, ResolvedIntervention>();
  const at = (name: string): ResolvedIntervention => {
    const known = resolved.get(name) ?? interventionOf(name, definitions);
    resolved.set(name, known);
    return known;
  };
  let names = [...new Set(base)];
  let analyses: AnalysisName[] = [];
  const total = (added: Pick<Candidate, "interventions" | "analyses">): number =>
    seconds([...new Set([...names, ...added.interventions])].map(at), [
      ...new Set([...analyses, ...added.analyses]),
    ]);
  const verdict = total({ interventions: [], analyses: [] });
  if (verdict > budget) return null;
  let spent = verdict;
  const chosen: (Priced & { suite?: SuiteName })[] = [];
  let open = [...candidates];
  for (;;) {
    const priced = open.map((candidate) => ({ candidate, more: Math.max(0, total(candidate) - spent) }));
    const fitting = priced.filter(({ more }) => spent + more <= budget);
    if (fitting.length === 0) {
      const left = priced.map(({ candidate: { question, bits }, more }) => ({
        question,
        seconds: more,
        bits,
      }));
      return {
        suites: chosen.flatMap(({ suite }) => suite ?? []),
        interventions: names,
        ...{ verdict, seconds: spent, chosen: chosen.map(({ suite: _, ...each }) => each), left },
      };
    }
    const rate = ({ candidate, more }: (typeof fitting)[number]): number =>
      candidate.bits / Math.max(more, 1e-9);
    const { candidate, more } = fitting.reduce((best, each) => (rate(each) > rate(best) ? each : best));
    const { question, suite, bits } = candidate;
    chosen.push({ question, seconds: more, bits, ...(suite && { suite }) });
    spent += more;
    names = [...new Set([...names, ...candidate.interventions])];
    analyses = [...new Set([...analyses, ...candidate.analyses])];
    open = open.filter((each) => each !== candidate);
  }
}
