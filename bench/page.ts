/**
 * Writes the table of docs/speed.md and docs/images/speed.svg from bench/history.jsonl:
 *   npm run bench:page
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as Plot from "@observablehq/plot";
import { chart } from "../src/report/chart.ts";
import { type HistoryEntry, type Series, seriesOf, speedTable } from "./page-text.ts";

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
const entries = readFileSync(at("bench/history.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line): HistoryEntry => JSON.parse(line));
const series = seriesOf(entries);

const page = at("docs/speed.md");
const written = /(<!-- speed: .* -->\n)[\s\S]*(\n<!-- end of speed -->)/;
writeFileSync(page, readFileSync(page, "utf8").replace(written, `$1\n${speedTable(series)}\n$2`));
writeFileSync(at("docs/images/speed.svg"), figureOf(series));

/** Ratios over time on a logarithmic scale; a dot for each run, a line for each case and peer. */
function figureOf(all: readonly Series[]): string {
  const dots = all.flatMap(({ bench, case: name, peer, entries }) => {
    const label = `${bench}, ${name.split(/[;:,]/)[0]} / ${peer.split(/[,(]/)[0]!.trim()}`;
    return entries.map(({ date, ratio }) => ({ date: new Date(date), ratio, label }));
  });
  const text = {
    id: "speed",
    title: "Benchmarks over time",
    description: "Our figure over the peer's, for every run of every case that has a peer.",
  };
  const plot = chart(
    {
      width: 860,
      height: 76 + 26 * all.length,
      marginLeft: 380,
      marginBottom: 46,
      x: { type: "log", label: "ratio: ours over theirs (above 1: Lintel is faster or cheaper)", grid: true },
      y: { label: null },
      marks: [
        Plot.ruleX([1]),
        Plot.dot(dots, { x: "ratio", y: "label", r: 4, fill: "#0067a5", fillOpacity: 0.7 }),
      ],
    },
    text,
  );
  // A file of its own, which no page styles.
  const style = "font: 12px system-ui, sans-serif; background: white; color: #222";
  return plot.replace("<svg ", `<svg xmlns="http://www.w3.org/2000/svg" style="${style}" `);
}
