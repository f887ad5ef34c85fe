import { anyOf } from "../../statistics/index.ts";
import { every, firstOf, not } from "./evidence.ts";
import { suite } from "./suite.ts";

const blends = ["0", "0.25", "0.5", "0.75", "1"].map((a) => `blend(${a})`);
/** ReaLVR goes from 0 to 20; more are an intervention of one's own. */
const steps = ["0", "1", "2", "4", "8"].map((k) => `own-steps(${k})`);
const jitters = ["0", "0.1", "0.3", "1", "3"].map((s) => `jitter(${s})`);

export const dose = suite({
  title: "does the answer change gradually with the size of a change of the latents?",
  source: "dose–response (docs/science.md)",
  interventions: ["own", "oracle", ...blends, ...jitters, ...steps],
  analyses: ["doseCurves"],
  conclusions: {
    follows: "at the end of a curve (all of the oracle, or three deviations of noise) the answer changes",
    flat: "at no point of either curve does the answer change",
  },
  conclude({ changes, ran }) {
    const ends = ["blend(1)", "jitter(3)"].filter(ran);
    // Any of them is enough for "follows"; all of them are needed for "flat".
    const found = ends.map((name) => changes(name, { parts: ends.length }));
    const all = [...blends, ...jitters].filter(ran).map((name) => changes(name));
    const text = found.map((each) => each.text).join("; ");
    return firstOf([
      ["follows", { state: anyOf(found.map(({ state }) => state)), text }],
      ["flat", { ...every(all.map(not)), text }],
    ]);
  },
});
