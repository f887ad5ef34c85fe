/** What an audit would do, for the terminal. */
import type { AuditPlan, Replacement } from "../audit/index.ts";
import { columns } from "./format.ts";

const KINDS: Record<Replacement["kind"], string> = {
  vectors: "replaced",
  own: "own",
  empty: "closed at once",
  none: "never opened",
};

/**
 * A dry run: how each intervention treats the examples, and where what it puts into the first example comes from.
 *
 * @example
 * dryRunText({ split: "eval", slots: 1, width: 64, interventions: [], examples: [] });
 */
export function dryRunText({ split, slots, width, interventions, examples }: AuditPlan): string {
  const [first] = examples;
  const blocks = examples.reduce((sum, each) => sum + each.blocks, 0);
  const rows = interventions.map(({ name, applies, notApplied, lacking }) => {
    const sample = examples.map(({ replaced }) => replaced[name]).find((found) => found) ?? null;
    return [
      `  ${name}`,
      String(applies),
      notApplied > 0 ? `${notApplied} (${lacking ?? "not applicable"})` : "0",
      sample ? KINDS[sample.kind] : "–",
      sample ? `${sample.blocks} × ${sample.slots}` : "–",
      sample?.from ?? "–",
    ];
  });
  return [
    `${split}, ${examples.length} examples, blocks of ${slots} slots of ${width} numbers`,
    first?.recorded
      ? `${blocks} blocks, as an earlier run recorded them`
      : `${blocks} blocks expected, one per helper image; what the model opens is seen when it runs`,
    "Nothing was run.",
    "",
    columns([["  intervention", "applies", "does not", "block", "blocks × slots", "for example"], ...rows]),
  ].join("\n");
}
