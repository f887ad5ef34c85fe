/** A comparison of two audits as text. */
import type { AuditComparison, ComparedPair, Question } from "../audit/index.ts";
import { pEquals, points, share } from "../statistics/index.ts";
import { wrapText } from "../util/index.ts";
import { columns } from "./format.ts";
import { oneLine } from "./outcomes-text.ts";

const UNKNOWN = "–";
const known = <T>(value: T | null | undefined, show: (value: T) => string): string =>
  value === null || value === undefined ? UNKNOWN : show(value);
const change = (value: number): string => points(value).replace(" points", "");
const within = ([low, high]: readonly [number, number]): string => `[${change(low)}, ${change(high)}]`;

/** Flips and slices beyond these are counted. */
const LISTED = 10;

/** Longer names stand above the tables once, and their letters in them. */
const SHORT = 14;

const lettered = ({ a, b }: AuditComparison): boolean => Math.max(a.name.length, b.name.length) > SHORT;

const named = (state: ComparedPair["state"], comparison: AuditComparison): string =>
  lettered(comparison)
    ? state
    : state.replace(/^[AB](?= is)/, (side) => (side === "A" ? comparison.a.name : comparison.b.name));

const verdictOf = ({ name, verdict, chanceNote }: AuditComparison["a"]): string =>
  `${name} ${[verdict, ...(chanceNote ? [chanceNote] : [])].join(", ")}`;

function pairRow(name: string, pair: ComparedPair, comparison: AuditComparison): string[] {
  const p = pair.holmP ?? pair.mcnemarP;
  return [
    `  ${name}`,
    known(pair.a, share),
    known(pair.b, share),
    known(pair.difference, change),
    known(pair.interval, within),
    String(pair.gained),
    String(pair.lost),
    known(p, (value) => pEquals(value).replace(/^p (= )?/, "")),
    named(pair.state, comparison),
    ...(pair.n === comparison.shared ? [] : [String(pair.n)]),
  ];
}

/** The comparison as plain text in lines of `width` characters; tables may be wider. */
export function comparisonText(
  comparison: AuditComparison,
  width: number,
  questions: ReadonlyMap<string, Question> = new Map(),
): string {
  const { a, b, shared, onlyA, onlyB, notes, interventions, reliance, slices, flips, conclusion, split } =
    comparison;
  const letters = lettered(comparison);
  const [nameA, nameB] = letters ? ["A", "B"] : [a.name, b.name];
  const heads = (what: string, of: readonly ComparedPair[]): string[] => [
    `  ${what}`,
    nameA,
    nameB,
    "points",
    "95 % interval",
    "gained",
    "lost",
    "p",
    "",
    ...(of.some(({ n }) => n !== shared) ? ["n"] : []),
  ];
  const pairs = Object.entries(interventions);
  const rely = Object.entries(reliance);
  const more = [
    ...(onlyA > 0 ? [`${onlyA} only in ${a.name}`] : []),
    ...(onlyB > 0 ? [`${onlyB} only in ${b.name}`] : []),
  ];
  const attributes = Object.entries(slices);
  const list = (ids: readonly string[]): string[] => {
    const named = ids.slice(0, LISTED).map((id) => {
      const question = oneLine(questions.get(id)?.question ?? "");
      const room = Math.max(24, width - id.length - 4);
      return `  ${id}${question && `  ${question.length > room ? `${question.slice(0, room - 1)}…` : question}`}`;
    });
    return [
      ...named,
      ...(ids.length > LISTED ? [`  and ${ids.length - LISTED} more: --json names all`] : []),
    ];
  };
  return [
    wrapText(`${conclusion}.`, width),
    wrapText(`${split}, ${shared} shared examples${more.length > 0 ? `; ${more.join(", ")}` : ""}.`, width),
    ...notes.map((note) => wrapText(`note: ${note}`, width, "", "  ")),
    wrapText(`Verdicts: ${verdictOf(a)}; ${verdictOf(b)}.`, width),
    ...(letters
      ? ["", wrapText(`A: ${a.name}`, width, "", "   "), wrapText(`B: ${b.name}`, width, "", "   ")]
      : []),
    "",
    columns(
      [
        heads("latents", Object.values(interventions)),
        ...pairs.map(([name, pair]) => pairRow(name, pair, comparison)),
      ],
      width,
    ),
    wrapText("p: exact McNemar for own; Holm's correction over the other interventions.", width, "  "),
    ...(rely.length > 0
      ? [
          "",
          columns([
            ["  gain of own latents over", nameA, nameB, "points", "95 % interval"],
            ...rely.map(([name, row]) => [
              `  ${name}`,
              change(row.a),
              change(row.b),
              change(row.difference),
              known(row.interval, within),
            ]),
          ]),
        ]
      : []),
    ...attributes.flatMap(([attribute, parts]) => [
      "",
      columns(
        [
          heads(attribute, Object.values(parts)),
          ...Object.entries(parts).map(([value, pair]) => pairRow(value, pair, comparison)),
        ],
        width,
      ),
    ]),
    "",
    `Right in ${nameB} alone: ${flips.gained.length || "none"}`,
    ...list(flips.gained),
    `Right in ${nameA} alone: ${flips.lost.length || "none"}`,
    ...list(flips.lost),
  ].join("\n");
}
