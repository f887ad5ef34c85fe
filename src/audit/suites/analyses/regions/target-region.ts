import { decodeImage } from "../../../../formats/index.ts";
import { mean, sum } from "../../../../numeric/index.ts";
import { replay } from "../../../../reasoning/index.ts";
import { wilson } from "../../../../statistics/index.ts";
import { type Example, optionImages, type Region } from "../../../../tasks/index.ts";
import {
  type CellGrid,
  type Cells,
  cellsOf,
  type Enrichment,
  regionEnrichment,
} from "../../../measurements/index.ts";
import type { SuiteContext } from "../../analysis.ts";
import { nothingReplayed, replayable } from "../shared/replays.ts";
import { estimate } from "../shared/shares.ts";

/** Added below the line, in shares of a position's attention or saliency. */
const EPSILON = 1e-6;

/** The target of an example: its regions or, if every option is a separate image, the image of the right option. */
async function targetsOf(
  example: Example,
): Promise<{ kind: string; targets: { region: Region; width: number; height: number }[] }> {
  const { regions = [], answer } = example;
  const image = regions.length === 0 ? optionImages(example)?.[answer] : undefined;
  const sizeOf = async (at: number) => decodeImage(example.images[at]!, `example ${example.id}`, "dataset");
  if (image !== undefined) {
    const { width, height } = await sizeOf(image);
    const region: Region = { image, box: [0, 0, width, height] };
    return { kind: "image of the right option", targets: [{ region, width, height }] };
  }
  const targets: Awaited<ReturnType<typeof targetsOf>>["targets"] = [];
  for (const region of regions) {
    if (!example.images[region.image]) continue;
    const { width, height } = await sizeOf(region.image);
    targets.push({ region, width, height });
  }
  return { kind: "region", targets };
}

/**
 * Images of an example as grids of their visual tokens, and the target as cells of them; null where images are no grids, or
 * its prompt has another number of image tokens than these (`tokens`): several images are read otherwise than one alone.
 */
export async function cellsOfExample(
  { session: { model } }: SuiteContext,
  example: Example,
  tokens: number,
): Promise<{ kind: string; grids: CellGrid[]; regions: Cells[] } | null> {
  const { mergeSize: merge = 1 } = model.network.config.vision ?? {};
  const images = await model.features.get(example.images);
  const grids: CellGrid[] = [];
  for (const { grid, raster } of images) {
    if (grid) grids.push({ rows: grid[1] / merge, columns: grid[2] / merge });
    else if (raster) grids.push({ rows: raster[0], columns: raster[1] });
    else return null;
  }
  if (sum(grids.map(({ rows, columns }) => rows * columns)) !== tokens) return null;
  const { kind, targets } = await targetsOf(example);
  const regions = targets.map(({ region: { image, box }, width, height }) =>
    cellsOf(box, { image, width, height }, grids[image]!),
  );
  return { kind, grids, regions };
}

interface Found {
  inside: number[];
  elsewhere: number[];
  rho: number[];
}

/** Who looks (latents, answer), by what (attention, saliency), layer by layer. */
type Table = Record<"attention" | "saliency", Record<"latents" | "answer", Found[]>>;

/** Scores of the places of an example's images, split by image; null if all are zero. */
function byImage(
  scores: Float64Array,
  places: readonly number[],
  grids: readonly CellGrid[],
): Float64Array[] | null {
  const total = sum(scores);
  if (!(total > 0)) return null;
  let at = 0;
  return grids.map(({ rows, columns }) =>
    Float64Array.from({ length: rows * columns }, () => scores[places[at++]!]! / total),
  );
}

/** Mean over readers `from` to `to` of a layer's [readers, span]. */
function meanOf(layer: Float32Array, span: number, from: number, to: number): Float64Array {
  const out = new Float64Array(span);
  for (let r = from; r < to; r++)
    for (let p = 0; p < span; p++) out[p]! += layer[r * span + p]! / (to - from);
  return out;
}

/**
 * Do latents and answer attend to the target? ρ = s(M) / (E_B s(B) + ε) by layer: s is the share of attention, or of
 * |attention × gradient of the answer's log-odds| summed over heads (saliency), on the image tokens of the target M, and
 * E_B the mean over all regions B of its shape elsewhere in the example's images. "latents": the mean over the positions
 * where latents stand; "answer": the position that chooses it. Latents count as given: what a slot's state would make of
 * the next latent is not followed. `rho` is the mean over examples, with its interval; `ofMeans` the ratio of mean s(M) and
 * mean s(B), which one example with hardly anything elsewhere cannot move; `above` the share of examples with ρ > 1.
 *
 * The target is an example's region: where a helper was cut out (`--map`), what a task marks (`crop`); else, where every
 * option is an image of its own, the right one's. Examples with neither are counted in `left`.
 *
 * Source: ReaLVR G.2 and G.3; docs/published-families.md §15.7. From which positions it reads is not in the sources we reached.
 *
 * @example
 * const nothing = { session: { examples: [], batches: [] } };
 * await targetRegion(nothing); // { n: 0, reason: "no examples", left: {} }
 */
export const targetRegion = async (context: SuiteContext) => {
  const { session, planner } = context;
  const left: Record<string, number> = {};
  const targets: Record<string, number> = {};
  const empty = (): Found[] => [];
  const table: Table = {
    attention: { latents: empty(), answer: empty() },
    saliency: { latents: empty(), answer: empty() },
  };
  let n = 0;
  const put = (into: Found[], layer: number, of: Enrichment, scores: Float64Array[] | null): void => {
    into[layer] ??= { inside: [], elsewhere: [], rho: [] };
    if (!scores) return;
    const found = of(scores);
    for (const key of ["inside", "elsewhere", "rho"] as const) into[layer][key].push(found[key]);
  };
  for await (const { prefix, rows, which, index } of replayable(context, "target region", left)) {
    const shared = await session.prefixOf(Math.floor(index[0]! / session.size));
    const asked = rows.map(({ row }) => ({ ...row, read: [...row.slots, row.ids.length - 1] }));
    const found = await replay(session.model, prefix, asked, { gradient: true });
    for (const [at, { read, slots }] of asked.entries()) {
      const { images } = shared.rows[which[at]!]!.layout;
      const cells = await cellsOfExample(context, session.examples[index[at]!]!, images.length);
      if (!cells) {
        const reason = `images of ${session.model.network.config.modelType} are no grid of patches`;
        left[reason] = (left[reason] ?? 0) + 1;
        continue;
      }
      const { kind, grids, regions } = cells;
      const of = regionEnrichment(regions, grids, EPSILON);
      if (of.value === null) {
        left[of.reason] = (left[of.reason] ?? 0) + 1;
        continue;
      }
      n++;
      targets[kind] = (targets[kind] ?? 0) + 1;
      for (const what of ["attention", "saliency"] as const)
        for (const [layer, scores] of found[what]![at]!.entries()) {
          const span = scores.length / read.length;
          const seen = (from: number, to: number) => byImage(meanOf(scores, span, from, to), images, grids);
          put(table[what].latents, layer, of.value, seen(0, slots.length));
          put(table[what].answer, layer, of.value, seen(slots.length, read.length));
        }
    }
  }
  if (n === 0) return nothingReplayed(left);
  const summary = ({ inside, elsewhere, rho }: Found) => {
    const count = rho.length;
    if (count === 0)
      return {
        rho: null,
        interval: null,
        ofMeans: null,
        above: null,
        n: 0,
        reason: "nothing is attended to",
      };
    const { interval, reason } = estimate(rho, "a target", planner.seed);
    return {
      ...{ rho: mean(rho), interval },
      ofMeans: mean(inside) / (mean(elsewhere) + EPSILON),
      above: rho.filter((each) => each > 1).length / count,
      aboveInterval: wilson(rho.filter((each) => each > 1).length, count, 0.05).value,
      ...{ inside: mean(inside), elsewhere: mean(elsewhere), n: count },
      ...(reason !== undefined && { reason }),
    };
  };
  return {
    n,
    left,
    targets,
    ...Object.fromEntries(
      Object.entries(table).map(([what, by]) => [
        what,
        { latents: by.latents.map(summary), answer: by.answer.map(summary) },
      ]),
    ),
  };
};
