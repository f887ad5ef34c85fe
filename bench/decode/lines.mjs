// The lines that `npm run bench:decode` prints, from what its processes measured.
import { cases, PROMPT, TOKENS } from "./cases.mjs";

const rounded = (x) => Number(x.toPrecision(4));
/** The quarter of the steps that other work on the machine disturbed least ends here. */
const undisturbed = (values) => values.toSorted((a, b) => a - b)[values.length >> 2];

/**
 * Tokens per second behind the first, seconds to the first, and peak memory, each beside the peer; `ratio` is above 1
 * where we are better, `bar` what is asked of it. Figures that a failed peer owes are null, and `reason` says why.
 */
export function decodeLines(name, ours, peer, versions) {
  const { title, bar, memory, weights, image } = cases[name];
  const line = (what, unit, of, ratio, more = {}) => ({
    bench: "decode",
    case: `${what}; ${title}; prompt of ${PROMPT}, ${TOKENS} written`,
    peer: "transformers, float32, not compiled",
    ours: rounded(of(ours)),
    theirs: peer.error ? null : rounded(of(peer)),
    unit,
    ratio: peer.error ? null : rounded(ratio(of(ours), of(peer))),
    ...more,
    ...(peer.error && { reason: peer.error }),
    versions: { ...versions, torch: peer.torch, transformers: peer.transformers },
  });
  const faster = (a, b) => a / b;
  const less = (a, b) => b / a;
  // Rounded weights decode other tokens; in float32 they must be the same.
  const same = weights === "float32" && !peer.error && { sameTokens: ours.written.join() === peer.written.join() };
  return [
    line("decoding", "tokens/s", ({ each }) => 1 / undisturbed(each), faster, { bar, ...same }),
    line("time to first token", "s", ({ first }) => first, less, { bar: 1 }),
    ...(image
      ? [line(`time to first token behind an image of ${image ** 2} patches`, "s", ({ seen }) => seen, less, { bar: 1 })]
      : []),
    line("peak memory", "MiB", ({ peakMiB }) => peakMiB, less, memory ? { most: memory * 1024 } : {}),
  ];
}

/** Whether a line keeps what was asked of it; one that was not compared does. */
export const kept = ({ ratio, bar, ours, most }) =>
  (bar === undefined || ratio === null || ratio >= bar) && (most === undefined || ours <= most);
