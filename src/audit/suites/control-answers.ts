/** Answers to reviewers' questions that are neither a suite's conclusion nor rows of interventions. */
import { shareWithin } from "../../statistics/index.ts";
import type { AuditResult } from "../record/schema.ts";

/**
 * Whether answers can be read, and which controls broke them.
 *
 * @example
 * breakage({ interventions: {} }); // "No control breaks the answer."
 */
export function breakage({
  broken = {},
  interventions,
}: Pick<AuditResult, "broken" | "interventions">): string {
  const own = interventions.own?.answered;
  const read =
    typeof own === "number" ? `${shareWithin(own, null)} of the answers under own latents can be read. ` : "";
  const sentences = Object.values(broken);
  return (
    read + (sentences.length > 0 ? `Left out: ${sentences.join("; ")}.` : "No control breaks the answer.")
  );
}

/**
 * The cosine of own latents to their oracles, beside those of pairs of which one knows how alike they should be.
 *
 * @example
 * const none = { cosine: null, low: null, high: null, pairs: 0 };
 * geometryInWords({ geometry: { ownOracle: { cosine: 0.7 }, references: { words: { ...none, cosine: 0.6, pairs: 9 } } } });
 * // "Own latent to its oracle 0.70; two words 0.60."
 */
export function geometryInWords({
  geometry: { ownOracle, references = {} },
}: {
  geometry: {
    ownOracle: Pick<AuditResult["geometry"]["ownOracle"], "cosine">;
    references?: AuditResult["geometry"]["references"];
  };
}): string {
  const names: Record<string, string> = {
    sameAnswer: "to another example's with the same answer",
    otherAnswer: "with another answer",
    shuffledSlots: "to another slot of its oracle",
    oracleOtherAnswer: "two oracles of different answers",
    ownToPatch: "own latent to a visual token",
    patchesOfOne: "two visual tokens of one example",
    patchesOfTwo: "of two examples",
    words: "two words",
  };
  const parts = Object.entries(names).flatMap(([key, words]) => {
    const cosine = references[key]?.cosine;
    return typeof cosine === "number" ? [`${words} ${cosine.toFixed(2)}`] : [];
  });
  const own = typeof ownOracle.cosine === "number" ? ownOracle.cosine.toFixed(2) : "not measured";
  return `${[`Own latent to its oracle ${own}`, ...parts].join("; ")}.`;
}
