/** What fits into the time of an audit, as text. */
import type { Budget } from "../audit/index.ts";
import { columns, duration } from "./format.ts";

/**
 * The questions that were chosen for a time and those that were left out, with their estimated times.
 *
 * @example
 * const requested = { interventions: [], definitions: {} };
 * const none = { minutes: 1, requested, suites: [], interventions: ["own"], verdict: 2, seconds: 2, chosen: [], left: [] };
 * budgetText(none); // "budget of 1 minute: 2.0 s at least, 2.0 s of it for the verdict\n"
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
    `budget of ${minutes} minute${minutes === 1 ? "" : "s"}: ${duration(seconds)} at least, ${duration(verdict)} of it for the verdict`,
    columns([...rows(chosen, "chosen"), ...rows(left, "left out")]),
  ].join("\n");
}

/** An argument as a shell reads it. */
const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/**
 * The options that run the same without `--budget`, to be pasted. `named`: what `--interventions` was given, for the files that
 * define some of the names.
 *
 * @example
 * const requested = { interventions: [], definitions: {} };
 * const some = { minutes: 1, requested, suites: ["trt"], interventions: ["own", "blend(0.5)"], verdict: 2, seconds: 2, chosen: [], left: [] };
 * await budgetOptions(some); // "the same without --budget: --suites trt --interventions 'own,blend(0.5)'"
 */
export async function budgetOptions(
  { interventions, suites, requested }: Budget,
  named: readonly string[] = [],
): Promise<string> {
  const { readInterventions } = await import("../audit/index.ts");
  const files = named.filter((text) => text.endsWith(".json"));
  const defined = await Promise.all(
    files.map(async (file) => ({ file, names: (await readInterventions([file])).names })),
  );
  // A file stands where its interventions stand.
  const texts = interventions.flatMap((name) => {
    const from = defined.filter(({ names }) => names.includes(name)).map(({ file }) => file);
    return from.length > 0 ? from : [name];
  });
  const options = [
    ...(suites.length > 0 ? ["--suites", suites.join(",")] : []),
    ...["--interventions", [...new Set(texts)].join(",")],
  ];
  const appendix = requested.suites?.includes("reviewer") ? ", but for the appendix" : "";
  return `the same without --budget${appendix}: ${options.map(quoted).join(" ")}`;
}
