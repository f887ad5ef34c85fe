/** Inside one answer: attention by layer and head, what slots would be as words, patching, gradient, the smallest flip. */
import { concatenated, sum } from "../../numeric/index.ts";
import type { Replay, ReplayRow } from "../../qwen/index.ts";
import { random } from "../../util/index.ts";
import { engineOf } from "../engine/engine-of.ts";
import type { Prefix } from "../engine/types.ts";
import type { LatentModel } from "../latent-model.ts";
import {
  adversarialDirections,
  type Direction,
  flipsAt,
  type PerturbedRow,
  randomUnitDirection,
  smallestFlips,
} from "../perturbations.ts";
import { inspectedLogOdds, prefixRows, replay, replayRow } from "../replay.ts";
import type { SharedPrefix } from "../shared-prefix.ts";
import type { Continuation } from "../slot-plan.ts";
import { type Place, placesOf } from "./token-places.ts";

/** Sizes that are tried for a flip, as in the analysis `flips` of an audit. */
const SIZES = [0.03, 0.1, 0.3, 1, 3, 10];
/** Tokens that the lens names. */
const NAMED = 3;

/** What is known of one answer with own latents, teacher-forced up to the position that chooses it. */
export interface Inside {
  layers: number;
  /** Heads of `attention`; 1 where only their mean is known. */
  heads: number;
  /** What the engine that runs the model does not offer, one sentence each. */
  lacking: string[];
  /** Everything that the position of the answer can see, itself included. */
  tokens: { text: string; place: Place | null }[];
  /** Positions of the slots in `tokens`. */
  slots: number[];
  /** The question's images: position of their first token, rows and columns of them. */
  images: { at: number; rows: number; columns: number }[];
  /** [layers, heads, tokens]: attention of the position that chooses the answer. */
  attention: Float32Array;
  /** Slot by slot, layer by layer: the likeliest tokens if the decoder ended at the slot's state there. null without. */
  lens: { token: string; probability: number }[][][] | null;
  /** Log-odds of the right option, with own latents, and with the oracle in the slots of the same text. */
  logOdds: { own: number; oracle: number | null };
  /**
   * Log-odds of the right option with one state of the oracle's run put into own's: by position (the slots, then what
   * follows up to the answer), then at the input and after each layer. null without an oracle of that shape, and without
   * states.
   */
  patching: { positions: { text: string; place: Place | null }[]; logOdds: number[][] } | null;
  /** Of the log-odds of the option that own latents choose. */
  gradient: {
    /** By slot: norm of the gradient, and gradient · (oracle − own), the change to first order. */
    slots: { norm: number; towardsOracle: number | null }[];
    /** [layers, tokens]: |attention × gradient| at the answer, summed over heads. */
    saliency: Float32Array;
  };
  /**
   * The smallest perturbation of own latents that changes the answer (an upper bound), and the smallest in one random
   * direction: root mean square in deviations of own latents; null where none up to 10 does. null without deviations.
   */
  flip: { smallest: number | null; random: number | null } | null;
}

/** What is inside, or why it cannot be seen. */
export type Looked = { inside: Inside; reason?: undefined } | { inside: null; reason: string };

/** The sentences of `lacking` where an engine returns attention and gradients, and no states. */
const WITHOUT_STATES = [
  "The engine returns the mean of all heads, not each head by itself.",
  "It does not return the states between layers, which the logit lens and patching read.",
];

/** The lens at each slot and layer of a row's states; null where the engine has none. */
async function lensOf(
  model: LatentModel,
  row: ReplayRow,
  states: readonly Float32Array[],
): Promise<Inside["lens"]> {
  const width = model.network.config.text.hiddenSize;
  const wanted = row.slots.flatMap((slot) =>
    states.map((state) => state.subarray(slot * width, (slot + 1) * width)),
  );
  const found = await engineOf(model.network).likeliest?.(concatenated(wanted), NAMED);
  if (!found) return null;
  const named = found.map((best) =>
    best.map(({ id, probability }) => ({ token: model.tokenizer.tokenOf(id) ?? String(id), probability })),
  );
  return row.slots.map((_, s) => named.slice(s * states.length, (s + 1) * states.length));
}

/** Log-odds of the row's option with each state of another run's in its place, position by position. */
async function patched(
  model: LatentModel,
  prefix: Prefix,
  row: ReplayRow,
  other: { latents: Float32Array; states: readonly Float32Array[] },
): Promise<{ at: number; logOdds: number[] }[]> {
  const width = model.network.config.text.hiddenSize;
  const positions = Array.from({ length: row.ids.length - row.slots[0]! }, (_, i) => row.slots[0]! + i);
  const rows = positions.flatMap((at): ReplayRow[] => {
    const slot = row.slots.indexOf(at);
    const latents = row.latents.slice();
    if (slot >= 0) latents.set(other.latents.subarray(slot * width, (slot + 1) * width), slot * width);
    return [
      { ...row, latents },
      ...other.states.map((state, layer) => ({
        ...row,
        exchange: [{ layer, at, state: state.subarray(at * width, (at + 1) * width) }],
      })),
    ];
  });
  const logOdds = await inspectedLogOdds(
    model,
    prefix,
    rows.map((row) => ({ row, at: 0 })),
  );
  const steps = 1 + other.states.length;
  return positions.map((at, p) => ({ at, logOdds: logOdds.slice(p * steps, (p + 1) * steps) }));
}

/** The smallest flips of one row, against the gradient and in a random direction. */
async function flipOf(model: LatentModel, prefix: Prefix, row: PerturbedRow): Promise<Inside["flip"]> {
  const any = randomUnitDirection(row.deviation, random(0, "inside"));
  if (any === null) return null;
  const rows = SIZES.map(() => row);
  const same = prefixRows(
    model,
    prefix,
    SIZES.map(() => 0),
  );
  const smallest = async (
    directions: readonly (Direction | null)[],
    lowest: boolean,
  ): Promise<number | null> => {
    const hits = await flipsAt(model, same, rows, directions, SIZES);
    const first = hits.indexOf(true);
    if (first < 0) return null;
    const lower = lowest && first > 0 ? SIZES[first - 1]! : 0;
    const one = prefixRows(model, prefix, [0]);
    const [found] = await smallestFlips(model, one, [row], [directions[first]!], [lower], [SIZES[first]!]);
    return found!;
  };
  const worst = await adversarialDirections(model, same, rows, SIZES, () => random(0, "inside"));
  return {
    smallest: await smallest(
      worst.map(({ direction }) => direction),
      false,
    ),
    random: await smallest(
      SIZES.map(() => any),
      true,
    ),
  };
}

/**
 * Looks inside the answer to one example. `shared`: its prefix, by itself. `own`: its continuation with own latents.
 * `answer`: the right option. `oracle`: oracle latents, one array for each block. `deviation` [K·D]: deviation of own
 * latents over the split.
 */
export async function lookInside(
  model: LatentModel,
  shared: SharedPrefix,
  own: Continuation,
  {
    options,
    answer,
    oracle,
    deviation,
    images,
  }: {
    options: readonly string[];
    answer: number;
    oracle: readonly Float32Array[];
    deviation: Float32Array | null;
    /** Rows and columns of tokens of the question's images. */
    images: readonly { rows: number; columns: number }[];
  },
): Promise<Looked> {
  const { network } = model;
  if (!network.replay) return { inside: null, reason: "this network cannot be looked into" };
  const found = replayRow(model, own, options);
  if (!found.row) return { inside: null, reason: found.reason };
  const chosen = found.row;
  const right: ReplayRow = { ...chosen, chosen: answer };
  const { prefix, rows } = shared;
  const [first] = rows;
  const { layers, hiddenSize: width } = network.config.text;

  const plain = await replay(model, prefix, [right], { inspect: true });
  const backward = await replay(model, prefix, [chosen], { gradient: true });
  // Slots of other blocks have no counterpart.
  const alike = own.latents.every((block, b) => oracle[b]?.length === block.length);
  const target = alike ? concatenated(oracle).slice(0, chosen.latents.length) : null;
  const there = target && (await replay(model, prefix, [{ ...right, latents: target }], { inspect: true }));
  const places = placesOf(prefix.length, first!.layout, chosen, model.rules);
  const ids = [...(first!.prompt ?? []), ...first!.written];
  const text = (id: number | undefined): string =>
    id === undefined ? "" : (model.tokenizer.tokenOf(id) ?? String(id));
  const { first: begin } = first!.layout;
  const tokens = places.map((place, p) => ({
    text: p < prefix.length ? text(ids[p - begin]) : text(chosen.ids[p - prefix.length]),
    place,
  }));
  const states = plain.states?.[0];
  const towards = there?.states?.[0];
  const patches =
    target && towards ? await patched(model, prefix, right, { latents: target, states: towards }) : null;
  const attention = concatenated((plain.heads ?? plain.attention)[0]!);
  let at = 0;
  return {
    inside: {
      layers,
      heads: attention.length / (layers * tokens.length),
      lacking: states ? [] : WITHOUT_STATES,
      tokens,
      slots: chosen.slots.map((slot) => prefix.length + slot),
      images: images.map(({ rows: down, columns }) => {
        const from = first!.layout.images[at]!;
        at += down * columns;
        return { at: from, rows: down, columns };
      }),
      attention,
      lens: states ? await lensOf(model, chosen, states) : null,
      logOdds: { own: plain.logOdds[0]!, oracle: there?.logOdds[0] ?? null },
      patching: patches && {
        positions: patches.map(({ at: place }) => tokens[prefix.length + place]!),
        logOdds: patches.map(({ logOdds }) => logOdds),
      },
      gradient: {
        slots: gradientsBySlot(backward, chosen, target, width),
        saliency: concatenated(backward.saliency![0]!),
      },
      flip:
        deviation && deviation.length >= chosen.latents.length
          ? await flipOf(model, prefix, { row: chosen, deviation: deviation.slice(0, chosen.latents.length) })
          : null,
    },
  };
}

function gradientsBySlot(
  { gradient }: Replay,
  { slots, latents }: ReplayRow,
  target: Float32Array | null,
  width: number,
): Inside["gradient"]["slots"] {
  const all = gradient![0]!;
  return slots.map((_, s) => {
    const g = all.subarray(s * width, (s + 1) * width);
    const towards =
      target && sum(g.map((value, d) => value * (target[s * width + d]! - latents[s * width + d]!)));
    return { norm: Math.sqrt(sum(g.map((value) => value * value))), towardsOracle: towards };
  });
}
