import type { Conclusion } from "./suite.ts";
import { suite } from "./suite.ts";

const parts = ["slots", "markers", "image"] as const;

/** Every set of parts, by name: "slots and image". */
const nameOf = (needed: readonly string[]): string => needed.join(" and ") || "nothing";
const sets = Array.from({ length: 2 ** parts.length }, (_, bits) => parts.filter((_, i) => (bits >> i) & 1));

export const knockout = suite<string>({
  title: "which positions does the text after the block attend to, and which can be masked without loss?",
  source: "attention masks of Monet and LIVR; docs/science.md (attention)",
  interventions: [
    "own",
    "knockout(nothing)",
    "knockout(slots)",
    "knockout(markers)",
    "knockout(block)",
    "knockout(image)",
    "drop-image",
  ],
  analyses: ["reliance", "attention", "answerContrast", "targetRegion", "regionBlocking"],
  conclusions: Object.fromEntries(
    sets.map((needed) => [
      nameOf(needed),
      `the answer changes without ${needed.join(", and without ") || "none of the parts"}` +
        (needed.length === parts.length
          ? ""
          : `; without ${parts.filter((p) => !needed.includes(p)).join(", and without ")} it stays`),
    ]),
  ),
  conclude({ changes }): Conclusion {
    const found = parts.map((part) => ({
      part,
      ...changes(`knockout(${part})`, { reference: "knockout(nothing)", parts: parts.length }),
    }));
    const open = found.filter(({ state }) => state !== "holds" && state !== "refuted");
    return {
      conclusion:
        open.length > 0
          ? "inconclusive"
          : nameOf(found.flatMap(({ part, state }) => (state === "holds" ? [part] : []))),
      reason: found.map(({ text }) => text).join("; "),
    };
  },
});
