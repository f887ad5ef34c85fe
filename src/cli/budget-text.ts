/** What fits into the time of an audit, as text. */
import type { Budget } from "../audit/index.ts";
import { columns, duration } from "./format.ts";

/**
 * The questions that were chosen for a time and those that were left out, with their estimated times.
 *
 * @example
 * const none = { minutes: 1, suites: [], interventions: ["own"], verdict: 2, seconds: 2, chosen: [], left: [] };
 * budgetText(none).split("\n").length; // 2
 */
export function budgetText({ minutes, verdict, seconds, chosen, left }: Budget): string {
  const rows = (of: Budget["chosen"], word: string): string[][] =>
    of.map(({ question, seconds: more, bits }) => [
      `  ${word}`,
      `+${duration(more)}`,
      `${bits.toFixed(1)} bits`,
      question,
    ]);
  return [
    `budget of ${minutes} minutes: ${duration(seconds)} at least, ${duration(verdict)} of it for the verdict`,
    columns([...rows(chosen, "chosen"), ...rows(left, "left out")]),
  ].join("\n");
}
