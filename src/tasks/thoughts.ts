import type { Wording } from "./wording.ts";

const first = [
  (step: string) => `First, ${step}.`,
  (step: string) => `To begin with, ${step}.`,
  (step: string) => `I follow what is told in its order: ${step}.`,
  (step: string) => `Starting from the picture, ${step}.`,
];

const next = [
  (step: string) => `Then ${step}.`,
  (step: string) => `Next, ${step}.`,
  (step: string) => `After that, ${step}.`,
  (step: string) => `Now ${step}.`,
];

const plainFirst = [
  "Let me picture it.",
  "I will work this out in pictures.",
  "Here is how I imagine it.",
  "Let me see what this comes to.",
];

const plainNext = [
  "Going on from there.",
  "One step further.",
  "And then it looks like this.",
  "What follows is this.",
];

const after = [
  "Now I can compare this with the options.",
  "Only one option agrees with this.",
  "That settles which option it is.",
  "One of the options fits what I have pictured.",
];

/**
 * Reasoning for a helper after each of these steps, told as clauses: a piece before each helper, which names the step
 * or does not, and one after the last.
 *
 * @example
 * stepByStepWording(["the gap moves up", "the gap moves left"])[1].named[0]; // "Then the gap moves left."
 */
export function stepByStepWording(clauses: readonly string[]): Wording[] {
  return [
    ...clauses.map((clause, i) => ({
      named: (i === 0 ? first : next).map((say) => say(clause)),
      plain: i === 0 ? plainFirst : plainNext,
    })),
    { named: after, plain: after },
  ];
}
