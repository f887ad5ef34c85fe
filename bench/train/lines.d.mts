/** What one process of a case says. */
export interface Run {
  threads: number;
  seconds: number;
  firstLoss: number;
  lastLoss: number;
  peakMiB: number;
}

export interface Failure {
  threads: number;
  error: string;
}

export interface Products {
  threads: number;
  seconds: number;
  gflops: number;
  products: number;
}

/** null: of a peer that never answered. */
export type Versions = Record<string, string | null>;

export function median(values: readonly number[]): number;
export function rounded(x: number): number;
export function better(runs: readonly (Run | Failure)[]): Run | null;
export function lossGap(
  a: Pick<Run, "firstLoss" | "lastLoss">,
  b: Pick<Run, "firstLoss" | "lastLoss">,
): number;
export function comparison(parts: {
  name: string;
  peer: string;
  ours: readonly (Run | Failure)[];
  theirs: readonly (Run | Failure)[];
  versions: Versions;
}): Record<string, unknown>;
export function ceiling(parts: {
  name: string;
  ours: readonly (Run | Failure)[];
  products: readonly (Products | Failure)[];
  versions: Versions;
}): Record<string, unknown>;
