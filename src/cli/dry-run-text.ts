/** The dry run of an audit as text. */
import { type AuditPlan, questionLines, type Replacement } from "../audit/index.ts";
import { columns } from "./format.ts";

const KINDS: Record<Replacement["kind"], string> = {
  vectors: "replaced",
  own: "own",
  empty: "closed at once",
  none: "never opened",
};

/** One question as the model reads it. */
function questionText({ question, questions, skipped = [] }: AuditPlan): string[] {
  const shown = question
    ? [
        `Question ${question.example} as the model reads it (${question.tokens} tokens):`,
        ...question.prompt.split("\n").map((line) => `  | ${line}`),
        ...question.images.map(({ sizes, tokens }, i) => {
          const steps = sizes.map(({ width, height }) => `${width} × ${height}`).join(" → ");
          return `  image ${i + 1}: ${steps} pixels, ${tokens} visual token${tokens === 1 ? "" : "s"}`;
        }),
        ...question.options.map((option, i) => {
          const text = question.optionTexts?.[i];
          return `  option ${option}${text === undefined ? "" : `: ${text}`}${i === question.answer ? "  (right)" : ""}`;
        }),
        "",
      ]
    : [];
  const first = skipped[0];
  return [
    ...shown,
    ...(questions ? questionLines(questions) : []),
    ...(first ? [`left out: ${skipped.length}; the first, ${first.example}: ${first.reason}`] : []),
    ...(questions || first ? [""] : []),
  ];
}

/**
 * A dry run: the first question as the model reads it, how each intervention treats the examples, and where what it puts into the first example comes from.
 */
export function dryRunText(plan: AuditPlan): string {
  const { split, slots, width, interventions, examples } = plan;
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
    ...questionText(plan),
    `${split}, ${examples.length} examples, blocks of ${slots} slots of ${width} numbers`,
    first?.recorded
      ? `${blocks} blocks, as an earlier run recorded them`
      : `${blocks} blocks expected, one per helper image; what the model opens is seen when it runs`,
    "Nothing was run.",
    "",
    columns([["  intervention", "applies", "does not", "block", "blocks × slots", "for example"], ...rows]),
  ].join("\n");
}
