/** What a batch holds beyond sequences, because a recipe's parts ask for it: masks, codes, negatives, noise. */
import { float32, type Value } from "../../graph/index.ts";
import type { Random } from "../../util/index.ts";
import { type View, wholeView } from "../components/view.ts";
import type { CellRows, Sequence } from "../sequences.ts";
import type { LatentLoss } from "./loss.ts";

export interface Extras {
  /** Learned vectors of a placeholder head; 0: slots hold features. */
  placeholders: number;
  /** All slots are fed after one pass. */
  together: boolean;
  view: View;
  loss: LatentLoss;
  /** Most hard negatives of an example; 0 where the loss wants none. */
  negatives: number;
  /** What the tower's merger made the rows of the feature table of, where the loss compares it. */
  cells: CellRows | null;
  /** Codes of every row of the feature table, `groups` each. */
  codes: { of: Int32Array; groups: number } | null;
}

export const plainExtras: Extras = {
  placeholders: 0,
  together: false,
  view: wholeView,
  loss: { kind: "mse" },
  negatives: 0,
  cells: null,
  codes: null,
};

/**
 * Pairs of (position that looks, position of an image token) that a view hides. Slots, and the positions before them, see
 * everything.
 *
 * @example
 * const sequence = { ids: Int32Array.of(9, 1, 2, 3, 4), beforeSlot: Int32Array.of(1), supervised: Int32Array.of(2, 3) };
 * hiddenKeys(sequence, { kind: "hidden-image", from: "answer", share: 1 }, 9); // [[3, 0]]
 */
export function hiddenKeys(
  { ids, beforeSlot }: Pick<Sequence, "ids" | "beforeSlot">,
  view: View,
  image: number,
  draws?: { random: Random },
): [number, number][] {
  if (view.kind === "whole" || beforeSlot.length === 0) return [];
  const spared = new Set([...beforeSlot].flatMap((position) => [position, position + 1]));
  const images = [...ids.keys()].filter((i) => ids[i] === image);
  // The first block ends where the next slot is not right behind.
  let last = beforeSlot[0]! + 1;
  while (beforeSlot.includes(last)) last++;
  const first = view.from === "answer" ? last + 1 : (images[0] ?? ids.length);
  const pairs: [number, number][] = [];
  for (const key of images) {
    if (view.share < 1 && draws && draws.random.uniform() >= view.share) continue;
    // The last id is a target only: no position of the graph.
    for (let q = Math.max(first, key + 1); q < ids.length - 1; q++) {
      if (ids[q] !== image && !spared.has(q)) pairs.push([q, key]);
    }
  }
  return pairs;
}

interface Part {
  sequence: Sequence;
  /** Row of the batch's features for a row of the whole table. */
  local: ReadonlyMap<number, number>;
}

/** Added to logits that are to count for nothing. */
const NOTHING = -1e9;

const blockKey = ({ oracle }: Sequence): string => oracle.join();

function contrast(
  parts: readonly Part[],
  negatives: number,
  int64: (values: Int32Array, shape: readonly number[]) => Value,
): Record<string, Value> {
  const n = parts.length;
  const same = new Float32Array(n * n);
  const keys = parts.map(({ sequence }) => blockKey(sequence));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (i !== j && keys[i] === keys[j]) same[i * n + j] = NOTHING;
  }
  const rows: number[] = [];
  const weights = new Float32Array(n * negatives).fill(Math.LN2);
  for (const [b, { sequence, local }] of negatives > 0 ? parts.entries() : []) {
    const { oracle, negatives: wrong = new Int32Array(0) } = sequence;
    for (let h = 0; h < negatives; h++) {
      const there = wrong.subarray(h * oracle.length, (h + 1) * oracle.length);
      if (there.length === 0) weights[b * negatives + h] = NOTHING;
      for (const feature of there.length > 0 ? there : oracle) rows.push(local.get(feature)!);
    }
  }
  return {
    sameBlock: float32(same, [n, n]),
    ...(negatives > 0 && {
      negativeRow: int64(Int32Array.from(rows), [rows.length]),
      negativeMask: float32(weights, [n, negatives]),
    }),
  };
}

/** The inputs that latent losses ask for, for the examples of a part. */
export function extraInputs(
  parts: readonly Part[],
  {
    extras,
    width,
    slots,
    draws,
    int64,
  }: {
    extras: Extras;
    width: number;
    slots: number;
    draws: { random: Random } | undefined;
    int64: (values: Int32Array, shape: readonly number[]) => Value;
  },
): Record<string, Value> {
  switch (extras.loss.kind) {
    case "infonce":
      return contrast(parts, extras.negatives, int64);
    case "codes": {
      const { of, groups } = extras.codes!;
      const targets: number[] = [];
      for (const { sequence } of parts) {
        for (const row of sequence.oracle) {
          for (let g = 0; g < groups; g++) targets.push(targets.length / 2, of[row * groups + g]!);
        }
      }
      return { codes: int64(Int32Array.from(targets), [targets.length / 2, 2]) };
    }
    case "cells": {
      const { width: size, rows } = extras.cells!;
      const values = new Float32Array(slots * size);
      for (const [i, row] of parts.flatMap(({ sequence }) => [...sequence.oracle]).entries())
        values.set(rows.get(row)!, i * size);
      return { oracleCells: float32(values, [slots, size]) };
    }
    case "flow": {
      const { random } = draws!;
      return {
        flowNoise: float32(
          Float32Array.from({ length: slots * width }, () => random.normal()),
          [slots, width],
        ),
        flowTime: float32(
          Float32Array.from({ length: slots }, () => random.uniform()),
          [slots, 1],
        ),
      };
    }
    default:
      return {};
  }
}
