import { allOf, atLeast, atMost, count, type State, shareWithin } from "../../statistics/index.ts";
import { rule } from "./rule.ts";

const LEAST_ORACLE = 0.85;
const MOST_DUMMY = 0.35;

/**
 * F4: on tetris accuracy under `oracle` ≥ 0.85, under every content-free control ≤ 0.35, and the `text` recipe below `oracle`.
 * A bar is shown where the 95 % interval lies on its right side, refuted where it lies on the other; text is below the
 * oracle where the two intervals do not overlap. (Two models and their marginal counts: unpaired. Intervals that do not
 * overlap are stricter than a two-sample test at 5 %, and a reader can check them in the chart.)
 */
export const tetrisNeedsLatents = rule(
  "On tetris the helper is not in the input: with oracle latents the model is right at least 85 % of the time, with no content-free control above 35 %, and a model trained on text alone stays below the oracle.",
  "arXiv 2605.18445, rotation task with informative helpers",
  ({ audit, dummies, intervention, present }) => {
    const joint = audit("tetris", "joint", "eval");
    const oracle = intervention(joint, "oracle");
    const text = intervention(audit("tetris", "text", "eval"), "own");
    const rates = dummies(joint).map((name) => {
      const dummy = intervention(joint, name);
      return {
        name,
        rate: present(dummy.accuracy, `the accuracy under "${name}"`),
        interval: dummy.interval,
        state: atMost(dummy.interval, MOST_DUMMY),
      };
    });
    const reach = present(oracle.accuracy, 'the accuracy under "oracle"');
    const textRate = present(text.accuracy, "the accuracy of tetris/text");
    const oracleLow = present(oracle.interval?.[0], 'the interval under "oracle"', oracle.reasons?.interval);
    const oracleHigh = present(oracle.interval?.[1], 'the interval under "oracle"', oracle.reasons?.interval);
    const textLow = present(text.interval?.[0], "the interval of tetris/text", text.reasons?.interval);
    const textHigh = present(text.interval?.[1], "the interval of tetris/text", text.reasons?.interval);
    const best = rates.reduce((a, b) => (b.rate > a.rate ? b : a));
    const below: State = textHigh < oracleLow ? "holds" : textLow > oracleHigh ? "refuted" : "undecided";
    return {
      state: allOf([atLeast(oracle.interval, LEAST_ORACLE), ...rates.map(({ state }) => state), below]),
      evidence:
        `oracle ${shareWithin(reach, oracle.interval)}; best content-free control ${best.name} ${shareWithin(best.rate, best.interval)}; ` +
        `text recipe ${shareWithin(textRate, text.interval)}, its interval ${below === "holds" ? "below" : below === "refuted" ? "above" : "overlapping"} the oracle’s; n = ${count(oracle.n)}.`,
    };
  },
);
