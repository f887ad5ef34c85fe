/** Two distributions of cosines over one another, as stepped areas of equal area. */
import * as Plot from "@observablehq/plot";
import { type ChartText, chart } from "../chart.ts";
import type { Histogram } from "../latent-figures.ts";
import { format } from "../numbers.ts";

interface Series {
  label: string;
  histogram: Histogram;
  color: string;
  /** A dashed outline, so that the two differ without color. */
  dashed?: boolean;
}

const NAME = { fontWeight: 600, fontSize: 12, textAnchor: "start" } as const;

/** A short stroke before the name of a series, drawn as its outline is. */
function key(row: number, color: string, dashed: boolean | undefined): Plot.RenderFunction {
  return (_index, _scales, _channels, dimensions, context) => {
    const path = context.document.createElementNS("http://www.w3.org/2000/svg", "path");
    const y = dimensions.marginTop - 20 + 15 * row;
    path.setAttribute("d", `M${dimensions.marginLeft},${y}h18`);
    path.setAttribute("stroke", color);
    path.setAttribute("stroke-width", "2");
    if (dashed) path.setAttribute("stroke-dasharray", "4 2");
    return path;
  };
}

/** Densities of one or more histograms on a common cosine axis; the names are above the frame. */
export function distributionChart(series: readonly Series[], axis: string, text: ChartText): string {
  const first = series[0]!.histogram;
  const width = (first.to - first.from) / first.counts.length;
  const shapes = series.map(({ histogram, ...rest }) => {
    const share = histogram.counts.map((count) => (histogram.total > 0 ? count / histogram.total : 0));
    const outline = [
      { x: first.from, y: 0 },
      ...share.flatMap((y, i) => [
        { x: first.from + i * width, y },
        { x: first.from + (i + 1) * width, y },
      ]),
      { x: first.to, y: 0 },
    ];
    return { ...rest, outline, top: Math.max(...share) };
  });
  const highest = Math.max(...shapes.map((shape) => shape.top), 1e-9);
  return chart(
    {
      width: 340,
      height: 220,
      marginTop: 46,
      marginBottom: 40,
      marginLeft: 14,
      marginRight: 14,
      x: { domain: [first.from, first.to] },
      y: { domain: [0, highest], axis: null },
      marks: [
        ...shapes.flatMap(({ outline, color, dashed }) => [
          Plot.areaY(outline, { x: "x", y1: 0, y2: "y", fill: color, fillOpacity: 0.16 }),
          Plot.line(outline, {
            x: "x",
            y: "y",
            stroke: color,
            strokeWidth: 1.6,
            ...(dashed ? { strokeDasharray: "4 2" } : {}),
          }),
        ]),
        Plot.ruleY([0], { stroke: "var(--muted)" }),
        Plot.axisX({
          ticks: 5,
          tickSize: 4,
          fill: "var(--muted)",
          stroke: "var(--muted)",
          label: axis,
          labelAnchor: "center",
          labelArrow: "none",
          tickFormat: (d: number) => format(d, "decimal").replace(/\.?0+$/, "") || "0",
        }),
        ...shapes.flatMap(({ label, color, dashed }, i) => [
          key(i, color, dashed),
          Plot.text([label], {
            text: (d: string) => d,
            frameAnchor: "top-left",
            dx: 24,
            dy: 15 * i - 26,
            fill: color,
            ...NAME,
          }),
        ]),
      ],
    },
    text,
  );
}
