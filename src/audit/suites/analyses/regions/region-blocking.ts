import { largest, mean } from "../../../../numeric/index.ts";
import { engineOf, prefixRows, promptOf, readAgain, replay } from "../../../../reasoning/index.ts";
import { type CellGrid, type Cells, overlap } from "../../../measurements/index.ts";
import type { SuiteContext } from "../../analysis.ts";
import { nothingReplayed, replayable } from "../shared/replays.ts";
import { estimate } from "../shared/shares.ts";
import { cellsOfExample } from "./target-region.ts";

/** Windows of an example, and examples, at most: each window is a prompt that is read once more. */
const WINDOWS = 16;
const EXAMPLES = 32;
/** Smaller changes of a margin are rounding. */
const ROUNDING = 1e-4;

/**
 * Windows of the images of an example, 4 × 4 of each image at most and fewer where there are more images or patches are
 * few; image by image, in rows. Images beyond the sixteenth have none.
 *
 * @example
 * windowsOf([{ rows: 2, columns: 4 }]).length; // 8
 * windowsOf([{ rows: 4, columns: 4 }, { rows: 4, columns: 4 }])[1]; // { image: 0, row: 0, column: 2, rows: 2, columns: 2 }
 */
export function windowsOf(grids: readonly CellGrid[]): Cells[] {
  const most = Math.max(1, Math.floor(Math.sqrt(WINDOWS / Math.max(1, grids.length))));
  return grids.slice(0, WINDOWS).flatMap((grid, image) => {
    const [down, across] = [Math.min(most, grid.rows), Math.min(most, grid.columns)];
    const edge = (i: number, parts: number, count: number): number => Math.floor((i * count) / parts);
    return Array.from({ length: down * across }, (_, w): Cells => {
      const [y, x] = [Math.floor(w / across), w % across];
      const [row, column] = [edge(y, down, grid.rows), edge(x, across, grid.columns)];
      const rows = edge(y + 1, down, grid.rows) - row;
      return { image, row, column, rows, columns: edge(x + 1, across, grid.columns) - column };
    });
  });
}

/** Whether an image token of an example, by its number in the prompt, is in a window. */
function inWindow({ image, row, column, rows, columns }: Cells, grids: readonly CellGrid[], token: number) {
  const before = grids.slice(0, image).reduce((sum, grid) => sum + grid.rows * grid.columns, 0);
  const grid = grids[image]!;
  const [at, y, x] = [
    token - before,
    Math.floor((token - before) / grid.columns),
    (token - before) % grid.columns,
  ];
  return (
    at >= 0 &&
    at < grid.rows * grid.columns &&
    y >= row &&
    y < row + rows &&
    x >= column &&
    x < column + columns
  );
}

/** Score of the right option less the largest of the others. */
const marginOf = (scores: Float32Array, answer: number): number =>
  scores[answer]! - largest([...scores].filter((_, option) => option !== answer));

/** How far a state is from another, relative to its length. */
function moved(from: Float32Array, to: Float32Array): number {
  return Math.hypot(...from.map((x, i) => x - to[i]!)) / Math.hypot(...from);
}

interface Found {
  windows: readonly Cells[];
  /** By window: what the margin loses, and how far the state before the first slot moves. */
  drops: number[];
  states: number[];
  /** Whether the likeliest option is another one. */
  flips: boolean[];
  targets: readonly Cells[];
}

/** The share of what is lost that the quarter of windows with the largest losses holds. */
function topQuarter(drops: readonly number[]): number {
  const losses = drops.map((drop) => Math.max(drop, 0)).sort((a, b) => b - a);
  const total = losses.reduce((sum, loss) => sum + loss, 0);
  const top = losses.slice(0, Math.max(1, Math.floor(losses.length / 4)));
  return total > ROUNDING ? top.reduce((sum, loss) => sum + loss, 0) / total : 0;
}

/**
 * A map over the images: window by window, no later token (question, block, answer, later image tokens) can attend to the
 * window's image tokens. `drop`: what the right option's margin over the best other loses where own latents are fed as
 * recorded; `state`: how far the state before the first slot moves, of which most families make the latent. What the
 * vision tower has mixed into other tokens remains. On at most 32 examples, of at most 16 windows; `map` is the mean where
 * all examples have the same windows. `none` is the largest difference between the audit's own prompts and those read
 * again with nothing cut, 0 up to rounding; smaller drops are none. `target`: the mean drop of windows that meet the
 * example's target (as in `targetRegion`) less that of the others.
 *
 * Source: CVRR, arXiv 2609.06746, `diagnostics/visual_regions.py` (commit 485639d): there edges of the question alone are
 * cut, at one recurrent step; docs/published-families.md §19.3 (11).
 *
 * @example
 * const nothing = { session: { examples: [], batches: [] } };
 * await regionBlocking(nothing); // { n: 0, reason: "no examples", left: {} }
 */
export const regionBlocking = async (context: SuiteContext) => {
  const { session, planner, signal } = context;
  const left: Record<string, number> = {};
  const all: Found[] = [];
  const none: number[] = [];
  for await (const found of replayable(context, "region blocking", left)) {
    const width = session.model.network.config.text.hiddenSize;
    const room = EXAMPLES - all.length;
    const [rows, which, index] = [found.rows, found.which, found.index].map((list) =>
      list.slice(0, room),
    ) as [typeof found.rows, number[], number[]];
    const batch = Math.floor(index[0]! / session.size);
    const shared = await session.prefixOf(batch);
    const prompts = await Promise.all(
      session.batches[batch]!.map((example) => promptOf(session.model, example)),
    );
    const cells = await Promise.all(
      index.map((i, at) =>
        cellsOfExample(context, session.examples[i]!, shared.rows[which[at]!]!.layout.images.length),
      ),
    );
    const windows = cells.map((each) => (each ? windowsOf(each.grids) : []));
    const read = async (w: number | null) => {
      signal?.throwIfAborted();
      const again = await readAgain(session.model, prompts, shared, {
        hide: (b, token) => {
          const at = which.indexOf(b);
          const window = w === null || at < 0 ? undefined : windows[at]![w];
          return window !== undefined && inWindow(window, cells[at]!.grids, token);
        },
      });
      const { scores, hidden } = await replay(
        session.model,
        prefixRows(session.model, again.prefix, which),
        rows.map(({ row }) => row),
      );
      const states = rows.map(({ row }, at) => {
        const before = row.slots[0]! - 1;
        return before < 0 ? null : hidden[at]!.slice(before * width, (before + 1) * width);
      });
      await engineOf(session.model.network).drop(again.prefix);
      return { scores, states };
    };
    const clean = await read(null);
    const same = await replay(
      session.model,
      prefixRows(
        session.model,
        found.prefix,
        rows.map((_, at) => at),
      ),
      rows.map(({ row }) => row),
    );
    const measured = index.map((_, at): Found | null =>
      windows[at]!.length > 0
        ? { windows: windows[at]!, drops: [], states: [], flips: [], targets: cells[at]!.regions }
        : null,
    );
    const answers = index.map((i) => session.examples[i]!.answer);
    for (const [at, answer] of answers.entries())
      none.push(Math.abs(marginOf(clean.scores[at]!, answer) - marginOf(same.scores[at]!, answer)));
    for (let w = 0; w < largest(windows.map(({ length }) => length)); w++) {
      const cut = await read(w);
      for (const [at, each] of measured.entries()) {
        if (!each || w >= each.windows.length) continue;
        const [before, after] = [clean.scores[at]!, cut.scores[at]!];
        each.drops.push(marginOf(before, answers[at]!) - marginOf(after, answers[at]!));
        each.flips.push(before.indexOf(largest(before)) !== after.indexOf(largest(after)));
        const [from, to] = [clean.states[at], cut.states[at]];
        each.states.push(from && to ? moved(from, to) : Number.NaN);
      }
    }
    for (const each of measured) {
      if (each) all.push(each);
      else {
        const reason = `images of ${session.model.network.config.modelType} are no grid of patches, or there are none`;
        left[reason] = (left[reason] ?? 0) + 1;
      }
    }
    if (all.length >= EXAMPLES) break;
  }
  if (all.length === 0) return nothingReplayed(left);
  const of = (value: (each: Found) => number, from: readonly Found[] = all) =>
    estimate(from.map(value), "windows", planner.seed);
  const noise = Math.max(ROUNDING, largest(none));
  const [first] = all;
  const alike = all.every(({ windows }) => JSON.stringify(windows) === JSON.stringify(first!.windows));
  const overTarget = all.flatMap(({ windows, drops, targets }) => {
    const meets = windows.map((window) => targets.some((target) => overlap(window, target)));
    const on = drops.filter((_, w) => meets[w]);
    const off = drops.filter((_, w) => !meets[w]);
    return on.length > 0 && off.length > 0 ? [mean(on) - mean(off)] : [];
  });
  return {
    n: all.length,
    left,
    none: largest(none),
    meanDrop: of(({ drops }) => mean(drops)),
    largestDrop: of(({ drops }) => largest(drops)),
    positive: of(({ drops }) => drops.filter((drop) => drop > noise).length / drops.length),
    topQuarter: of(({ drops }) => topQuarter(drops)),
    flips: of(({ flips }) => Number(flips.some(Boolean))),
    state: of(
      ({ states }) => largest(states),
      all.filter(({ states }) => states.every(Number.isFinite)),
    ),
    target: estimate(overTarget, "windows on and off a target", planner.seed),
    map: alike
      ? first!.windows.map((window, w) => ({
          ...window,
          drop: mean(all.map(({ drops }) => drops[w]!)),
          ...(all.every(({ states }) => states.every(Number.isFinite)) && {
            state: mean(all.map(({ states }) => states[w]!)),
          }),
        }))
      : null,
    ...(!alike && { reason: "images have different numbers of patches: no mean map" }),
  };
};
