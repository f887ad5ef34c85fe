/** The questions that a reviewer may ask, what answers them, and where it comes from: docs/controls.md, and `--suites reviewer`. */
import type { AuditResult } from "../record/schema.ts";
import {
  adversariesInWords,
  augmentations,
  breakage,
  donorsInWords,
  geometryInWords,
  likelihoods,
  looksInWords,
  nonlinear,
  regionsInWords,
} from "./control-answers.ts";
import { type SuiteName, suiteOf } from "./registry.ts";

export interface Control {
  question: string;
  /** The suite whose conclusion answers it … */
  suite?: SuiteName;
  /** … or interventions whose rows do, … */
  interventions?: readonly string[];
  /** … or another command. */
  command?: string;
  /** Reads the answer from an audit, where it is neither a suite's conclusion nor rows. */
  read?(audit: AuditResult): string;
  /** What the answer looks like; of a suite its conclusions, if left out. */
  look?: string;
  /** Paper, section or page that asks it. */
  asked: string;
}

const differences =
  "accuracy beside `own`, paired difference with interval, exact McNemar, equivalence within two points";

export const controls: readonly Control[] = [
  {
    question: "Does the answer rest on what the latents hold?",
    suite: "viveiros",
    asked: "arXiv 2605.18445",
  },
  { question: "Would as many tokens without content do as well?", suite: "trt", asked: "arXiv 2605.21642" },
  {
    question: "Is it the markers or the format, and not the slots?",
    suite: "markers",
    asked: "arXiv 2606.01287",
  },
  {
    question: "Is the answer in the latents, and is it read there?",
    suite: "prism",
    asked: "arXiv 2606.05753",
  },
  {
    question: "Does the image change the latents, and do the latents change the answer?",
    suite: "mediation",
    asked: "arXiv 2602.22766; ReaLVR, arXiv 2609.34563",
  },
  {
    question:
      "Which positions does the text after the block attend to, and which can be masked without loss?",
    suite: "knockout",
    asked: "Monet; LIVR; CVRR, arXiv 2609.06746",
  },
  {
    question: "Are the latents bypassed only because the image is there?",
    suite: "paths",
    asked: "CVRR, arXiv 2609.06746",
  },
  {
    question: "Can the model not read the oracle, or not use what it says?",
    suite: "oracle-format",
    asked: "WM-VLM, arXiv 2609.34826",
  },
  {
    question: "Does the answer change gradually with the size of a change of the latents?",
    suite: "dose",
    asked: "docs/science.md",
  },
  {
    question: "How small a change of the latents changes the answer, and through which slot?",
    suite: "gradient",
    asked: "white-box perturbation studies",
  },
  {
    question: "What does the answer rest on, all things considered?",
    suite: "full",
    asked: "all of the above",
  },
  {
    question: "Is a wrong answer a wrong latent that was read, or a right one that was not?",
    interventions: ["own", "oracle", "other-own", "counterfactual"],
    read: looksInWords,
    look: "`lookAlike`: counts of right and wrong latents × followed or not, with intervals",
    asked: "docs/published-families.md §19.3 (4)",
  },
  {
    question: "Do latents say what this image shows, beyond what the question asks?",
    command: "lintel audit --model DIR --data DATA --suites mediation",
    read: donorsInWords,
    look: "`sameQuestion`: answers that become the donor's, over those under matched donors; accuracy without the image's part; over independent pairs",
    asked: "docs/published-families.md §19.3 (3); MMVP, V*",
  },
  {
    question: "Is this cosine to the oracle high?",
    command: "lintel audit (every audit)",
    read: geometryInWords,
    look: "`geometry.references`: mean cosine and percentiles of pairs of which one knows how alike they should be",
    asked: "docs/published-families.md §19.3 (10)",
  },
  {
    question: "Is the answer in the latents, but not along a line?",
    command: "lintel audit --model DIR --data DATA --suites prism",
    read: nonlinear,
    look: "`probes.mlp`: accuracy, and gain over the linear probe with interval; `clusters`: adjusted Rand index with interval and permutation test",
    asked: "docs/published-families.md §19.3 (10)",
  },
  {
    question: "Does it hold where whole replies are scored instead of read?",
    command: "lintel audit --model DIR --data DATA --suites prism",
    read: likelihoods,
    look: "`answerLikelihood`: accuracy of the likeliest reply by content, margin of own latents over each with interval",
    asked: "docs/published-families.md §19.3 (13)",
  },
  {
    question: "Would words of the same cost do?",
    interventions: ["matched-text", "filler", "no-markers"],
    look: `${differences}; for a model trained in words, \`--text-baseline DIR\``,
    asked: "CapImagine, arXiv 2602.22766; CoLT issue 4",
  },
  {
    question: "Does the model look at the image at all?",
    interventions: ["blank-image", "other-image", "caption-only", "image-twice", "drop-image"],
    look: differences,
    asked: "docs/published-families.md §15.8",
  },
  {
    question: "Which region of the image does the answer rest on?",
    command: "lintel audit --model DIR --data DATA --suites knockout",
    read: regionsInWords,
    look: "`regionBlocking`: loss of the right option's margin window by window (`map`), on and off the target, with intervals",
    asked: "CVRR, arXiv 2609.06746 (visual_regions.py); docs/published-families.md §19.3 (11)",
  },
  {
    question: "Do answers and latents stand small changes of the image?",
    interventions: [
      ...["noisy-image(0.05)", "noisy-image(0.2)", "blurred-image(0.01)", "blurred-image(0.05)"],
      ...["cropped-image(0.1)", "cropped-image(0.3)", "rotated-image(5)", "rotated-image(20)"],
      ...["brightened-image(0.1)", "brightened-image(-0.3)"],
    ],
    read: augmentations,
    look: "accuracy by dose, and the drift of own latents (`dose` of each row: distance, cosine); as curves in `doseCurves`",
    asked: "docs/published-families.md §19.3 (10); RCS of ReaLVR, arXiv 2609.34563",
  },
  {
    question:
      "Does an image that looks the same, made against the answer, move the latents or only the answer?",
    command: "lintel audit --model DIR --data DATA --suites mediation",
    read: adversariesInWords,
    look: "`adversarialImages`: cosine of the latents to the clean ones by slot, answers that change, with clean latents and by latents alone; beside random signs of the same size, paired",
    asked: "docs/published-families.md §19.3 (8)",
  },
  {
    question: "Could any latents give the right answer, or does the model not read them?",
    interventions: ["own", "noise-matched", "optimized(1)", "optimized-noise(1)", "random-direction(1)"],
    look: "accuracy of `optimized` and `optimized-noise` beside their starts; where both stay, the answer does not hear the latents",
    asked: "ULR, arXiv 2605.02735; docs/published-families.md §19.3 (12)",
  },
  {
    question: "How many latents does it take?",
    interventions: ["own-steps(0)", "own-steps(1)", "own-steps(2)", "own-steps(4)", "own-steps(8)"],
    look: "accuracy over the number of steps (`doseCurves`)",
    asked: "ReaLVR, arXiv 2609.34563",
  },
  {
    question: "Does the order of the options matter?",
    interventions: ["reshuffled"],
    look: "accuracy where every option moved, beside `own`; `balance` and `optionsOnly` of the split",
    asked: "DeepEyes pull request 66 (V*)",
  },
  {
    question: "Could the controls have broken the model instead of taking content away?",
    command: "lintel audit (every audit)",
    read: breakage,
    look: "`answered` of every row, `broken` with the evidence; a model whose answers cannot be read is inconclusive",
    asked: "docs/audits.md (guards); WM-VLM's zeros below chance",
  },
  {
    question: "Do the helper images say anything that the input does not?",
    command: "lintel inform DATASET",
    look: "redundancy, V-usable information, verdict on the data",
    asked: "arXiv 2605.18445; arXiv 2605.21642",
  },
  {
    question: "Were there enough examples?",
    command: "lintel plan",
    look: "examples for each verdict at 80 % power; `further` of an inconclusive audit",
    asked: "docs/audits.md",
  },
  {
    question: "Does it hold for other training runs?",
    command: "lintel study --seeds N",
    look: "findings seed by seed: holds, refuted, undecided or not run",
    asked: "docs/science.md (Statistics)",
  },
  {
    question: "Is the instrument right?",
    command: "lintel selftest --suites",
    look: "every suite on models whose weights say what the answer rests on",
    asked: "docs/decisions/0037-known-answer-models-by-hand.md",
  },
];

/**
 * The command that answers a question.
 *
 * @example
 * commandOf(controls[0]); // "lintel audit --model DIR --data DATA --suites viveiros"
 */
export function commandOf({ suite, interventions, command }: Control): string {
  if (command !== undefined) return command;
  const what = suite === undefined ? `--interventions '${interventions!.join(",")}'` : `--suites ${suite}`;
  return `lintel audit --model DIR --data DATA ${what}`;
}

/**
 * The table of docs/controls.md.
 *
 * @example
 * controlsMarkdown().split("\n")[0]; // "| question | command | what the answer looks like | source |"
 */
export function controlsMarkdown(): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const rows = controls.map((control) => {
    const { question, suite, look, asked } = control;
    const answer =
      look ??
      Object.keys(suiteOf(suite!).conclusions)
        .slice(0, 8)
        .map((name) => `\`${name}\``)
        .join(", ");
    return `| ${[question, `\`${commandOf(control)}\``, answer, asked].map(cell).join(" | ")} |`;
  });
  return ["| question | command | what the answer looks like | source |", "|---|---|---|---|", ...rows].join(
    "\n",
  );
}
