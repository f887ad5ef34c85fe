/**
 * Writes the tables of docs/speed.md and docs/scale.md and their figures in docs/images from bench/history.jsonl:
 *   npm run bench:page
 */
import { readFileSync, writeFileSync } from "node:fs";
import * as Plot from "@observablehq/plot";
import { chart } from "../src/report/chart.ts";
import { type HistoryEntry, type Series, seriesOf, speedTable } from "./page-text.ts";
import { newestOf, type ScaleEntry, scaleTable } from "./scale/page-text.ts";

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
const entries = readFileSync(at("bench/history.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line): HistoryEntry => JSON.parse(line));
const series = seriesOf(entries);

const scale = newestOf(entries as readonly Partial<ScaleEntry>[]);

/** Replaces what stands between the marks of a page. */
function rewrite(name: string, table: string): void {
  const page = at(`docs/${name}.md`);
  const written = new RegExp(`(<!-- ${name}: .* -->\\n)[\\s\\S]*(\\n<!-- end of ${name} -->)`);
  writeFileSync(
    page,
    readFileSync(page, "utf8").replace(written, (_, begin, end) => `${begin}\n${table}\n${end}`),
  );
}
rewrite("speed", speedTable(series));
rewrite("scale", scaleTable(scale));
writeFileSync(at("docs/images/speed.svg"), figureOf(series));
writeFileSync(at("docs/images/scale.svg"), scaleFigure(scale));

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
  return standalone(plot);
}

/** A figure in a file of its own, which no page styles. */
function standalone(plot: string): string {
  const style = "font: 12px system-ui, sans-serif; background: white; color: #222";
  return plot.replace("<svg ", `<svg xmlns="http://www.w3.org/2000/svg" style="${style}" `);
}

/** Processor time of every command over the number of examples, both on logarithmic scales. */
function scaleFigure(all: ReadonlyMap<string, readonly ScaleEntry[]>): string {
  const dots = [...all].flatMap(([command, entries]) =>
    entries.map(({ n, cpuSeconds }) => ({ n, cpuSeconds, command })),
  );
  const last = [...all].map(([command, entries]) => ({ ...entries.at(-1)!, command }));
  const xy = { x: "n", y: "cpuSeconds" };
  const plot = chart(
    {
      width: 860,
      height: 420,
      marginLeft: 60,
      marginRight: 90,
      marginBottom: 46,
      x: { type: "log", label: "examples", grid: true, tickFormat: "~s" },
      y: { type: "log", label: "processor time, s", grid: true },
      marks: [
        Plot.line(dots, { ...xy, z: "command", stroke: "#0067a5" }),
        Plot.dot(dots, { ...xy, r: 4, fill: "#0067a5" }),
        Plot.text(last, { ...xy, text: "command", dx: 8, textAnchor: "start" }),
      ],
    },
    {
      id: "scale",
      title: "Growth with the number of examples",
      description: "Processor time of commands over the number of examples, both on logarithmic scales.",
    },
  );
  return standalone(plot);
}
