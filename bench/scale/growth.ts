/** What measurements at several sizes say of growth. */

export interface Measured {
  n: number;
  seconds: number;
  /** User and system time. */
  cpuSeconds: number;
  peakMiB: number;
}

interface Growth {
  sizes: number[];
  /** e where processor time is n^e between the two largest sizes. */
  exponent: number;
  /** Peak memory at the largest size, less that at the smallest. */
  growthMiB: number;
}

/** Growth of time and memory; needs two sizes. */
export function summaryOf(lines: readonly Measured[]): Growth {
  const sorted = [...lines].sort((a, b) => a.n - b.n);
  const [before, last] = sorted.slice(-2) as [Measured, Measured];
  return {
    sizes: sorted.map(({ n }) => n),
    exponent: Math.log(last.cpuSeconds / before.cpuSeconds) / Math.log(last.n / before.n),
    growthMiB: last.peakMiB - sorted[0]!.peakMiB,
  };
}
