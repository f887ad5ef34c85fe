import { centered, type Matrix, matrix, selectRows } from "../../../numeric/index.ts";
import { pooledInput } from "../../../reasoning/index.ts";
import { crossFitResiduals, pairwiseCosine, sampleRows, withinGroups } from "../../measurements/index.ts";
import { ownBlocks } from "../../record/latents-file.ts";
import type { AnalysisResult, SuiteContext } from "../analysis.ts";
import { attributeClasses } from "./shared/attributes.ts";
import { estimate } from "./shared/shares.ts";
import { meansOf } from "./spread.ts";

/** Mean over slots of own latents, and the examples that have them; how many are not finite. */
function latentsOf({ latents }: SuiteContext): { indices: number[]; z: Matrix; notFinite: number } {
  const all = ownBlocks(latents).flatMap(([block], index) =>
    block && block.length > 0 ? [{ block, index }] : [],
  );
  const there = all.filter(({ block }) => block.every(Number.isFinite));
  return {
    indices: there.map(({ index }) => index),
    z: meansOf(
      there.map(({ block }) => block),
      latents.width,
    ),
    notFinite: all.length - there.length,
  };
}

/** Pooled images and question of examples, side by side: [n, 2·D]. */
async function inputsOf(
  { session: { model, examples } }: SuiteContext,
  indices: readonly number[],
): Promise<Matrix> {
  const width = model.network.config.text.hiddenSize;
  const values = new Float64Array(indices.length * 2 * width);
  for (const [row, i] of indices.entries()) {
    const { image, question } = await pooledInput(model, examples[i]!);
    if (image) values.set(image, 2 * row * width);
    values.set(question, (2 * row + 1) * width);
  }
  return matrix(values, indices.length, 2 * width);
}

/** One form of the latents, and how alike those of a group are in it. */
function alike(x: Matrix | null, labels: readonly string[], absent: string, seed: number): AnalysisResult {
  const nothing = { same: null, different: null, difference: null, interval: null, n: 0 };
  if (!x) return { ...nothing, reason: absent };
  const { value, reason } = withinGroups(x, labels);
  if (!value) return { ...nothing, reason };
  const { differences, ...numbers } = value;
  const interval = estimate(differences, "others of their group", seed);
  return {
    ...numbers,
    interval: interval.interval,
    ...(interval.reason !== undefined && { reason: interval.reason }),
  };
}

/**
 * Are own latents of examples with the same transformation (or any other attribute) more alike than those with different
 * ones? Mean cosine within groups and between them, of the mean over slots: raw, less the common mean, and of residuals.
 *
 * Residuals are z − ẑ, ẑ the ridge regression of z on the mean feature of the input's images and the mean embedding of the
 * question's words, columns standardised, fitted without the example itself (five folds; the penalty chosen on a part that
 * neither fits nor is judged). What is alike in them is no echo of the input. `explained` is the share of variance that ẑ
 * has. Above 512 examples, of a sample of 512. The interval of a difference is over examples, their partners held.
 *
 * Source: ReaLVR (same task, different task; residualised cosine); docs/published-families.md §15.6. The formula of the residuals is ours.
 *
 * @example
 * const latents = { examples: [], slots: 1, width: 1, own: new Float32Array(0), hasOwn: [] };
 * (await groupCosine({ latents, session: { examples: [] }, planner: { seed: 0 } })).raw; // { cosine: null, reason: "no example has own latents" }
 */
export const groupCosine = async (context: SuiteContext) => {
  const { session, planner } = context;
  const all = latentsOf(context);
  const kept = sampleRows(all.z);
  const indices = kept.map((row) => all.indices[row]!);
  const z = selectRows(all.z, kept);
  const n = z.n;
  const fitted = n > 0 ? crossFitResiduals(z, await inputsOf(context, indices), planner.seed) : null;
  const absent = fitted?.reason ?? "no example has own latents";
  const residuals = fitted?.value?.residuals ?? null;
  const middle = n > 0 ? centered(z) : null;
  const cosine = (x: Matrix | null, why: string): { cosine: number | null; reason?: string } => {
    const { value, reason } = x ? pairwiseCosine(x) : { value: null, reason: why };
    return { cosine: value, ...(reason !== undefined && { reason }) };
  };
  const equal = `all ${n} vectors are equal`;
  const { classes, skipped } = attributeClasses(session.examples, indices);
  const attributes = [...classes].map(([key, values]) => {
    const rows = indices.flatMap((i, row) => (values.has(i) ? [row] : []));
    const labels = rows.map((row) => values.get(indices[row]!)!);
    const groups: Record<string, number> = {};
    for (const label of [...labels].sort()) groups[label] = (groups[label] ?? 0) + 1;
    const of = (x: Matrix | null): Matrix | null => x && selectRows(x, rows);
    return [
      key,
      {
        groups,
        raw: alike(of(z), labels, equal, planner.seed),
        centered: alike(of(middle), labels, equal, planner.seed),
        residual: alike(of(residuals), labels, absent, planner.seed),
      },
    ] as const;
  });
  return {
    n,
    notFinite: all.notFinite,
    raw: cosine(n > 0 ? z : null, absent),
    centered: cosine(middle, n > 0 ? equal : absent),
    residual: { ...cosine(residuals, absent), explained: fitted?.value?.explained ?? null },
    attributes: Object.fromEntries(attributes),
    ...(Object.keys(skipped).length > 0 && { skipped }),
  };
};
