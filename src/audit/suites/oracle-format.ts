import { anyOf } from "../../statistics/index.ts";
import { inDistribution } from "../judge/guards.ts";
import { type Evidence, every, firstOf, type Shown } from "./evidence.ts";
import { suite } from "./suite.ts";

/** The helper as ordinary input, with the block and without, and what each is compared with. */
const ordinary = [
  ["helper-in-prompt(own)", "own"],
  ["helper-in-prompt(none)", "no-markers"],
  ["helper-in-words(own)", "own"],
  ["helper-in-words(none)", "no-markers"],
] as const;

/** Does the oracle help as a latent: over every in-distribution control? */
const asLatent = ({ beats }: Evidence): Shown => every(inDistribution.map((name) => beats("oracle", name)));
const notAsLatent = ({ alike }: Evidence): Shown =>
  every(inDistribution.map((name) => alike(name, "oracle")));

/** Does it help as ordinary input, in one of the forms that were run? Four forms at most share the level. */
function asInput({ ran, beats }: Evidence): Shown {
  const found = ordinary
    .filter(([name]) => ran(name))
    .map(([name, than]) => beats(name, than, ordinary.length));
  const text = found.map((each) => each.text).join("; ");
  return { state: anyOf(found.map(({ state }) => state)), text: text || "no helper in the prompt" };
}
const notAsInput = ({ ran, alike }: Evidence): Shown =>
  every(ordinary.filter(([name]) => ran(name)).map(([name, than]) => alike(name, than)));

export const oracleFormat = suite({
  title:
    "where oracle latents do not help: is their format (scale, direction) unfamiliar to the model, or does it not use their information?",
  source: "docs/published-families.md §19.3 (2); WM-VLM, arXiv 2609.34826 (the true helper as an image)",
  interventions: ["own", "oracle", ...inDistribution, "no-markers", ...ordinary.map(([name]) => name)],
  analyses: ["reliance"],
  conclusions: {
    both: "the oracle beats every in-distribution control as a latent, and helps as ordinary input",
    "as a latent only":
      "the oracle beats every in-distribution control as a latent, and brings nothing as ordinary input",
    "cannot read this format":
      "as a latent the oracle is equivalent to every in-distribution control, and as ordinary input it helps",
    "cannot use the information":
      "as a latent the oracle is equivalent to every in-distribution control, and as ordinary input it brings nothing",
  },
  conclude(evidence) {
    const [latent, noLatent] = [asLatent(evidence), notAsLatent(evidence)];
    const [input, noInput] = [asInput(evidence), notAsInput(evidence)];
    return firstOf([
      ["both", every([latent, input])],
      ["as a latent only", every([latent, noInput])],
      ["cannot read this format", every([noLatent, input])],
      ["cannot use the information", every([noLatent, noInput])],
    ]);
  },
});
