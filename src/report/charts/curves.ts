/** Training curves: losses, and accuracy under own, oracle and zeros against steps; seeds over one another. */
import * as Plot from "@observablehq/plot";
import { type ChartText, chart } from "../chart.ts";
import { ROLE_MARKS, roleOf } from "../labels.ts";
import { percentTick } from "../numbers.ts";
import type { TrainingCurve } from "../training-curves.ts";

const FRAME = { width: 500, height: 260, marginTop: 18, marginBottom: 44, marginLeft: 46, marginRight: 74 };
/** The first seed is drawn full, the others dashed and dotted. */
const DASHES = ["none", "5 3", "1.5 2.5", "8 3 2 3"];

function dash(seed: number): { strokeDasharray?: string; strokeOpacity: number } {
  const pattern = DASHES[seed % DASHES.length]!;
  return {
    strokeOpacity: seed === 0 ? 1 : 0.75,
    ...(pattern === "none" ? {} : { strokeDasharray: pattern }),
  };
}

export interface Line {
  label: string;
  color: string;
  /** Only the first of several seeds is labelled. */
  seed: number;
  /** Of the dashes, where it is not the seed's. */
  pattern?: number;
  points: { step: number; value: number }[];
}

/** Line ends named at the right, moved apart where they would overlap. */
function endLabels(
  lines: readonly Line[],
  pixels: (value: number) => number,
): { label: string; color: string; step: number; y: number }[] {
  const ends = lines
    .filter((line) => line.seed === 0 && line.points.length > 0)
    .map((line) => ({
      label: line.label,
      color: line.color,
      step: line.points.at(-1)!.step,
      y: pixels(line.points.at(-1)!.value),
    }))
    .sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i++) ends[i]!.y = Math.max(ends[i]!.y, ends[i - 1]!.y + 14);
  const over = (ends.at(-1)?.y ?? 0) - (FRAME.height - FRAME.marginBottom);
  if (over > 0) for (const end of ends) end.y -= over;
  return ends;
}

function curves(
  lines: readonly Line[],
  y: { domain: [number, number]; tick: (v: number) => string; ticks: number[] | undefined },
  extra: Plot.Markish[],
  text: ChartText,
  frame: Partial<typeof FRAME> = {},
): string {
  const last = lines.reduce((m, line) => line.points.reduce((n, p) => Math.max(n, p.step), m), 1);
  const [low, high] = y.domain;
  const [bottom, top] = [FRAME.height - FRAME.marginBottom, FRAME.marginTop];
  const ends = endLabels(lines, (value) => bottom + ((value - low) / (high - low)) * (top - bottom));
  const axis = { tickSize: 0, fill: "var(--muted)" } as const;
  return chart(
    {
      ...FRAME,
      ...frame,
      x: { domain: [0, last] },
      y: { domain: y.domain },
      marks: [
        Plot.gridY({
          stroke: "var(--line)",
          strokeOpacity: 1,
          ...(y.ticks ? { ticks: y.ticks } : { ticks: 5 }),
        }),
        Plot.axisX({
          ...axis,
          ticks: 6,
          label: "optimizer step",
          labelAnchor: "center",
          labelArrow: "none",
          tickFormat: (d: number) => String(d),
        }),
        Plot.axisY({
          ...axis,
          label: null,
          tickFormat: y.tick,
          ...(y.ticks ? { ticks: y.ticks } : { ticks: 5 }),
        }),
        ...extra,
        ...lines.map((line) =>
          Plot.line(line.points, {
            x: "step",
            y: "value",
            stroke: line.color,
            strokeWidth: 1.8,
            ...dash(line.pattern ?? line.seed),
          }),
        ),
        ...ends.map((end) =>
          Plot.text([end], {
            x: "step",
            y: () => low + ((end.y - bottom) / (top - bottom)) * (high - low),
            text: "label",
            dx: 7,
            textAnchor: "start",
            fill: end.color,
            fontWeight: 600,
            fontSize: 12,
          }),
        ),
      ],
    },
    text,
  );
}

/**
 * Text and latent loss against steps, on one axis from zero; null where no journal has losses.
 *
 * @example
 * lossChart([{ losses: [{ step: 1, text: 1.4, latent: 1 }], accuracy: [] }], { id: "l", title: "", description: "" })?.slice(0, 4); // "<svg"
 */
export function lossChart(seeds: readonly TrainingCurve[], text: ChartText): string | null {
  const lines = seeds.flatMap((curve, seed): Line[] => {
    const of = (key: "text" | "latent"): Line["points"] =>
      curve.losses.flatMap((l) => (l[key] === null ? [] : [{ step: l.step, value: l[key] }]));
    return [
      { label: "text", color: "var(--ink)", seed, points: of("text") },
      { label: "latent", color: "var(--counterfactual)", seed, points: of("latent") },
    ].filter((line) => line.points.length > 0);
  });
  if (lines.length === 0) return null;
  const high = lines.reduce((m, line) => line.points.reduce((n, p) => Math.max(n, p.value), m), 0);
  return curves(
    lines,
    { domain: [0, high > 0 ? high * 1.05 : 1], tick: (v) => String(v), ticks: undefined },
    [],
    text,
  );
}

/** Accuracy while training, per intervention, with the chance line; null where no journal has accuracies. */
export function progressChart(
  seeds: readonly TrainingCurve[],
  chance: number | null,
  text: ChartText,
): string | null {
  const lines = seeds.flatMap((curve, seed): Line[] => {
    const names = [...new Set(curve.accuracy.flatMap((point) => Object.keys(point.values)))];
    return names.map((label) => ({
      label,
      color: ROLE_MARKS[roleOf(label)].color,
      seed,
      points: curve.accuracy.flatMap(({ step, values }) =>
        values[label] === undefined ? [] : [{ step, value: values[label] }],
      ),
    }));
  });
  return shareChart(lines, chance, text);
}

/**
 * Lines of shares against steps, with the chance line; null without lines.
 *
 * @example
 * shareChart([], 0.25, { id: "a", title: "", description: "" }); // null
 */
export function shareChart(
  lines: readonly Line[],
  chance: number | null,
  text: ChartText,
  frame: Partial<typeof FRAME> = {},
): string | null {
  if (lines.length === 0) return null;
  const rule =
    chance === null
      ? []
      : [Plot.ruleY([chance], { stroke: "var(--ink)", strokeDasharray: "4 3", strokeOpacity: 0.7 })];
  return curves(
    lines,
    { domain: [0, 1], tick: percentTick, ticks: [0, 0.25, 0.5, 0.75, 1] },
    rule,
    text,
    frame,
  );
}
