/** Suites as the help of `lintel audit` lists them: text, so that printing a help loads nothing of an audit. */
import type { Command } from "commander";
import { table } from "../command.ts";

/** Names and questions; a test compares them with the registry of suites. */
const rows = [
  ["viveiros *", "are the latents bypassed, and have they collapsed (nearly equal for all examples)?"],
  [
    "trt *",
    "how much of the gain over no block remains without the content of the latents, at equal length?",
  ],
  [
    "markers",
    "how much accuracy is due to the latent positions, to their markers, and to the answer format?",
  ],
  ["prism", "can the answer be decoded from the latents, and does the model use it?"],
  ["mediation", "does the image change the latents, and do the latents change the answer?"],
  [
    "knockout",
    "which positions does the text after the block attend to, and which can be masked without loss?",
  ],
  ["dose", "does the answer change gradually with the size of a change of the latents?"],
  ["gradient", "how sensitive is the answer to small changes of the latents?"],
  ["paths", "are the latents bypassed because the answer can see the image, or even where it cannot?"],
  [
    "oracle-format",
    "where oracle latents do not help: is their format (scale, direction) unfamiliar to the model, or does it not use their information?",
  ],
  ["full *", "all suites above, and controls that change the prompt or the image"],
  ["reviewer *", "full, every further control of docs/controls.md, and an appendix for a paper (with --out)"],
] as const;

/** The section "Suites" of a help. */
export const suiteHelp = (command: Command): string =>
  `\nSuites (* includes all that a verdict needs):\n${table(command, rows)}`;
