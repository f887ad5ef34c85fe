/** Own and oracle latents projected to two dimensions: a cloud that covers the other, or a clump beside it. */
import type * as Plot from "@observablehq/plot";
import { type ChartText, chart } from "../chart.ts";
import type { Projection } from "../latent-figures.ts";

type Point = readonly [number, number];

/**
 * All points as one path of zero-length strokes with round caps: hundreds of points in a few kilobytes. Plot hands a
 * function mark its scales; coordinates are rounded to tenths of a pixel.
 */
function points(data: readonly Point[], color: string, hollow: boolean): Plot.RenderFunction {
  return (_index, scales, _channels, _dimensions, context) => {
    const svg = context.document.createElementNS("http://www.w3.org/2000/svg", "path");
    const [sx, sy] = [scales.x as (v: number) => number, scales.y as (v: number) => number];
    const place = ([x, y]: Point): string => `${sx(x).toFixed(1)},${sy(y).toFixed(1)}`;
    if (hollow) {
      svg.setAttribute("d", data.map((p) => `M${place(p)}m0,-3.2l3.2,3.2l-3.2,3.2l-3.2,-3.2z`).join(""));
      svg.setAttribute("fill", "none");
      svg.setAttribute("stroke-width", "1.1");
      svg.setAttribute("stroke-opacity", "0.8");
    } else {
      svg.setAttribute("d", data.map((p) => `M${place(p)}h0`).join(""));
      svg.setAttribute("stroke-linecap", "round");
      svg.setAttribute("stroke-width", "5");
      svg.setAttribute("stroke-opacity", "0.6");
    }
    svg.setAttribute("stroke", color);
    return svg;
  };
}

/**
 * The scatter plot of a projection: oracles as hollow diamonds, own latents as dots, equal scale on both axes.
 *
 * @example
 * projectionChart({ own: [[0, 0]], oracle: [[1, 1]], explained: [0.9, 0.1] }, { id: "p", title: "", description: "" });
 */
export function projectionChart(projection: Projection, text: ChartText): string {
  const all = [...projection.own, ...projection.oracle];
  const [width, height, margin] = [340, 220, 12];
  const extent = (axis: 0 | 1): [number, number] => [
    all.reduce((m, p) => Math.min(m, p[axis]), Infinity),
    all.reduce((m, p) => Math.max(m, p[axis]), -Infinity),
  ];
  const [[x0, x1], [y0, y1]] = [extent(0), extent(1)];
  const scale = Math.max(
    (x1 - x0) / (width - 2 * margin - 12),
    (y1 - y0) / (height - 2 * margin - 12),
    1e-12,
  );
  const domain = (low: number, high: number, pixels: number): [number, number] => {
    const middle = (low + high) / 2;
    return [middle - (scale * pixels) / 2, middle + (scale * pixels) / 2];
  };
  return chart(
    {
      width,
      height,
      margin,
      x: { domain: domain(x0, x1, width - 2 * margin), axis: null },
      y: { domain: domain(y0, y1, height - 2 * margin), axis: null },
      marks: [points(projection.oracle, "var(--oracle)", true), points(projection.own, "var(--own)", false)],
    },
    text,
  );
}
