/** Many recipes in one picture: accuracy against steps, and accuracy against geometry. */
import * as Plot from "@observablehq/plot";
import { type ChartText, chart } from "../chart.ts";
import { percentTick } from "../numbers.ts";
import { type Line, shareChart } from "./curves.ts";

/** Told apart with any color vision as far as eight can be; symbols and dashes help. */
const COLORS = [
  "--own",
  "--oracle",
  "--counterfactual",
  "--control",
  "--bad",
  "--calm",
  "--warn",
  "--content-free",
];
const SYMBOLS = ["circle", "diamond", "square", "triangle", "times"] as const;

/**
 * The color of the i-th recipe or dataset.
 *
 * @example
 * colorOf(0); // "var(--own)"
 */
export const colorOf = (i: number): string => `var(${COLORS[i % COLORS.length]})`;

/**
 * The symbol of the i-th dataset, for charts and legends.
 *
 * @example
 * symbolOf(1); // "diamond"
 */
export const symbolOf = (i: number): (typeof SYMBOLS)[number] => SYMBOLS[i % SYMBOLS.length]!;

interface RecipeCurve {
  recipe: string;
  /** Its place among all recipes of the run: the same color in every chart. */
  place: number;
  points: { step: number; value: number }[];
}

/**
 * Own accuracy of each recipe against steps; null without any points.
 *
 * @example
 * stepsChart([{ recipe: "joint", place: 0, points: [{ step: 10, value: 0.3 }] }], 0.25, { id: "s", title: "", description: "" })?.slice(0, 4); // "<svg"
 */
export function stepsChart(
  recipes: readonly RecipeCurve[],
  chance: number | null,
  text: ChartText,
): string | null {
  const lines = recipes.map(
    ({ recipe, place, points }): Line => ({
      label: recipe,
      color: colorOf(place),
      seed: 0,
      pattern: Math.floor(place / COLORS.length),
      points,
    }),
  );
  return shareChart(
    lines.filter(({ points }) => points.length > 0),
    chance,
    text,
    { marginRight: 110 },
  );
}

interface Run {
  /** Place of its dataset. */
  task: number;
  measure: number;
  own: number;
}

/**
 * Own accuracy against a measure of geometry, one mark for each run, its shape and color by dataset.
 *
 * @example
 * relationChart([{ task: 0, measure: 0.4, own: 0.3 }], "cosine", { id: "r", title: "", description: "" }).slice(0, 4); // "<svg"
 */
export function relationChart(runs: readonly Run[], axis: string, text: ChartText): string {
  const values = runs.map(({ measure }) => measure);
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const tasks = [...new Set(runs.map(({ task }) => task))];
  const plain = { tickSize: 0, fill: "var(--muted)", labelArrow: "none" } as const;
  return chart(
    {
      width: 340,
      height: 260,
      marginTop: 26,
      marginBottom: 40,
      marginLeft: 46,
      marginRight: 12,
      x: { domain: [low, high] },
      y: { domain: [0, 1] },
      marks: [
        Plot.gridY([0, 0.25, 0.5, 0.75, 1], { stroke: "var(--line)", strokeOpacity: 1 }),
        Plot.axisX({ ...plain, ticks: 5, label: axis, labelAnchor: "center" }),
        Plot.axisY([0, 0.25, 0.5, 0.75, 1], {
          ...plain,
          tickFormat: percentTick,
          label: "own accuracy",
          labelAnchor: "top",
        }),
        ...tasks.map((task) =>
          Plot.dot(
            runs.filter((run) => run.task === task),
            {
              x: "measure",
              y: "own",
              r: 3.6,
              symbol: symbolOf(task),
              fill: symbolOf(task) === "times" ? "none" : colorOf(task),
              fillOpacity: 0.75,
              stroke: symbolOf(task) === "times" ? colorOf(task) : "var(--card)",
              strokeWidth: symbolOf(task) === "times" ? 1.6 : 0.6,
            },
          ),
        ),
      ],
    },
    text,
  );
}
