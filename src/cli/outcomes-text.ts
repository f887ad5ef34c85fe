/** Selected examples as text: a line each, with the answer under every intervention. */
import type { ExampleFilter, FoundExample } from "../audit/index.ts";
import { wrapText } from "../util/index.ts";
import { columns } from "./format.ts";

interface Shown {
  /** Examples read, and selected of them. */
  all: number;
  selected: number;
  /** Of flips: selected ones that are right under the first of the two. */
  rightUnderFirst: number;
  filter: ExampleFilter;
  names?: readonly string[] | undefined;
  /** Characters in a line. */
  width: number;
}

/** What was asked for, in words. */
function conditionText({ flips, right = [], wrong = [], where = {} }: ExampleFilter): string {
  return [
    ...(flips ? [`right under exactly one of ${flips.join(" and ")}`] : []),
    ...(right.length > 0 ? [`right under ${right.join(", ")}`] : []),
    ...(wrong.length > 0 ? [`wrong under ${wrong.join(", ")}`] : []),
    ...Object.entries(where).map(([key, value]) => `${key} = ${value}`),
  ].join("; ");
}

/** Interventions beyond these do not fit beside each other. */
const MOST_COLUMNS = 6;
/** Characters of a question, at least. */
const LEAST = 24;

/** One line: an image is "[image]". */
export const oneLine = (text: string): string =>
  text.replaceAll("<image>", "[image]").replace(/\s+/g, " ").trim();

/** "b ✓": what was chosen, and whether it is right. */
function answerText({ outcomes: { outcomes, options, answer } }: FoundExample, name: string): string {
  const outcome = Object.hasOwn(outcomes, name) ? outcomes[name] : undefined;
  if (!outcome) return "";
  return outcome.choice === null
    ? "– ✗"
    : `${options[outcome.choice]} ${outcome.choice === answer ? "✓" : "✗"}`;
}

/** The examples as a table, below a line that counts them. */
export function outcomesText(
  shown: readonly FoundExample[],
  { all, selected, rightUnderFirst, filter, names, width }: Shown,
): string {
  const condition = conditionText(filter);
  const head = wrapText(`${selected} of ${all} examples${condition && `: ${condition}`}`, width);
  if (shown.length === 0) return head;
  const every = [...new Set(shown.flatMap(({ outcomes }) => Object.keys(outcomes.outcomes)))];
  const listed = (names ?? every).slice(0, MOST_COLUMNS);
  const left = (names ?? every).slice(MOST_COLUMNS);
  const audits = [...new Set(shown.map(({ audit }) => audit))];
  const rows = shown.map((each) => [
    `  ${each.outcomes.example}`,
    each.outcomes.options[each.outcomes.answer]!,
    ...listed.map((name) => answerText(each, name)),
  ]);
  const heads = ["  example", "answer", ...listed];
  const body = audits.flatMap((audit) => {
    const mine = shown.flatMap((each, i) => (each.audit === audit ? [i] : []));
    const table = columns([heads, ...mine.map((i) => rows[i]!)]).split("\n");
    const longest = Math.max(...table.map((line) => line.length));
    const room = width - longest - 2;
    const asked = ["question", ...mine.map((i) => oneLine(shown[i]!.question?.question ?? ""))];
    const some = room >= LEAST && asked.slice(1).some(Boolean);
    const clipped = (text: string): string => (text.length > room ? `${text.slice(0, room - 1)}…` : text);
    return [
      ...(audits.length > 1 ? [audit] : []),
      ...table.map((line, i) => (some ? `${line.padEnd(longest)}  ${clipped(asked[i]!)}`.trimEnd() : line)),
    ];
  });
  return [
    head,
    ...(filter.flips
      ? [
          `  ${rightUnderFirst} right under ${filter.flips[0]} and wrong under ${filter.flips[1]}, ${selected - rightUnderFirst} the reverse`,
        ]
      : []),
    "",
    ...body,
    ...(left.length > 0 ? ["", `  not shown: ${left.join(", ")} (--interventions chooses)`] : []),
    ...(shown.length < selected ? ["", `  ${selected - shown.length} more: --limit, or --csv for all`] : []),
  ].join("\n");
}
