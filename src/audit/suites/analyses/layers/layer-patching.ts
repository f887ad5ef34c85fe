import { concatenated, largest, mean } from "../../../../numeric/index.ts";
import type { ReplayRow } from "../../../../qwen/index.ts";
import { inspectedLogOdds, type Prefix, prefixRows, replay } from "../../../../reasoning/index.ts";
import { bootstrap } from "../../../../statistics/index.ts";
import type { SuiteContext } from "../../analysis.ts";
import { nothingReplayed, replayable } from "../shared/replays.ts";

/** Examples that are looked at, at most: each is read again twice for every layer, part and direction. */
const MOST = 64;

/** Parts of a continuation whose states are exchanged: all slots of its blocks, or everything else behind the prefix. */
const parts = ["slots", "text"] as const;
/** `toOwn`: states of the own run put into the exchanged one; `toExchanged`: the reverse. */
const directions = ["toOwn", "toExchanged"] as const;

/** How far the slots' states go from the own run's to the exchanged one's, beside all the way. */
const DOSES = [0.25, 0.5, 2];

type Model = SuiteContext["session"]["model"];

/** Two readings of one text that differ in the vectors of the slots alone. */
interface Pair {
  own: ReplayRow;
  exchanged: ReplayRow;
  /** Place of the example in the batch. */
  at: number;
}

/** Log-odds of the pair's option without any patch, and by direction, part and layer with one. */
interface Patched {
  own: number;
  exchanged: number;
  by: number[][][];
  /** Log-odds by dose and layer, with own states moved towards the exchanged ones. */
  injected: number[][];
}

/** One pair under every patch; null where the engine does not return the states of its layers. */
async function patchedPair(
  model: Model,
  prefix: Prefix,
  { own, exchanged, at }: Pair,
): Promise<Patched | null> {
  const width = model.network.config.text.hiddenSize;
  const plain = await replay(model, prefixRows(model, prefix, [at, at]), [own, exchanged], { inspect: true });
  if (!plain.states) return null;
  const [ownStates, exchangedStates] = plain.states as [Float32Array[], Float32Array[]];
  const first = own.slots[0]!;
  const text = own.ids.flatMap((_, i) => (i > first && !own.slots.includes(i) ? [i] : []));
  const layers = ownStates.length;
  const rows = directions.flatMap((direction) =>
    [own.slots, text].flatMap((positions) =>
      Array.from({ length: layers }, (_, layer) => {
        const [into, from] = direction === "toOwn" ? [exchanged, ownStates] : [own, exchangedStates];
        const state = (i: number) => from[layer]!.subarray(i * width, (i + 1) * width);
        return { at, row: { ...into, exchange: positions.map((i) => ({ layer, at: i, state: state(i) })) } };
      }),
    ),
  );
  const injections = DOSES.flatMap((dose) =>
    Array.from({ length: layers }, (_, layer) => {
      const state = (i: number) =>
        ownStates[layer]!.slice(i * width, (i + 1) * width).map(
          (x, d) => x + dose * (exchangedStates[layer]![i * width + d]! - x),
        );
      return { at, row: { ...own, exchange: own.slots.map((i) => ({ layer, at: i, state: state(i) })) } };
    }),
  );
  const logOdds = await inspectedLogOdds(model, prefix, [...rows, ...injections]);
  const by = directions.map((_, d) =>
    parts.map((_, p) => logOdds.slice((d * 2 + p) * layers, (d * 2 + p + 1) * layers)),
  );
  const injected = DOSES.map((_, d) =>
    logOdds.slice(rows.length + d * layers, rows.length + (d + 1) * layers),
  );
  return { own: plain.logOdds[0]!, exchanged: plain.logOdds[1]!, by, injected };
}

/**
 * Through which layers does the content of the latents reach the answer? An example is read twice, teacher-forced: with its
 * own latents, and with those of its partner (as under `exchange`). Then the states of the slots, or of the text behind
 * the first slot, after one layer of one run are put into the other, in both directions. The curve is the share of the
 * change in the log-odds of the own answer that the patch brings about: 1 all of it, 0 nothing. Where the curve of the
 * slots falls and that of the text rises, the content moves from one to the other. With a dose, states of the slots are moved
 * part of the way. Of at most 64 examples.
 *
 * Source: docs/published-families.md §19.3 (6); activation patching between two runs in both directions. Image rows are
 * the same in both runs, so there is nothing of theirs to patch.
 */
export const layerPatching = async (context: SuiteContext) => {
  const { session, planner } = context;
  const { split, seed } = planner;
  const left: Record<string, number> = {};
  const leave = (reason: string): void => {
    left[reason] = (left[reason] ?? 0) + 1;
  };
  const found: Patched[] = [];
  for await (const batch of replayable(context, "layer patching", left)) {
    for (const [at, { row, blocks }] of batch.rows.entries()) {
      if (found.length >= MOST) break;
      const partner = split.partner[batch.index[at]!] ?? null;
      const theirs = partner === null ? [] : split.own[partner]!;
      const alike = blocks.every((block, b) => theirs[b]?.length === block.length);
      if (partner === null || !alike) {
        leave("no partner with blocks of the same length");
        continue;
      }
      const latents = concatenated(theirs.slice(0, blocks.length));
      const pair = { own: row, exchanged: { ...row, latents }, at };
      const patched = await patchedPair(session.model, batch.prefix, pair);
      if (!patched)
        return { n: 0 as const, reason: "this engine does not return the states of single layers", left };
      found.push(patched);
    }
    if (found.length >= MOST) break;
  }
  if (found.length === 0) return nothingReplayed(left);
  const gaps = found.map(({ own, exchanged }) => own - exchanged);
  const gap = bootstrap(gaps, mean, { seed });
  const total = mean(gaps);
  // Equal in every example: no interval, and no doubt.
  const certain = gap.value ? gap.value[0] > 0 || gap.value[1] < 0 : total !== 0;
  const change = { value: total, interval: gap.value };
  const n = found.length;
  if (!certain || !(largest(gaps.map(Math.abs)) > 1e-4))
    return { n, left, change, layers: null, reason: "exchanged latents do not move the answer's log-odds" };
  const curve = (d: number, p: number): number[] =>
    found[0]!.by[d]![p]!.map((_, layer) => {
      const moved = mean(
        found.map(({ own, exchanged, by }) =>
          d === 0 ? by[d]![p]![layer]! - exchanged : own - by[d]![p]![layer]!,
        ),
      );
      return moved / total;
    });
  return {
    n,
    left,
    /** Log-odds of the own answer with own latents, minus those with the partner's. */
    change,
    /** By layer, counted from 1: share of that change after a patch of the slots, and of the text behind them. */
    layers: {
      toOwn: { slots: curve(0, 0), text: curve(0, 1) },
      toExchanged: { slots: curve(1, 0), text: curve(1, 1) },
    },
    /** By dose: the same share after the slots' states went part of the way to the partner's, or beyond. */
    injected: DOSES.map((dose, d) => ({
      dose,
      slots: found[0]!.injected[d]!.map(
        (_, layer) => mean(found.map(({ own, injected }) => own - injected[d]![layer]!)) / total,
      ),
    })),
  };
};
