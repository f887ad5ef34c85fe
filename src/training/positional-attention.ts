import { dot } from "../numeric/index.ts";
/** Attention by position alone: scores that depend on the distance between two tokens, built from rotary frequencies. */

/** One rotary frequency's share of a score that depends on distance alone: amplitude · cos(θᵢ·distance − phase). */
export interface RotaryWave {
  amplitude: number;
  phase: number;
}

/** Solves a symmetric positive definite system by Gaussian elimination. */
function solve(matrix: number[][], right: number[]): number[] {
  const n = right.length;
  const m = matrix.map((row, i) => [...row, right[i]!]);
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const factor = m[j]![i]! / m[i]![i]!;
      for (let k = i; k <= n; k++) m[j]![k] = m[j]![k]! - factor * m[i]![k]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = m[i]![n]!;
    for (let k = i + 1; k < n; k++) sum -= m[i]![k]! * x[k]!;
    x[i] = sum / m[i]![i]!;
  }
  return x;
}

/**
 * Rotary waves whose sum is close to `target(distance)`: ridge regression on cosines and sines of all frequencies.
 *
 * @param span - Distances over which the score is shaped, in tokens.
 * @param ridge - Ridge penalty on amplitudes.
 *
 * @example
 * fitPositionalScores(Float32Array.of(1, 0.1), (distance) => (distance <= 3 ? -10 : 0)).length; // 2
 */
export function fitPositionalScores(
  frequencies: Float32Array,
  target: (distance: number) => number,
  { span = 48, ridge = 0.3 }: { span?: number; ridge?: number } = {},
): RotaryWave[] {
  const half = frequencies.length;
  const basis = Array.from({ length: span }, (_, d) => [
    ...Array.from(frequencies, (f) => Math.cos(f * d)),
    ...Array.from(frequencies, (f) => Math.sin(f * d)),
  ]);
  const columns = Array.from({ length: 2 * half }, (_, i) => basis.map((row) => row[i]!));
  const wanted = basis.map((_, d) => target(d));
  const gram = columns.map((a, i) => columns.map((b, j) => dot(a, b) + (i === j ? ridge : 0)));
  const c = solve(
    gram,
    columns.map((column) => dot(column, wanted)),
  );
  return Array.from({ length: half }, (_, i) => ({
    amplitude: Math.hypot(c[i]!, c[half + i]!),
    phase: Math.atan2(c[half + i]!, c[i]!),
  }));
}
