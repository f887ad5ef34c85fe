import { type Evidence, every, firstOf, not, type Shown } from "./evidence.ts";
import { suite } from "./suite.ts";

/** Latents that move by less than this part of the distance between examples do not move. */
const FAR = 0.1;

/** Do own latents of examples move when the image is another? */
function moved({ often, result }: Pick<Evidence, "often" | "result">, parts: number): Shown {
  const between = result("imageToLatents")?.betweenExamples;
  if (!between) return { state: "not run", text: "own latents of different examples are not apart" };
  return often(
    `another image moves the latents by more than ${100 * FAR} % of the distance between examples`,
    ({ outcomes }) => {
      const distance = outcomes["other-image"]?.dose?.distance;
      return typeof distance === "number" ? distance > FAR * between : null;
    },
    parts,
  );
}

export const mediation = suite({
  title: "does the image change the latents, and do the latents change the answer?",
  source:
    "Imagination Helps Visual Reasoning, But Not Yet in Latent Space, arXiv 2602.22766; ReaLVR (exchange)",
  interventions: [
    "own",
    "sham",
    "exchange",
    "other-own",
    "clamp",
    "noisy-image(0.1)",
    "blank-image",
    "other-image",
    "same-question",
    "matched-question",
    "question-mean",
    "question-residual",
  ],
  analyses: [
    "imageToLatents",
    "latentsToAnswer",
    "fixedContext",
    "targetForcing",
    "edits",
    "sameQuestion",
    "layerPatching",
    "adversarialImages",
  ],
  conclusions: {
    mediated: "another image moves the latents, and exchanged latents move the answer",
    unread: "another image moves the latents, and exchanged latents do not move the answer",
    unseeing: "another image does not move the latents, and exchanged latents move the answer",
    neither: "another image does not move the latents, nor do exchanged latents move the answer",
  },
  conclude(evidence) {
    const first = moved(evidence, 2);
    const second = evidence.changes("exchange", { reference: "sham", parts: 2 });
    return firstOf([
      ["mediated", every([first, second])],
      ["unread", every([first, not(second)])],
      ["unseeing", every([not(first), second])],
      ["neither", every([not(first), not(second)])],
    ]);
  },
});
