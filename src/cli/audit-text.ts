/** The result of an audit as text. */
import { type AuditResult, questionLines, verdictLabel } from "../audit/index.ts";
import { pEquals, points, share } from "../statistics/index.ts";
import { wrapText } from "../util/index.ts";
import { columns } from "./format.ts";

const UNKNOWN = "–";
const known = <T>(value: T | null | undefined, show: (value: T) => string): string =>
  value === null || value === undefined ? UNKNOWN : show(value);
const interval = (show: (value: number) => string) => (ends: readonly [number, number]) =>
  `[${show(ends[0])}, ${show(ends[1])}]`;
const difference = (value: number): string => points(value).replace(" points", "");
const pValue = (value: number): string => pEquals(value).replace(/^p (= )?/, "");
const decimals = (value: number): string => value.toFixed(3);

/** The mapping of a benchmark and the number of skipped examples. */
function readText({ benchmark, skipped }: AuditResult): string {
  const order = benchmark?.optionSeed;
  return [
    ...(benchmark ? [`; read as ${benchmark.mapping}`] : []),
    ...(typeof order === "number" ? [`, options shuffled with seed ${order}`] : []),
    ...(skipped ? [`; ${skipped.length} left out`] : []),
  ].join("");
}

/** Why blocks ended, as the text names it. */
const ENDINGS: Readonly<Record<string, string>> = {
  count: "the length limit",
  "sampled-end": "the model's end marker",
  distance: "the learned stop vector",
  restart: "another start marker",
  skipped: "an intervention",
  eos: "the end of the reply",
  length: "the token limit",
};

/** The decoding loop and its latent blocks, the most frequent first. */
function loopText({ loop }: AuditResult): string[] {
  if (!loop) return [];
  const counted = (counts: Record<string, number>): [string, number][] =>
    Object.entries(counts).sort(([, a], [, b]) => b - a);
  const { dialect, k, bounded, blocks, steps, endings, decoding, oracle, oracles = {} } = loop;
  const named = (ending: string): string => ENDINGS[ending] ?? ending;
  const lengths = counted(steps);
  const ends = counted(endings);
  const limit = bounded ? `at most ${k} latents each` : "no limit of latents";
  const facts = [
    `${blocks} blocks, ${limit}`,
    ...(lengths.length === 1 ? [`all with ${lengths[0]![0]}`] : []),
    ...(lengths.length > 1
      ? [`with ${lengths.map(([n, count]) => `${n} (${count} blocks)`).join(", ")}`]
      : []),
  ].join(", ");
  return [
    [
      `  ${dialect} loop: ${facts}`,
      ...(ends.length === 1 ? [`all ended at ${named(ends[0]![0])}`] : []),
      ...(ends.length > 1
        ? [`ended at ${ends.map(([end, count]) => `${named(end)} (${count})`).join(", ")}`]
        : []),
      `repetition penalty ${decoding.repetitionPenalty}, at most ${decoding.maxTokens} new tokens`,
    ].join("; "),
    ...(oracle === undefined
      ? []
      : [
          `  oracle latents from ${counted(oracles)
            .map(([source, n]) => `${source} (${n})`)
            .join(", ")}: ${oracle}`,
        ]),
  ];
}

/** Warnings where the exact and the lenient reader disagree. */
const readingWarnings = ({ readings }: AuditResult): string[] =>
  (readings?.warnings ?? []).map((warning) => `  warning: ${warning}`);

/** Exact and lenient accuracies, if they differ or examples count in groups. */
function scoringTable({ interventions }: AuditResult): string[] {
  const all = Object.entries(interventions);
  const grouped = all.some(([, { groups }]) => groups);
  const same = all.every(
    ([, { accuracy, lenient, disagreement }]) =>
      !lenient || (lenient.accuracy === accuracy && (disagreement?.differ ?? 0) === 0),
  );
  if (!grouped && same) return [];
  const rows = all.map(([name, { accuracy, lenient, disagreement, groups }]) => [
    `  ${name}`,
    known(accuracy, share),
    known(lenient?.accuracy, share),
    known(lenient?.interval, interval(share)),
    known(lenient?.answered, share),
    known(disagreement?.differ, share),
    ...(grouped
      ? [
          known(groups?.accuracy, share),
          known(groups?.interval, interval(share)),
          known(groups?.lenient?.accuracy, share),
          String(groups?.n ?? 0),
        ]
      : []),
  ]);
  const groupHeads = ["whole groups", "95 % interval", "leniently", "groups"];
  const heads = [
    "  scoring",
    "exact",
    "lenient",
    "95 % interval",
    "answered",
    "read differently",
    ...(grouped ? groupHeads : []),
  ];
  return [columns([heads, ...rows]), ""];
}

/** Notes below the table of differences. */
function differenceNotes({ comparisons }: AuditResult): string[] {
  const clusters = comparisons.find((each) => each.clusters !== undefined)?.clusters;
  const references = [...new Set(comparisons.map(({ reference }) => reference))];
  const same = comparisons.filter(({ identical }) => identical);
  return [
    ...(references.length > 1
      ? [`  p (Holm): corrected among the comparisons with each of ${references.join(" and ")}`]
      : []),
    ...(same.length > 0
      ? [
          `  no p-value where both replace the latents by the same vectors: ${same.map(({ intervention, reference }) => `${intervention} − ${reference}`).join(", ")}`,
        ]
      : []),
    ...(clusters === undefined
      ? []
      : [`  intervals and p-values account for questions that share an image (${clusters} images)`]),
    ...(comparisons.length > 0 ? [""] : []),
  ];
}

/** Exact accuracies by attribute of a benchmark. */
function sliceTables({ slices = {}, interventions }: AuditResult): string[] {
  const all = Object.keys(interventions);
  return Object.entries(slices).flatMap(([attribute, parts]) => [
    columns([
      [`  ${attribute}`, ...all, "n"],
      ...Object.entries(parts).map(([value, row]) => [
        `  ${value}`,
        ...all.map((name) => known(row[name]?.accuracy, share)),
        String(Math.max(...Object.values(row).map(({ n }) => n))),
      ]),
    ]),
    "",
  ]);
}

/**
 * Verdict, accuracies and comparisons of an audit as plain text. Every accuracy stands with its interval, and no
 * difference without saying whether it was shown to be small: a large p-value alone shows nothing. Sentences are in lines of
 * `width` characters.
 */
export function auditText(audit: AuditResult, width = 100): string {
  const wrapped = (line: string): string => (line === "" ? line : wrapText(line, width, "  ", "    "));
  const { split, n, chance, interventions, comparisons, geometry, verdictReason } = audit;
  const accuracies = Object.entries(interventions).map(([name, each]) => [
    `  ${name}`,
    known(each.accuracy, share),
    known(each.interval, interval(share)),
    known(each.answered, share),
    known(each.latentRate, share),
    String(each.n),
  ]);
  const differences = comparisons.map((each) => [
    `  ${each.intervention} − ${each.reference}`,
    known(each.difference, difference),
    known(each.interval, interval(difference)),
    known(each.holmP, pValue),
    known(each.equivalent, (shown) => (shown ? `within ±${100 * each.margin}` : "not shown")),
  ]);
  const { own, oracle, ownOracle } = geometry;
  const clouds = Object.entries({ own, oracle }).map(([name, cloud]) => [
    `  ${name}`,
    known(cloud.pairwiseCosine, decimals),
    known(cloud.effectiveRank, decimals),
  ]);
  return [
    wrapText(`${verdictLabel(audit)}${verdictReason ? `: ${verdictReason}` : ""}`, width, "", "  "),
    wrapText(`${split}, ${n} examples, chance ${share(chance)}${readText(audit)}`, width, "", "  "),
    ...readingWarnings(audit).map(wrapped),
    "",
    columns([
      ["  intervention", "accuracy", "95 % interval", "answered", "with latents", "n"],
      ...accuracies,
    ]),
    "",
    ...scoringTable(audit),
    ...sliceTables(audit),
    ...(differences.length > 0
      ? [columns([["  difference", "points", "95 % interval", "p (Holm)", "equivalent"], ...differences])]
      : []),
    ...differenceNotes(audit).map(wrapped),
    ...loopText(audit).map(wrapped),
    ...(audit.questions ? questionLines(audit.questions).map(wrapped) : []),
    columns([["  latents", "pairwise cosine", "effective rank"], ...clouds]),
    `  retrieval@1, own → oracle (gallery ${ownOracle.gallery}): ${known(ownOracle.r1, share)}`,
    ...(audit.readable ? ["", wrapText(audit.readable, width)] : []),
  ].join("\n");
}
