import { smallest } from "../../numeric/index.ts";
import { known, type Measured, unknown } from "../../statistics/index.ts";

interface Positions {
  /** Mean squared distance of a slot's latent from its example's mean over slots, per dimension. */
  withinExamples: number;
  /** Mean squared distance of a slot's latent from that slot's mean over examples, per dimension. */
  betweenExamples: number;
  /** The first over the second: how much slots differ, compared with examples. */
  ratio: number | null;
  /** Mean cosine of neighbouring slots of one example. */
  adjacentCosine: number | null;
}

/**
 * Do the slots of a block differ from each other, or only from example to example?
 *
 * @param blocks - [K·D] each, one per example.
 * @returns null with a reason for fewer than 2 blocks, one slot, or values that are not finite.
 *
 * Source: ReaLVR (adjacent steps), docs/published-families.md §15.6 (position-wise variation).
 *
 * @example
 * positions([Float32Array.of(1, 3), Float32Array.of(3, 5)], 1).value; // { withinExamples: 1, betweenExamples: 1, ratio: 1, adjacentCosine: 1 }
 */
export function positions(blocks: readonly Float32Array[], width: number): Measured<Positions> {
  if (blocks.length < 2) return unknown(`${blocks.length} blocks; at least 2 are needed`);
  const slots = smallest(blocks.map((z) => z.length)) / width;
  if (slots < 2) return unknown("one slot per block");
  const bad = blocks.filter((z) => !z.every(Number.isFinite)).length;
  if (bad > 0) return unknown(`${bad} of ${blocks.length} blocks are not finite`);
  const bySlot = new Float64Array(slots * width);
  for (const z of blocks) for (let i = 0; i < bySlot.length; i++) bySlot[i]! += z[i]! / blocks.length;
  let [within, between, cosines, count] = [0, 0, 0, 0];
  for (const z of blocks) {
    const mean = new Float64Array(width);
    for (let i = 0; i < bySlot.length; i++) mean[i % width]! += z[i]! / slots;
    for (let i = 0; i < bySlot.length; i++) {
      within += (z[i]! - mean[i % width]!) ** 2;
      between += (z[i]! - bySlot[i]!) ** 2;
    }
    for (let k = 1; k < slots; k++) {
      let [dot, a, b] = [0, 0, 0];
      for (let j = 0; j < width; j++) {
        const [x, y] = [z[(k - 1) * width + j]!, z[k * width + j]!];
        dot += x * y;
        a += x * x;
        b += y * y;
      }
      if (a === 0 || b === 0) continue;
      cosines += dot / Math.sqrt(a * b);
      count++;
    }
  }
  const numbers = blocks.length * bySlot.length;
  return known({
    withinExamples: within / numbers,
    betweenExamples: between / numbers,
    ratio: between > 0 ? within / between : null,
    adjacentCosine: count > 0 ? cosines / count : null,
  });
}
