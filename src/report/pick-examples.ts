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
 * await pickExamples([], 12); // []
 */
export async function pickExamples(
  outcomes: Iterable<ExampleOutcomes> | AsyncIterable<ExampleOutcomes>,
  limit: number,
): Promise<PickedExample[]> {
  const kinds = new Map<string, { first: ExampleOutcomes[]; count: number }>();
  let all = 0;
  for await (const example of outcomes) {
    const kind = exampleKind(example);
    const found = kinds.get(kind) ?? { first: [], count: 0 };
    kinds.set(kind, found);
    found.count++;
    all++;
    if (found.first.length < limit) found.first.push(example);
  }
  const queues = [...kinds]
    .sort((a, b) => b[1].count - a[1].count || (a[0] < b[0] ? -1 : 1))
    .map(([name, { first, count }]) => ({ kind: { name, count, of: all }, examples: first }));
  const share = queues.map(() => 0);
  let left = Math.min(limit, all);
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
