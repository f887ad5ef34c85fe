/** The dry run of an audit as text. */
import { type AuditPlan, questionLines, type Replacement } from "../audit/index.ts";
import { bytes, columns, duration, figure } from "./format.ts";

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
          const count = tokens === undefined ? "" : `, ${tokens} visual token${tokens === 1 ? "" : "s"}`;
          return `  image ${i + 1}: ${steps} pixels${count}`;
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

/** What an engine will take. */
function engineText({ engine }: AuditPlan, lastEstimate: string | null): string[] {
  if (!engine) return [];
  const { machine, dtype, memory, seconds, assumptions } = engine;
  const { rates } = machine;
  const { weights, prefixes, continuations, activations, total, free } = memory;
  const rated = rates
    ? `${rates.device}: ${figure(rates.flops / 1e9)} GFLOP/s, ${figure(rates.bytes / 1e9)} GB/s`
    : "";
  const parts = { weights, prefixes, continuations, activations };
  const rows = [
    ["  engine", `${machine.host}, torch ${machine.versions.torch}, ${rated} in ${dtype}, measured`],
    [
      "  memory",
      `${bytes(total)}, of which ${Object.entries(parts)
        .map(([name, n]) => `${name} ${bytes(n)}`)
        .join(", ")}; ` + `${bytes(free)} free${total > free ? ": this does not fit on one device" : ""}`,
    ],
    [
      "  time",
      seconds
        ? `at least ${duration(seconds.usual)} with replies of 32 ids, ${duration(seconds.longest)} with the longest allowed`
        : "not known",
    ],
    ...assumptions.map((text, i) => [i === 0 ? "  if" : "", text]),
    ...(lastEstimate === null ? [] : [["  before", lastEstimate]]),
  ];
  return [columns(rows), ""];
}

/** What an audit in this process will take. */
function memoryText({ memory }: AuditPlan): string[] {
  if (!memory) return [];
  const { parts, total, available } = memory;
  const named = Object.entries(parts).map(([name, n]) => `${name} ${bytes(n)}`);
  return [
    `memory: about ${bytes(total)} (${named.join(", ")}); ${bytes(available)} available` +
      (total > available ? ": this does not fit" : ""),
    "",
  ];
}

/**
 * A dry run: the first question as the model reads it, how each intervention treats the examples, and where what it puts into
 * the first example comes from. `lastEstimate`: how far the last estimate of time was off.
 */
export function dryRunText(plan: AuditPlan, lastEstimate: string | null = null): string {
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
    ...engineText(plan, lastEstimate),
    ...memoryText(plan),
    columns([["  intervention", "applies", "does not", "block", "blocks × slots", "for example"], ...rows]),
  ].join("\n");
}
