/** Suites as the help of `lintel audit` lists them: text, so that printing a help loads nothing of an audit. */
import type { Command } from "commander";
import { table } from "../command.ts";

/** Names and questions; a test compares them with the registry of suites. */
const rows = [
  ["viveiros *", "are latents bypassed, and are they collapsed?"],
  ["trt *", "how much of the gain stays when the content goes, at a fixed number of tokens?"],
  ["markers", "what is due to the slots, to their markers, and to the format?"],
  ["prism", "is the answer in the latents, and does the model read it there?"],
  ["mediation", "does the image move the latents, and do the latents move the answer?"],
  ["knockout", "what does the text after the block attend to, and what does it need?"],
  ["dose", "does the answer follow the latents by degrees?"],
  ["gradient", "how much would the answer change if the latents did?"],
  ["paths", "are latents bypassed because the image is there, or whatever can be seen of it?"],
  ["oracle-format", "can the model not read oracle latents, or not use what they say?"],
  ["full *", "everything above, and the controls on the input"],
  ["reviewer *", "all of them, further controls, and an appendix for a paper"],
] as const;

/** The section "Suites" of a help. */
export const suiteHelp = (command: Command): string =>
  `\nSuites (* includes all that a verdict needs):\n${table(command, rows)}`;
