import type { ExampleOutcomes } from "../../record/outcomes.ts";
import type { SuiteContext } from "../analysis.ts";
import { estimate } from "./shared/shares.ts";

const odds = (p: number): number => Math.log(p) - Math.log1p(-p);

/**
 * How far the answer moves when the latents are exchanged with the image fixed. Of the donor's answer: by how much its
 * probability and its log-odds rise under the exchange over the sham (own latents put back), as in ReaLVR.
 */
export const latentsToAnswer = ({ outcomes, planner: { seed }, summary }: SuiteContext) => {
  const sorted: ExampleOutcomes[] = [...outcomes].sort((a, b) => (a.example < b.example ? -1 : 1));
  const lifts = sorted.flatMap(({ outcomes: by }) => {
    const { exchange, sham } = by;
    const [to, from] = [exchange?.optionLogProbabilities, sham?.optionLogProbabilities];
    if (!to || !from || exchange?.target === undefined) return [];
    const [p, q] = [Math.exp(to[exchange.target]!), Math.exp(from[exchange.target]!)];
    return [{ probability: p - q, margin: odds(p) - odds(q) }];
  });
  const margins = lifts.map(({ margin }) => margin).filter(Number.isFinite);
  return {
    donorAnswerLift: estimate(
      lifts.map(({ probability }) => probability),
      "exchange and sham",
      seed,
    ),
    donorMarginShift: estimate(margins, "finite log-odds under exchange and sham", seed),
    changes: Object.fromEntries(
      ["sham", "exchange", "other-own", "clamp"].map((name) => {
        const found = summary.comparisons.find((c) => c.intervention === name && c.reference === "own");
        const { kl = null, totalVariation = null, agreement = null, n = 0 } = found ?? {};
        return [
          name,
          { kl, totalVariation, agreement, n, ...(found ? {} : { reason: "it applied to no example" }) },
        ];
      }),
    ),
  };
};
