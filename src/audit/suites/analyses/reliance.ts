import { contentDummies } from "../../judge/verdict.ts";
import type { SuiteContext } from "../analysis.ts";
import { rightness } from "./shared/shares.ts";

/** docs/science.md "Measurements": oracle gap, oracle utility, gap closed, on the examples that have all that is needed. */
export const reliance = ({ outcomes }: SuiteContext) => {
  const present = contentDummies.filter((name) =>
    outcomes.some(({ outcomes: by }) => by[name] !== undefined),
  );
  const names = ["own", "oracle", ...present];
  const rows = rightness(outcomes, names);
  const n = rows.length;
  const reasons: Record<string, string> = {};
  const nothing = { oracleGap: null, oracleUtility: null, gapClosed: null, bestDummy: null };
  if (n === 0 || present.length === 0) {
    const reason =
      present.length === 0
        ? "no content-free control was run"
        : "no example with own, oracle and every dummy";
    for (const key of Object.keys(nothing)) reasons[key] = reason;
    return { ...nothing, n, reasons };
  }
  const accuracy = names.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / n);
  const [own, oracle, ...dummies] = accuracy as [number, number, ...number[]];
  const best = Math.max(...dummies);
  const utility = oracle - best;
  if (utility <= 0)
    reasons.gapClosed = "the oracle is no better than the best dummy: there is no gap to close";
  return {
    oracleGap: oracle - own,
    oracleUtility: utility,
    gapClosed: utility > 0 ? (own - best) / utility : null,
    bestDummy: present[dummies.indexOf(best)],
    n,
    ...(Object.keys(reasons).length > 0 && { reasons }),
  };
};
