import { inDistribution } from "../judge/guards.ts";
import { type Evidence, every, firstOf, type Shown } from "./evidence.ts";
import { suite } from "./suite.ts";

const contents = ["own", "oracle", "zeros", ...inDistribution];
/** The paths that decide; the others are run for own latents and one control. */
const [clear, alone] = ["visible", "unseen"] as const;

/** Own latents beat every in-distribution control on a path. */
const needed = ({ beats }: Evidence, path: string): Shown =>
  every(inDistribution.map((name) => beats(`own@${path}`, `${name}@${path}`)));

/** Every in-distribution control, and the oracle, does as own latents do. */
const ignored = ({ alike, ran }: Evidence, path: string): Shown =>
  every(
    [...inDistribution, "oracle"]
      .filter((name) => name !== "oracle" || ran(`oracle@${path}`))
      .map((name) => alike(`own@${path}`, `${name}@${path}`)),
  );

export const paths = suite({
  title: "are the latents bypassed because the answer can see the image, or even where it cannot?",
  source: "CVRR, arXiv 2609.06746 (content × visual cache); docs/published-families.md §19.3 (1)",
  interventions: [
    "own",
    ...[clear, "dropped", alone].flatMap((path) => contents.map((content) => `${content}@${path}`)),
    ...["hidden", "blank"].flatMap((path) => [`own@${path}`, `other-own@${path}`]),
    ...[clear, alone].map((path) => `counterfactual@${path}`),
  ],
  analyses: ["pathInteractions"],
  conclusions: {
    "needed regardless":
      "own latents beat every in-distribution control, with the image in sight and with the image out of sight",
    "bypassed because of the image":
      "with the image in sight every control and the oracle are equivalent to own latents; out of sight own latents beat every control, by more than in sight",
    "bypassed regardless":
      "every in-distribution control and the oracle are equivalent to own latents, with the image in sight and out of sight",
    "needed with the image":
      "own latents beat every in-distribution control with the image in sight; out of sight all are equivalent, and the gain is smaller",
  },
  conclude(evidence) {
    const [with_, without] = [needed(evidence, clear), needed(evidence, alone)];
    const [nothing, nothingAlone] = [ignored(evidence, clear), ignored(evidence, alone)];
    const more = (path: string, than: string): Shown =>
      every(inDistribution.map((name) => evidence.interacts("own", name, path, than)));
    return firstOf([
      ["needed regardless", every([with_, without])],
      ["bypassed because of the image", every([nothing, without, more(alone, clear)])],
      ["bypassed regardless", every([nothing, nothingAlone])],
      ["needed with the image", every([with_, nothingAlone, more(clear, alone)])],
    ]);
  },
});
