import { mean } from "../numeric/index.ts";
/** Training journals made into curves of bounded length. */
export interface TrainingCurve {
  /** Optimiser step → mean losses over the bucket of steps that ends there; null where a journal has none. */
  losses: { step: number; text: number | null; latent: number | null }[];
  /** Accuracy on a probe split under some interventions while training. */
  accuracy: { step: number; values: Record<string, number> }[];
}

const POINTS = 100;

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function meanOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((v) => v !== null);
  return known.length > 0 ? mean(known) : null;
}

/**
 * Curves from the lines of `training.jsonl`: losses averaged into at most 100 equal buckets of steps, accuracies as
 * they are. A journal that was resumed repeats steps; the last line of a step counts.
 *
 * @example
 * trainingCurve([{ step: 1, textLoss: 2, latentLoss: 1 }, { step: 1, accuracy: { own: 0.3 } }]).losses; // [{ step: 1, text: 2, latent: 1 }]
 */
export function trainingCurve(lines: readonly unknown[]): TrainingCurve {
  const losses = new Map<number, { text: number | null; latent: number | null }>();
  const accuracy = new Map<number, Record<string, number>>();
  for (const line of lines) {
    if (typeof line !== "object" || line === null) continue;
    const entry = line as Record<string, unknown>;
    const step = number(entry.step);
    if (step === null) continue;
    if (typeof entry.accuracy === "object" && entry.accuracy !== null) {
      const values = Object.entries(entry.accuracy).filter(
        (pair): pair is [string, number] => number(pair[1]) !== null,
      );
      accuracy.set(step, Object.fromEntries(values));
    }
    const [text, latent] = [number(entry.textLoss) ?? number(entry.loss), number(entry.latentLoss)];
    if (text !== null || latent !== null) losses.set(step, { text, latent });
  }
  const steps = [...losses.keys()].sort((a, b) => a - b);
  const size = Math.max(1, Math.ceil(steps.length / POINTS));
  const buckets: TrainingCurve["losses"] = [];
  for (let i = 0; i < steps.length; i += size) {
    const bucket = steps.slice(i, i + size);
    const entries = bucket.map((step) => losses.get(step)!);
    buckets.push({
      step: bucket.at(-1)!,
      text: meanOfKnown(entries.map((e) => e.text)),
      latent: meanOfKnown(entries.map((e) => e.latent)),
    });
  }
  const points = [...accuracy].sort((a, b) => a[0] - b[0]).map(([step, values]) => ({ step, values }));
  return { losses: buckets, accuracy: points };
}
