/** The results of suites as text. */
import type { SuiteResult } from "../audit/index.ts";
import { wrapText } from "../util/index.ts";
import { columns } from "./format.ts";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One value on one line; null is a dash, never 0. */
function word(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toPrecision(3);
  if (Array.isArray(value)) return `[${value.map(word).join(", ")}]`;
  if (isObject(value))
    return Object.entries(value)
      .map(([key, each]) => `${key} ${word(each)}`)
      .join(", ");
  return String(value);
}

const isFlat = (value: unknown): value is Record<string, unknown> =>
  isObject(value) &&
  !Object.values(value).some((each) => isObject(each) || (Array.isArray(each) && each.some(isObject)));

/** Rows as a table with their names first; why numbers are missing is below it, each reason once. */
function table(
  rows: readonly (readonly [string, Record<string, unknown>])[],
  width: number,
  indent: string,
): string[] {
  const keys = [...new Set(rows.flatMap(([, row]) => Object.keys(row)))].filter((key) => key !== "reason");
  const named = rows.some(([name]) => name !== "");
  const head = [...(named ? [""] : []), ...keys];
  const cells = rows.map(([name, row]) => [...(named ? [name] : []), ...keys.map((key) => word(row[key]))]);
  const reasons = new Map<string, string[]>();
  for (const [name, { reason }] of rows)
    if (typeof reason === "string")
      reasons.set(reason, [...(reasons.get(reason) ?? []), ...(name ? [name] : [])]);
  return [
    ...columns([head, ...cells])
      .split("\n")
      .map((line) => indent + line),
    ...[...reasons].map(([reason, names]) =>
      wrapText(`${names.join(", ")}${names.length > 0 ? ": " : ""}${reason}`, width, indent, `${indent}  `),
    ),
  ];
}

/** Like records as a table, everything else as lines of name and value. */
function lines(value: unknown, width: number, indent: string): string[] {
  if (Array.isArray(value) && value.every(isObject) && value.length > 0)
    return table(
      value.map((row) => ["", row] as const),
      width,
      indent,
    );
  if (!isObject(value)) return [wrapText(word(value), width, indent, `${indent}  `)];
  const entries = Object.entries(value);
  const rows = entries.filter((each): each is [string, Record<string, unknown>] => isFlat(each[1]));
  if (rows.length > 1 && rows.length === entries.length) return table(rows, width, indent);
  return entries.flatMap(([key, each]) => {
    const nested = isObject(each)
      ? Object.values(each).some((v) => isObject(v) || (Array.isArray(v) && v.some(isObject)))
      : Array.isArray(each) && each.some(isObject);
    return nested
      ? [`${indent}${key}`, ...lines(each, width, `${indent}  `)]
      : [wrapText(`${key}: ${word(each)}`, width, indent, `${indent}  `)];
  });
}

/** A result with its conclusion in words last, where a reader of a terminal looks. */
function conclusionLines({ conclusion, meaning, conclusionReason }: SuiteResult, width: number): string[] {
  if (conclusion === undefined) return [];
  return [
    wrapText(`conclusion: ${conclusion}${meaning ? `: ${meaning}` : ""}.`, width, "  ", "    "),
    ...(conclusionReason ? [wrapText(conclusionReason, width, "    ")] : []),
  ];
}

/** The results of suites as plain text; sentences in lines of `width` characters. */
export function suitesText(suites: Record<string, SuiteResult>, width = 100): string {
  return Object.entries(suites)
    .map(([name, suite]) =>
      [
        wrapText(`${name}: ${suite.title} (${suite.source})`, width, "", "  "),
        ...Object.entries(suite.results).flatMap(([analysis, result]) => [
          `  ${analysis}`,
          ...lines(result, width, "    "),
        ]),
        ...conclusionLines(suite, width),
      ].join("\n"),
    )
    .join("\n\n");
}
