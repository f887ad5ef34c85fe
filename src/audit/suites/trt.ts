import { contentDummies } from "../judge/verdict.ts";
import { every, firstOf } from "./evidence.ts";
import { suite } from "./suite.ts";

/** What stands in the same number of slots between the same markers and holds nothing of the example. */
const replacements = [...contentDummies, "marker-repeat"] as const;

export const trt = suite({
  title: "how much of the gain over no block remains without the content of the latents, at equal length?",
  source: "Ablate-to-Validate, arXiv 2605.21642",
  interventions: [
    "own",
    "no-markers",
    "zeros",
    "noise",
    "first-repeat",
    "marker-repeat",
    "filler",
    "matched-text",
    "noise-matched",
    "mean",
    "other-own",
    "oracle",
    "oracle-budget(1)",
  ],
  analyses: ["reliance", "retained"],
  conclusions: {
    content: "own latents beat every replacement of equal length: the gain goes with the content",
    starved:
      "oracle latents beat every replacement, own ones close at most a tenth of the way to them: content would count, own ones have none",
    retained: "the block brings a gain, and every replacement of equal length, and the oracle, keeps it",
    "no gain": "neither the block nor any replacement brings anything over no block",
  },
  conclude({ beats, alike, ran, closesLittle }) {
    const oracle = ran("oracle");
    const same = every([...replacements, ...(oracle ? ["oracle"] : [])].map((name) => alike(name, "own")));
    return firstOf([
      ["content", every(replacements.map((name) => beats("own", name)))],
      [
        "starved",
        oracle
          ? every([...replacements.map((name) => beats("oracle", name)), closesLittle()])
          : { state: "not run", text: "no oracle" },
      ],
      ["retained", every([beats("own", "no-markers"), same])],
      ["no gain", every([alike("own", "no-markers"), same])],
    ]);
  },
});
