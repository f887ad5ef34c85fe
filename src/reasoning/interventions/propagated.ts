/** Replacements that propagate: the model makes the slots behind a replaced one from its own states. */
import * as gradient from "./gradient.ts";
import * as mix from "./mix.ts";
import * as replace from "./replace.ts";
import { forBlock, type Intervention, type Values } from "./types.ts";

/** The contents that a slot can be replaced by; those with a value have their example value. */
const contents: Readonly<Record<string, Intervention>> = {
  zeros: replace.zeros,
  noise: replace.noise,
  "noise-matched": replace.noiseMatched,
  mean: replace.mean,
  "other-own": replace.otherOwn,
  oracle: replace.oracle,
  "other-oracle": replace.otherOracle,
  counterfactual: replace.counterfactual,
  "marker-repeat": replace.markerRepeat,
  "norm-matched": replace.normMatched,
  exchange: replace.exchange,
  "same-question": mix.sameQuestion,
  "matched-question": mix.matchedQuestion,
  "question-mean": mix.questionMean,
  "question-residual": mix.questionResidual,
  "mean-oracle": replace.meanOracle,
  "random-crop": replace.randomCropFeatures,
  clamp: replace.clamp,
  donor: replace.donor,
  sham: replace.sham,
  shuffle: mix.shuffle,
  "first-repeat": mix.firstRepeat,
  blend: mix.blend,
  jitter: mix.jitter,
  "noise-added": mix.noiseAdded,
  "oracle-budget": replace.oracleBudget,
  "random-direction": gradient.randomDirection,
};

/** Values of an intervention's parameters where none are given. */
const examples = ({ parameters = {} }: Intervention): Values =>
  Object.fromEntries(Object.entries(parameters).map(([name, { example }]) => [name, example]));

export const propagated: Intervention = {
  description:
    "Replaces one slot of every block while the block is generated: the slots behind it are what the model makes of the replaced one.",
  role: "other control",
  source: "docs/published-families.md §19.3 (7); replacement while generating in LanteRn and PRISM (§15.1)",
  parameters: {
    content: { description: "vector that the slot gets", example: "zeros", choices: Object.keys(contents) },
    slot: { description: "the slot, counted from 1", example: 1, min: 1, integer: true },
  },
  needs: ["split", "oracle", "counterfactual", "crop"],
  lacking: "no own block with this slot, latents that come all at once, or nothing to put there",
  changesForm: true,
  plan: (context, values) => {
    const [slot, { own, width, randomOf, rules }] = [(values.slot as number) - 1, context];
    const name = values.content as string;
    if (rules.made || !own.some((block) => block.length >= (slot + 1) * width)) return null;
    const content = contents[name]!;
    const planned = content.plan({ ...context, random: randomOf(name) }, examples(content));
    if (planned?.plan.kind !== "fixed") return null;
    const block = forBlock(planned.plan.blocks, 0);
    // A content with fewer slots puts in its last.
    const at = Math.min(slot, block.length / width - 1) * width;
    return {
      plan: { kind: "own", put: [{ slot, vector: block.slice(at, at + width) }] },
      from: `${planned.from} in slot ${slot + 1}, and what the model makes of it behind`,
      ...(planned.target !== undefined && { target: planned.target }),
    };
  },
};
