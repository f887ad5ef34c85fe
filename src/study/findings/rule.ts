/** What a finding is made of, and how it looks things up in the cells of one seed. */
import {
  type AuditResult,
  type Comparison,
  contentDummies,
  type InterventionResult,
  inDistribution,
  READABLE,
} from "../../audit/index.ts";
import { type State, share } from "../../statistics/index.ts";
import type { CellResult } from "../results.ts";

export interface Judged {
  /** "not run": the run lacks what the claim is about; `evidence` says what. */
  state: State;
  /** Sentences with figures, intervals and n. */
  evidence: string;
}

export interface FindingRule {
  claim: string;
  /** Where the claim comes from. */
  source: string;
  /** Decides on the cells of one seed, from the statistics alone. */
  judge: (cells: readonly CellResult[]) => Judged;
}

/** Of every significance test a finding rests on. */
export const ALPHA = 0.05;

/** Of every equivalence a finding rests on: two points. */
const MARGIN = 0.02;

/** Stops a judgement: the run lacks something. Caught by `rule`. */
interface Lack {
  lacks: string;
}

function isLack(thing: unknown): thing is Lack {
  return typeof thing === "object" && thing !== null && "lacks" in thing;
}

type Statistic = "difference" | "interval" | "mcnemarP" | "holmP" | "equivalent";

/** How an equivalence came out, for sentences. */
export const equivalenceWords = (state: State): string =>
  state === "holds" ? "shown" : state === "refuted" ? "refuted" : "not shown";

/** A comparison without nulls. */
type Computed = Pick<Comparison, "intervention" | "reference" | "n" | "margin" | "equivalenceP"> & {
  [Key in Statistic]: NonNullable<Comparison[Key]>;
};

/** Looks things up in the cells of one seed; whatever is not there ends the judgement with "the run lacks …". */
interface Lookup {
  /** The audit of a cell on its own task's split, or on `masked`: the same examples with the region hidden. */
  audit: (task: string, recipe: string, split: "eval" | "masked") => AuditResult;
  intervention: (audit: AuditResult, name: string) => InterventionResult;
  /** A comparison whose statistics could be computed. */
  comparison: (audit: AuditResult, intervention: string, reference: string) => Computed;
  /** The same, with an equivalence test at two points or less. */
  equivalence: (
    audit: AuditResult,
    intervention: string,
    reference: string,
  ) => Computed & { equivalenceP: number };
  /** The content-free controls that a claim may rest on: without those that break the answer in this audit. */
  dummies: (audit: AuditResult) => readonly string[];
  /** A number that must not be null. */
  present: (value: number | null | undefined, what: string, reason?: string) => number;
}

function lack(lacks: string): never {
  // A plain value, not an error: it never leaves `rule`.
  throw { lacks } satisfies Lack;
}

/** Interventions whose answers must be readable: what stands in the slots is meant to be used. */
const MEANT = ["own", "oracle", "counterfactual"];

/**
 * @param unread - Collects what was looked up and cannot be judged, because too few answers can be read.
 * @param left - Collects the controls that are left out, because they break the answer.
 */
function lookupIn(cells: readonly CellResult[], unread: Set<string>, left: Set<string>): Lookup {
  const check = (audit: AuditResult, name: string): void => {
    const { answered } = audit.interventions[name] ?? {};
    if (MEANT.includes(name) && typeof answered === "number" && answered < READABLE)
      unread.add(
        `Of the answers under ${name} latents on ${audit.task ? `${audit.task}, ` : ""}${audit.split} only ${share(answered)} can be read (at least ${share(READABLE)} are needed).`,
      );
  };
  const comparison: Lookup["comparison"] = (audit, intervention, reference) => {
    const found = audit.comparisons.find((c) => c.intervention === intervention && c.reference === reference);
    const what = `the comparison of "${intervention}" with "${reference}" on split "${audit.split}"`;
    if (found === undefined) return lack(what);
    for (const name of [intervention, reference]) check(audit, name);
    const { difference, interval, mcnemarP, holmP, equivalent } = found;
    if (
      difference === null ||
      interval === null ||
      mcnemarP === null ||
      holmP === null ||
      equivalent === null
    )
      return lack(`${what} (${found.reasons?.difference ?? "not computed"})`);
    return { ...found, difference, interval, mcnemarP, holmP, equivalent };
  };
  return {
    audit(task, recipe, split) {
      const cell =
        cells.find((c) => c.task === task && c.recipe === recipe) ?? lack(`a cell ${task}/${recipe}`);
      const mine = (audit: AuditResult): boolean =>
        audit.split === split && (split === "masked" || audit.task === undefined || audit.task === task);
      return cell.audits.find(mine) ?? lack(`an audit of ${task}/${recipe} on split "${split}"`);
    },
    intervention(audit, name) {
      check(audit, name);
      return audit.interventions[name] ?? lack(`intervention "${name}" on split "${audit.split}"`);
    },
    comparison,
    equivalence(audit, intervention, reference) {
      const found = comparison(audit, intervention, reference);
      const { equivalenceP, margin } = found;
      if (margin > MARGIN || equivalenceP === null || equivalenceP === undefined)
        return lack(`a test of equivalence of "${intervention}" with "${reference}" within two points`);
      return { ...found, equivalenceP };
    },
    dummies({ broken = {}, split }) {
      for (const how of Object.values(broken)) left.add(`Left out, because it breaks the answer: ${how}.`);
      const kept = contentDummies.filter((name) => broken[name] === undefined);
      if (kept.some((name) => inDistribution.includes(name))) return kept;
      return lack(`a control made of own latents that leaves the answers on split "${split}" readable`);
    },
    present: (value, what, reason) => value ?? lack(`${what}${reason === undefined ? "" : ` (${reason})`}`),
  };
}

/**
 * A finding from its claim, source and test; the test may look up whatever it needs, and what the run lacks makes the
 * finding "not run".
 */
export function rule(claim: string, source: string, test: (look: Lookup) => Judged): FindingRule {
  return {
    claim,
    source,
    judge(cells) {
      try {
        const [unread, left] = [new Set<string>(), new Set<string>()];
        const { state, evidence } = test(lookupIn(cells, unread, left));
        // What is wrong because it cannot be read neither shows a claim nor refutes it.
        const open = unread.size > 0 && state !== "not run";
        return {
          state: open ? "undecided" : state,
          evidence: [...(open ? unread : []), evidence, ...left].join(" "),
        };
      } catch (thrown) {
        if (!isLack(thrown)) throw thrown;
        return { state: "not run", evidence: `The run lacks ${thrown.lacks}.` };
      }
    },
  };
}
