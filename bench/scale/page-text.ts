/** docs/scale.md, from the lines of bench/history.jsonl. */
import { type Measured, summaryOf } from "./growth.ts";

/** A line of the history by `bench:scale`. */
export type ScaleEntry = Measured & {
  date: string;
  commit: string;
  processor: string;
  cores: number;
  bench: string;
  case: string;
};

/**
 * The newest measurement of each command and size, by command, in the order of sizes.
 *
 * @example
 * newestOf([]).size; // 0
 */
export function newestOf(entries: readonly Partial<ScaleEntry>[]): Map<string, ScaleEntry[]> {
  const found = new Map<string, Map<number, ScaleEntry>>();
  for (const entry of entries) {
    if (entry.bench !== "scale" || entry.n === undefined || entry.cpuSeconds === undefined) continue;
    const sizes = found.get(entry.case!) ?? new Map<number, ScaleEntry>();
    found.set(entry.case!, sizes.set(entry.n, entry as ScaleEntry));
  }
  return new Map(
    [...found].map(([command, sizes]) => [command, [...sizes.values()].sort((a, b) => a.n - b.n)]),
  );
}

const count = (n: number): string => n.toLocaleString("en-US");
const seconds = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));

/**
 * The table of the page: processor time and peak memory of each command and size, and the exponent of time.
 *
 * @example
 * scaleTable(new Map()).split("\n").length; // 2
 */
export function scaleTable(found: ReadonlyMap<string, readonly ScaleEntry[]>): string {
  const rows = [...found].flatMap(([command, entries]) =>
    entries.map((entry, i) => {
      const last = i === entries.length - 1;
      const exponent = last && i > 0 ? summaryOf(entries).exponent.toFixed(2) : "";
      const { n, cpuSeconds, peakMiB, date, commit } = entry;
      return [
        `\`${command}\``,
        count(n),
        seconds(cpuSeconds),
        count(peakMiB),
        exponent,
        `${date.slice(0, 10)}, ${commit}`,
      ].join(" | ");
    }),
  );
  const head = "command | examples | processor time, s | peak memory, MiB | exponent of time | measured";
  return [head, "--- | ---: | ---: | ---: | ---: | ---", ...rows].map((row) => `| ${row} |`).join("\n");
}
