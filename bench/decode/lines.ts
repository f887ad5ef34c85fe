/** The lines that `npm run bench:decode` prints, from what its processes measured. */
import { type Failed, failed } from "../processes.ts";
import { type CaseName, cases, PROMPT, TOKENS } from "./cases.ts";

/** What a process measured. */
export interface DecodeRun {
  first: number;
  each: number[];
  written: number[];
  seen?: number | null;
  peakMiB: number;
  load?: number;
}

export type DecodePeer = DecodeRun & { torch?: string; transformers?: string };

interface DecodeLine {
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
  versions: Record<string, string | null | undefined>;
}

const rounded = (x: number): number => Number(x.toPrecision(4));
/** The quarter of the steps that other work on the machine disturbed least ends here. */
const undisturbed = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 2]!;

/**
 * Tokens per second behind the first, seconds to the first, and peak memory, each beside the peer; `ratio` is above 1
 * where we are better, `bar` what is asked of it. Figures that a failed peer owes are null, and `reason` says why.
 */
export function decodeLines(
  name: CaseName,
  ours: DecodeRun,
  peer: DecodePeer | Failed,
  versions: Readonly<Record<string, string | null>>,
): DecodeLine[] {
  const { title, bar, memory, weights, image } = cases[name];
  const line = (
    what: string,
    unit: string,
    of: (run: DecodeRun) => number,
    ratio: (ours: number, theirs: number) => number,
    more: Partial<DecodeLine> = {},
  ): DecodeLine => ({
    bench: "decode",
    case: `${what}; ${title}; prompt of ${PROMPT}, ${TOKENS} written`,
    peer: "transformers, float32, not compiled",
    ours: rounded(of(ours)),
    theirs: failed(peer) ? null : rounded(of(peer)),
    unit,
    ratio: failed(peer) ? null : rounded(ratio(of(ours), of(peer))),
    ...more,
    ...(failed(peer) && { reason: peer.error }),
    versions: failed(peer)
      ? { ...versions }
      : { ...versions, torch: peer.torch, transformers: peer.transformers },
  });
  const faster = (a: number, b: number): number => a / b;
  const less = (a: number, b: number): number => b / a;
  // Rounded weights decode other tokens; in float32 they must be the same.
  const same = weights === "float32" &&
    !failed(peer) && { sameTokens: ours.written.join() === peer.written.join() };
  return [
    line("decoding", "tokens/s", ({ each }) => 1 / undisturbed(each), faster, { bar, ...same }),
    line("time to first token", "s", ({ first }) => first, less, { bar: 1 }),
    ...(image
      ? [
          line(
            `time to first token behind an image of ${image ** 2} patches`,
            "s",
            ({ seen }) => seen!,
            less,
            { bar: 1 },
          ),
        ]
      : []),
    line("peak memory", "MiB", ({ peakMiB }) => peakMiB, less, memory ? { most: memory * 1024 } : {}),
  ];
}

/** Whether a line keeps what was asked of it; one that was not compared does. */
export const kept = ({ ratio, bar, ours, most }: DecodeLine): boolean =>
  (bar === undefined || ratio === null || ratio >= bar) && (most === undefined || ours <= most);
