/**
 * Selection of the examples on the page: a fixed mix of the ways in which own latents, oracle and content-free controls
 * agree or differ, not a sample. The page gives the count of each kind, so that a rare kind is not taken for a frequent one.
 */
import { contentDummies, type ExampleOutcomes } from "../audit/index.ts";

export interface ExampleKind {
  name: string;
  /** Outcomes of this kind in the audit. */
  count: number;
  /** Outcomes in the audit. */
  of: number;
}

export interface PickedExample {
  outcomes: ExampleOutcomes;
  kind: ExampleKind;
}

/** Right, wrong, or null where the intervention was not run on the example. */
function right(example: ExampleOutcomes, intervention: string): boolean | null {
  const outcome = Object.hasOwn(example.outcomes, intervention) ? example.outcomes[intervention] : undefined;
  return outcome ? outcome.choice === example.answer : null;
}

/**
 * The kind of an example: whether own latents and the oracle answer right and, where both agree, whether a control
 * differs.
 *
 * @example
 * const wrote = (choice) => ({ text: "", choice, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] });
 * exampleKind({ example: "1", answer: 0, options: ["a", "b"], outcomes: { own: wrote(1), oracle: wrote(0) } }); // "oracle right, own wrong"
 */
export function exampleKind(example: ExampleOutcomes): string {
  const own = right(example, "own");
  const oracle = right(example, "oracle");
  const counterfactual = Object.hasOwn(example.outcomes, "counterfactual")
    ? example.outcomes.counterfactual
    : undefined;
  if (own !== null && oracle !== null && own !== oracle) {
    return oracle ? "oracle right, own wrong" : "own right, oracle wrong";
  }
  const controls = contentDummies.map((name) => right(example, name)).filter((r) => r !== null);
  if (own && controls.some((r) => !r)) return "own right, a control wrong";
  if (own === false && controls.some((r) => r)) return "own wrong, a control right";
  if (counterfactual?.target !== undefined && counterfactual.choice === counterfactual.target) {
    return "only the counterfactual moves the answer";
  }
  if (own === null) return "answered";
  if (Object.keys(example.outcomes).length === 1) return own ? "right" : "wrong";
  return own ? "right throughout" : "wrong throughout";
}

/**
 * At most `limit` examples: the kinds take turns until the limit is reached, and each gives its first examples in the
 * order of the audit. The commonest kind comes first.
 *
 * @example
 * pickExamples([], 12); // []
 */
export function pickExamples(outcomes: readonly ExampleOutcomes[], limit: number): PickedExample[] {
  const kinds = new Map<string, ExampleOutcomes[]>();
  for (const example of outcomes) {
    const kind = exampleKind(example);
    const list = kinds.get(kind);
    if (list) list.push(example);
    else kinds.set(kind, [example]);
  }
  const queues = [...kinds]
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
    .map(([name, examples]) => ({ kind: { name, count: examples.length, of: outcomes.length }, examples }));
  const share = queues.map(() => 0);
  let left = Math.min(limit, outcomes.length);
  while (left > 0) {
    queues.forEach((queue, i) => {
      if (left === 0 || share[i]! >= queue.examples.length) return;
      share[i]!++;
      left--;
    });
  }
  return queues.flatMap(({ kind, examples }, i) =>
    examples.slice(0, share[i]).map((example) => ({ outcomes: example, kind })),
  );
}
