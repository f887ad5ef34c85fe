/** Accuracy under every intervention, with intervals and the chance line; seeds below one another. */
import * as Plot from "@observablehq/plot";
import { type ChartText, chart, tag } from "../chart.ts";
import { type Evaluation, inAudit, interventionsOf, type LocatedAudit, measured } from "../groups.ts";
import { ROLE_MARKS, type Role, roleOf } from "../labels.ts";
import { format, percentTick, rangeText } from "../numbers.ts";

interface Row {
  /** Vertical position in pixels from the first row. */
  y: number;
  role: Role;
  value: number;
  low: number;
  high: number;
  /** Texts beside the row, tagged with their place in `results.json`. */
  valueTag: string;
  rangeTag: string;
}

interface Label {
  y: number;
  text: string;
  role: Role;
}

/** Sizes of the chart in pixels. */
interface Frame {
  width: number;
  labels: number;
  values: number;
  /** Offsets of the numbers from the right end of the axis; no intervals in numbers where there is no room. */
  value: number;
  range: number | null;
}
const BROAD: Frame = { width: 1000, labels: 150, values: 150, value: 62, range: 140 };
/** For screens of 390 pixels. */
export const NARROW: Frame = { width: 330, labels: 118, values: 56, value: 52, range: null };
const TOP = 26;
const BOTTOM = 30;

function rowOf(placed: LocatedAudit, name: string, y: number, following: boolean): Row | undefined {
  const result = placed.audit.interventions[name];
  const key = following ? "following" : "accuracy";
  const at = measured(placed, name, key);
  const interval = following ? result?.followingInterval : result?.interval;
  if (typeof at?.value !== "number") return undefined;
  const intervalAt = inAudit(placed, "interventions", name, following ? "followingInterval" : "interval");
  return {
    y,
    role: roleOf(name),
    value: at.value,
    low: interval?.[0] ?? at.value,
    high: interval?.[1] ?? at.value,
    valueTag: tag(at.value, "percent", at.source as string),
    rangeTag: interval ? tag(interval, "percent", intervalAt) : "",
  };
}

/**
 * The accuracy chart of an evaluation: one line per intervention and seed, 0–100 %, with the interval and the numbers at the
 * right. The share of answers that follow an injected counterfactual has a separate line.
 */
export function accuracyChart(evaluation: Evaluation, text: ChartText, frame: Frame = BROAD): string {
  const lines = interventionsOf(evaluation).flatMap((name) => {
    const follows = evaluation.seeds.some((s) => typeof s.audit.interventions[name]?.following === "number");
    return follows
      ? [
          { name, label: name, following: false },
          { name, label: "… follows the block", following: true },
        ]
      : [{ name, label: name, following: false }];
  });
  const seeds = evaluation.seeds.length;
  const step = seeds > 1 ? 13 : 22;
  const gap = seeds > 1 ? 9 : 0;
  const rows: Row[] = [];
  const labels: Label[] = [];
  const bounds: number[] = [];
  let y = step / 2;
  let before: Role | undefined;
  for (const { name, label, following } of lines) {
    const role = roleOf(name);
    if (before !== undefined && role !== before && !(before === "own" && role === "oracle")) {
      y += 6;
      bounds.push(y - step / 2 - gap / 2 - 3);
    }
    before = role;
    labels.push({ y: y + ((seeds - 1) * step) / 2, text: label, role });
    for (const placed of evaluation.seeds) {
      const row = rowOf(placed, name, y, following);
      if (row) rows.push(row);
      y += step;
    }
    y += gap;
  }
  const height = Math.max(step, y - step / 2 - gap);
  const chance = evaluation.seeds[0]?.audit.chance ?? 0;
  const marks = Object.entries(ROLE_MARKS).flatMap(([role, { color, symbol }]) => {
    const own = rows.filter((row) => row.role === role);
    if (own.length === 0) return [];
    return [
      Plot.link(own, {
        x1: "low",
        x2: "high",
        y1: "y",
        y2: "y",
        stroke: color,
        strokeWidth: 2.5,
        strokeOpacity: 0.55,
      }),
      Plot.dot(own, {
        x: "value",
        y: "y",
        symbol: symbol as Plot.SymbolType,
        r: symbol === "times" ? 4 : 4.5,
        fill: symbol === "times" ? "none" : color,
        stroke: symbol === "times" ? color : "var(--card)",
        strokeWidth: symbol === "times" ? 2 : 1,
      }),
    ];
  });
  const ranged = rows.filter((row) => row.rangeTag !== "" && frame.range !== null);
  return chart(
    {
      width: frame.width,
      height: TOP + height + BOTTOM,
      marginTop: TOP,
      marginBottom: BOTTOM,
      marginLeft: frame.labels,
      marginRight: frame.values,
      x: { domain: [0, 1] },
      y: { domain: [0, height], range: [TOP, TOP + height], axis: null },
      marks: [
        Plot.gridX([0, 0.25, 0.5, 0.75, 1], { stroke: "var(--line)", strokeOpacity: 1 }),
        Plot.axisX([0, 0.25, 0.5, 0.75, 1], {
          tickSize: 0,
          tickFormat: percentTick,
          fill: "var(--muted)",
          label: null,
        }),
        Plot.ruleY(bounds, { stroke: "var(--line)", strokeDasharray: "1 3" }),
        Plot.ruleX([chance], { stroke: "var(--ink)", strokeDasharray: "4 3" }),
        Plot.text([chance], {
          x: (d: number) => d,
          text: () => `chance ${format(chance, "percent")}`,
          ariaLabel: () =>
            tag(chance, "percent", evaluation.seeds[0] ? inAudit(evaluation.seeds[0], "chance") : "#/"),
          frameAnchor: "top",
          dy: -14,
          fill: "var(--muted)",
        }),
        ...marks,
        Plot.text(labels, { x: 0, y: "y", text: "text", dx: -10, textAnchor: "end", fontSize: 12.5 }),
        Plot.text(rows, {
          x: 1,
          y: "y",
          text: (row: Row) => format(row.value, "percent"),
          ariaLabel: "valueTag",
          dx: frame.value,
          textAnchor: "end",
          fontSize: seeds > 1 ? 11 : 12.5,
          fontWeight: 600,
        }),
        Plot.text(ranged, {
          x: 1,
          y: "y",
          text: (row: Row) => rangeText([row.low, row.high], "percent"),
          ariaLabel: "rangeTag",
          dx: frame.range ?? 0,
          textAnchor: "end",
          fontSize: seeds > 1 ? 10.5 : 11.5,
          fill: "var(--muted)",
        }),
      ],
    },
    text,
  );
}
