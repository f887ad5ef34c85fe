/** The results of suites as text. */
import type { SuiteResult } from "../audit/index.ts";
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

/** A list of like records as a table, everything else as lines of name and value. */
function lines(value: unknown, indent: string): string[] {
  if (Array.isArray(value) && value.every(isObject) && value.length > 0) {
    const keys = [...new Set(value.flatMap((row) => Object.keys(row)))];
    const table = columns([keys, ...value.map((row) => keys.map((key) => word(row[key])))]);
    return table.split("\n").map((line) => indent + line);
  }
  if (!isObject(value)) return [indent + word(value)];
  return Object.entries(value).flatMap(([key, each]) => {
    const nested = isObject(each)
      ? Object.values(each).some((v) => isObject(v) || (Array.isArray(v) && v.some(isObject)))
      : Array.isArray(each) && each.some(isObject);
    return nested ? [`${indent}${key}`, ...lines(each, `${indent}  `)] : [`${indent}${key}: ${word(each)}`];
  });
}

/** The results of suites as plain text. */
export function suitesText(suites: Record<string, SuiteResult>): string {
  return Object.entries(suites)
    .map(([name, { title, source, conclusion, conclusionReason, results }]) =>
      [
        `${name}: ${title} (${source})`,
        ...(conclusion === undefined ? [] : [`  conclusion: ${conclusion}`, `    ${conclusionReason ?? ""}`]),
        ...Object.entries(results).flatMap(([analysis, result]) => [
          `  ${analysis}`,
          ...lines(result, "    "),
        ]),
      ].join("\n"),
    )
    .join("\n\n");
}
