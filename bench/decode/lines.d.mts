/** What a process measured; `error` where it failed. */
export interface DecodeRun {
  load?: number;
  first?: number;
  each?: number[];
  written?: number[];
  seen?: number | null;
  peakMiB?: number;
  error?: string;
  torch?: string;
  transformers?: string;
}
export interface DecodeLine {
  bench: "decode";
  case: string;
  peer: string;
  ours: number;
  theirs: number | null;
  unit: string;
  ratio: number | null;
  bar?: number;
  most?: number;
  sameTokens?: boolean;
  reason?: string;
  versions: Record<string, string | undefined>;
}
export function decodeLines(
  name: string,
  ours: DecodeRun,
  peer: DecodeRun,
  versions: Record<string, string>,
): DecodeLine[];
export function kept(line: DecodeLine): boolean;
