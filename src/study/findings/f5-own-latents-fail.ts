import { count, pEquals, pointsWithin, share } from "../../audit/index.ts";
import { ALPHA, rule } from "./rule.ts";

const MOST_R1 = 0.15;
const GALLERY = 300;

/**
 * F5: on tetris `oracle` beats `own` (difference > 0, Holm-corrected McNemar p < 0.05), own retrieval@1 is below 15 %
 * among 300 oracles, and own pairwise cosine is above the oracles'. A gallery smaller than 300 makes retrieval easier,
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
        holds: null,
        evidence: `The gallery holds ${ownOracle.gallery} oracles; the claim is about ${GALLERY}.`,
      };
    return {
      holds: row.difference > 0 && row.holmP < ALPHA && r1 < MOST_R1 && mine > theirs,
      evidence:
        `oracle − own ${pointsWithin(row.difference, row.interval)}, Holm-corrected McNemar ${pEquals(row.holmP)}, n = ${count(row.n)}; ` +
        `retrieval@1 ${share(r1)} among ${ownOracle.gallery} (chance ${share(1 / ownOracle.gallery)}); ` +
        `pairwise cosine own ${mine.toFixed(2)}, oracles ${theirs.toFixed(2)}.`,
    };
  },
);
