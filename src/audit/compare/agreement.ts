/** How far two audits of the same examples agree, answer by answer. */
import { type ExampleOutcomes, isRight, type Outcome } from "../record/outcomes.ts";

/** Two audits under one intervention. */
export interface Agreement {
  intervention: string;
  /** Examples that both have an outcome for, and those for which only one has. */
  examples: number;
  missing: number;
  /** Examples with the same answer, and with the same text to the last token. */
  answers: number;
  texts: number;
  /** Accuracy of the one and the other on these examples. */
  accuracy: readonly [number, number];
  /** The first example with different answers, or else with different texts. */
  first: { example: string; texts: readonly [string, string] } | null;
}

/**
 * Agreement by intervention, in the order of the first audit's.
 *
 * @example
 * const outcome = (choice) => ({ text: "a", choice, optionLogProbabilities: null, blocks: 0, steps: 0, endings: [] });
 * const rows = (choice) => [{ example: "x", answer: 0, options: ["a", "b"], outcomes: { own: outcome(choice) } }];
 * agreementOf(rows(0), rows(1))[0].answers; // 0
 */
export function agreementOf(a: readonly ExampleOutcomes[], b: readonly ExampleOutcomes[]): Agreement[] {
  const other = new Map(b.map((row) => [row.example, row.outcomes]));
  const names = new Set([...a, ...b].flatMap(({ outcomes }) => Object.keys(outcomes)));
  return [...names].map((intervention) => {
    const pairs: { example: string; answer: number; x: Outcome; y: Outcome }[] = [];
    let missing = 0;
    for (const { example, answer, outcomes } of a) {
      const [x, y] = [outcomes[intervention], other.get(example)?.[intervention]];
      if (x && y) pairs.push({ example, answer, x, y });
      else if (x || y) missing++;
    }
    const otherAnswer = pairs.filter(({ x, y }) => x.choice !== y.choice);
    const otherText = pairs.filter(({ x, y }) => x.text !== y.text);
    const first = otherAnswer[0] ?? otherText[0];
    const share = (which: "x" | "y"): number =>
      pairs.filter((pair) => isRight(pair[which], pair.answer)).length / Math.max(1, pairs.length);
    return {
      intervention,
      examples: pairs.length,
      missing,
      answers: pairs.length - otherAnswer.length,
      texts: pairs.length - otherText.length,
      accuracy: [share("x"), share("y")],
      first: first ? { example: first.example, texts: [first.x.text, first.y.text] } : null,
    };
  });
}
