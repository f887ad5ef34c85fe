import {
  allOf,
  atMost,
  count,
  pEquals,
  pointsWithin,
  proportionInterval,
  type State,
  share,
  shareWithin,
  superior,
} from "../../statistics/index.ts";
import { ALPHA, rule } from "./rule.ts";

const MOST_R1 = 0.15;
const GALLERY = 300;
/** Mean cosines have no interval here: a smaller difference is not taken for one. */
const APART = 0.05;

/**
 * F5: on tetris `oracle` beats `own` (difference > 0, Holm-corrected McNemar p < 0.05), own retrieval@1 is below 15 %
 * among 300 oracles (its 95 % interval), and own pairwise cosine is above the oracles' by 0.05 at least. A gallery smaller than 300 makes retrieval easier,
 * so the claim may be tested on it; a larger one makes it harder and may not.
 */
export const ownLatentsFail = rule(
  "Own latents fail: oracle latents beat them, they find their oracle among 300 less than 15 % of the time, and they are more alike than the oracles are.",
  "arXiv 2605.18445, analysis of the generated latents (retrieval, pairwise cosine)",
  ({ audit, comparison, present }) => {
    const eval_ = audit("tetris", "joint", "eval");
    const row = comparison(eval_, "oracle", "own");
    const { own, oracle, ownOracle } = eval_.geometry;
    const r1 = present(ownOracle.r1, "own retrieval@1", ownOracle.reasons?.r1);
    const mine = present(own.pairwiseCosine, "own pairwise cosine", own.reasons?.pairwiseCosine);
    const theirs = present(
      oracle.pairwiseCosine,
      "the oracles’ pairwise cosine",
      oracle.reasons?.pairwiseCosine,
    );
    if (ownOracle.gallery > GALLERY)
      return {
        state: "not run",
        evidence: `The gallery holds ${ownOracle.gallery} oracles; the claim is about ${GALLERY}.`,
      };
    const queries = ownOracle.queries ?? ownOracle.gallery;
    const found = proportionInterval(Math.round(r1 * queries), queries).value;
    const more: State = Math.abs(mine - theirs) < APART ? "undecided" : mine > theirs ? "holds" : "refuted";
    return {
      state: allOf([superior(row.difference, row.holmP, ALPHA), atMost(found, MOST_R1), more]),
      evidence:
        `oracle − own ${pointsWithin(row.difference, row.interval)}, Holm-corrected McNemar ${pEquals(row.holmP)}, n = ${count(row.n)}; ` +
        `retrieval@1 ${shareWithin(r1, found)} among ${ownOracle.gallery} (chance ${share(1 / ownOracle.gallery)}); ` +
        `pairwise cosine own ${mine.toFixed(2)}, oracles ${theirs.toFixed(2)}.`,
    };
  },
);
