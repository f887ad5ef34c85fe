/** docs/speed.md and its figure, from the lines of bench/history.jsonl. */
import { median } from "./pairs.ts";

/** A line of the history, as far as the page shows it. */
export interface HistoryEntry {
  date: string;
  commit: string;
  processor: string;
  cores: number;
  bench: string;
  case: string;
  peer?: string | null;
  ours: number;
  theirs?: number | null;
  unit: string;
  ratio?: number | null;
  /** Of pairs: the smallest and largest ratio. */
  range?: readonly [number, number] | null;
}

/** Ratios of one case beside one peer, oldest first. */
export interface Series {
  bench: string;
  case: string;
  peer: string;
  entries: (HistoryEntry & { ratio: number })[];
}

/**
 * Entries that compare with a peer, by case and peer in the order of their first appearance.
 *
 * @example
 * const entry = { date: "2026-12-01", commit: "a", processor: "p", cores: 2, bench: "train", case: "pocket", ours: 2, unit: "steps/s" };
 * seriesOf([{ ...entry, peer: "eager", ratio: 2 }, { ...entry, peer: null, ratio: null }]).map(({ peer }) => peer); // ["eager"]
 */
export function seriesOf(entries: readonly HistoryEntry[]): Series[] {
  const found = new Map<string, Series>();
  for (const entry of entries) {
    const { bench, peer, ratio } = entry;
    if (typeof peer !== "string" || typeof ratio !== "number") continue;
    const key = JSON.stringify([bench, entry.case, peer]);
    const series = found.get(key) ?? { bench, case: entry.case, peer, entries: [] };
    series.entries.push({ ...entry, ratio });
    found.set(key, series);
  }
  return [...found.values()];
}

const figure = (value: number): string => Number(value.toPrecision(3)).toString();
const cell = (text: string): string => text.replaceAll("|", "\\|");

/**
 * The table of the page: the newest figure of each case and peer, and the median and range of all its ratios.
 *
 * @example
 * speedTable([]).split("\n").length; // 2
 */
export function speedTable(series: readonly Series[]): string {
  const rows = series.map(({ bench, case: name, peer, entries }) => {
    const { ours, theirs, unit, ratio, range: of, date, commit, processor, cores } = entries.at(-1)!;
    const pairs = of ? ` (${figure(of[0])}–${figure(of[1])})` : "";
    const ratios = entries.map((entry) => entry.ratio);
    const range = `${figure(median(ratios))} (${figure(Math.min(...ratios))}–${figure(Math.max(...ratios))}, ${ratios.length})`;
    const newest = `${figure(ours)}${typeof theirs === "number" ? ` and ${figure(theirs)}` : ""} ${unit}`;
    const where = `${date.slice(0, 10)}, ${commit}, ${processor}, ${cores} cores`;
    return [`\`bench:${bench}\``, name, peer, newest, figure(ratio) + pairs, range, where]
      .map(cell)
      .join(" | ");
  });
  const head = [
    "benchmark",
    "case",
    "beside",
    "ours and theirs, newest",
    "ratio (range of its pairs)",
    "median (range, runs)",
    "measured",
  ];
  return [head.join(" | "), head.map(() => "---").join(" | "), ...rows].map((row) => `| ${row} |`).join("\n");
}
