import type { Random } from "../util/index.ts";
import type { ParameterSpec } from "./types.ts";

const templates = {
  named: {
    first: [
      (step: string) => `First, ${step}.`,
      (step: string) => `To begin with, ${step}.`,
      (step: string) => `I follow what is told in its order: ${step}.`,
      (step: string) => `Starting from the picture, ${step}.`,
    ],
    next: [
      (step: string) => `Then ${step}.`,
      (step: string) => `Next, ${step}.`,
      (step: string) => `After that, ${step}.`,
      (step: string) => `Now ${step}.`,
    ],
  },
  plain: {
    first: [
      () => "Let me picture it.",
      () => "I will work this out in pictures.",
      () => "Here is how I imagine it.",
      () => "Let me see what this comes to.",
    ],
    next: [
      () => "Going on from there.",
      () => "One step further.",
      () => "And then it looks like this.",
      () => "What follows is this.",
    ],
  },
};

const closings = [
  "Now I can compare this with the options.",
  "Only one option agrees with this.",
  "That settles which option it is.",
  "One of the options fits what I have pictured.",
];

/** The dial of tasks that can put words around latent blocks. */
export const planParameter = {
  default: "none",
  choices: ["none", "named", "plain"],
  description:
    "words around the latent blocks: none, words that name what each step does, or words that leave it to the picture",
} as const satisfies ParameterSpec;

/**
 * Words around the latent blocks of an example: a piece before each of `steps` (what it does, as a clause) and one
 * after the last, which never tells the answer. Undefined for the plan "none".
 *
 * @example
 * thoughts(random(0, "demo"), "named", ["the gap moves up"])?.length; // 2
 */
export function thoughts(r: Random, plan: string, clauses: readonly string[]): string[] | undefined {
  if (plan === "none") return undefined;
  const { first, next } = templates[plan as "named" | "plain"];
  return [...clauses.map((clause, i) => r.pick(i === 0 ? first : next)(clause)), r.pick(closings)];
}
