/** Latents that gradient steps find for interventions, before these are planned. */
import { concatenated } from "../../numeric/index.ts";
import {
  adversarialDirections,
  forBlock,
  type GradientSearch,
  noiseAround,
  perturbedLatents,
  type ResolvedIntervention,
} from "../../reasoning/index.ts";
import { random } from "../../util/index.ts";
import type { BatchContext } from "./batch-context.ts";
import { type PerturbedRows, perturbedRows } from "./perturbed-rows.ts";

/** Searches of all interventions, each once, by name. */
const searchesOf = (interventions: readonly Pick<ResolvedIntervention, "searches">[]): GradientSearch[] => [
  ...new Map(interventions.flatMap(({ searches }) => searches.map((each) => [each.name, each]))).values(),
];

type Rows = PerturbedRows["rows"];

/** Rows at the start of a search. */
function started(
  { planner: { split, seed }, session: { batches } }: BatchContext,
  batch: number,
  { rows, which }: Pick<PerturbedRows, "rows" | "which">,
  search: GradientSearch,
): Rows {
  return rows.map((each, i) => {
    const { id, answer } = batches[batch]![which[i]!]!;
    const chosen = search.goal === "towards the right answer" ? answer : each.row.chosen;
    if (search.start === "own") return { ...each, row: { ...each.row, chosen } };
    const draw = random(seed, `${search.base}, start`, id);
    const noise = each.blocks.map(({ length }, b) =>
      noiseAround(forBlock(split.ownMean, b).subarray(0, length), forBlock(split.ownDeviation, b), draw),
    );
    return { ...each, row: { ...each.row, chosen, latents: concatenated(noise) } };
  });
}

/** Latents [K·D] by block, for each example of a batch and each search; absent where no gradient can be taken. */
export async function searchedLatents(
  context: BatchContext,
  batch: number,
): Promise<Map<string, readonly Float32Array[]>[]> {
  const { session, planner } = context;
  const out = session.batches[batch]!.map(() => new Map<string, readonly Float32Array[]>());
  const searches = searchesOf(planner.interventions);
  if (searches.length === 0) return out;
  const found = await perturbedRows(session, planner, batch);
  if (found.rows.length === 0) return out;
  for (const search of searches) {
    const rows = started(context, batch, found, search);
    const directions = await adversarialDirections(
      session.model,
      found.prefix,
      rows,
      rows.map(() => search.size),
      (i) => random(planner.seed, search.base, session.batches[batch]![found.which[i]!]!.id),
      search.goal === "towards the right answer" ? 1 : -1,
    );
    for (const [i, { direction }] of directions.entries()) {
      if (!direction) continue;
      const latents = perturbedLatents(rows[i]!, direction, search.size);
      let at = 0;
      const blocks: Float32Array[] = [];
      for (const { length } of rows[i]!.blocks) {
        blocks.push(latents.slice(at, at + length));
        at += length;
      }
      out[found.which[i]!]!.set(search.name, blocks);
    }
  }
  return out;
}
