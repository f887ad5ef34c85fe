/** Charts that fit into a table cell: written by hand, because each is a handful of shapes. */
import { escapeText, type Html, raw } from "../html.ts";

const WIDTH = 190;

/** The common scale of the difference column of a table: differences of shares → pixels. */
export interface ForestScale {
  low: number;
  high: number;
  margin: number;
}

/**
 * A scale that holds all intervals, the margin and zero, with some air.
 *
 * @example
 * forestScale([[-0.7, -0.6]], 0.02).high > 0.02; // true
 */
export function forestScale(intervals: readonly (readonly [number, number])[], margin: number): ForestScale {
  const low = intervals.reduce((m, [a]) => Math.min(m, a), -margin);
  const high = intervals.reduce((m, [, b]) => Math.max(m, b), margin);
  const air = Math.max(0.04 * (high - low), 0.005);
  return { low: low - air, high: high + air, margin };
}

function at(scale: ForestScale, value: number): string {
  return (((value - scale.low) / (scale.high - scale.low)) * WIDTH).toFixed(1);
}

/** One row of a forest plot: the equivalence margin as a band, zero as a line, the interval with its estimate. */
export function forestRow(
  difference: number | null,
  interval: readonly [number, number] | null,
  scale: ForestScale,
  label: string,
): Html {
  const band = `<rect x="${at(scale, -scale.margin)}" y="0" width="${(Number(at(scale, scale.margin)) - Number(at(scale, -scale.margin))).toFixed(1)}" height="20" fill="var(--band)"/>`;
  const zero = `<path d="M${at(scale, 0)},0v20" stroke="var(--muted)"/>`;
  const line = interval
    ? `<path d="M${at(scale, interval[0])},10H${at(scale, interval[1])}" stroke="currentColor" stroke-width="2" opacity="0.6"/>`
    : "";
  const point =
    difference === null ? "" : `<circle cx="${at(scale, difference)}" cy="10" r="3.6" fill="currentColor"/>`;
  return raw(
    `<svg class="forest" width="${WIDTH}" height="20" viewBox="0 0 ${WIDTH} 20" role="img" aria-label="${escapeText(label)}">${band}${zero}${line}${point}</svg>`,
  );
}

/** Accuracies of one seed for the overview. */
interface StripRow {
  own: number | null;
  oracle: number | null;
  control: number | null;
  chance: number;
}

/**
 * Own, oracle and best control on a line from 0 to 100 %, one line per seed, with the chance tick.
 *
 * @example
 * strip([{ own: 0.3, oracle: 0.9, control: 0.25, chance: 0.25 }], "accuracies").markup.slice(0, 4); // "<svg"
 */
export function strip(rows: readonly StripRow[], label: string): Html {
  const [width, step, pad] = [170, 22, 6];
  const x = (value: number): string => (pad + value * (width - 2 * pad)).toFixed(1);
  const lines = rows.map((row, i) => {
    const y = i * step + step / 2;
    const known = [row.own, row.oracle, row.control].filter((v) => v !== null);
    const reach =
      known.length > 1
        ? `<path d="M${x(Math.min(...known))},${y}H${x(Math.max(...known))}" stroke="var(--muted)" stroke-opacity="0.45" stroke-width="1.5"/>`
        : "";
    const control =
      row.control === null
        ? ""
        : `<rect x="${(Number(x(row.control)) - 3.6).toFixed(1)}" y="${y - 3.6}" width="7.2" height="7.2" fill="var(--content-free)"/>`;
    const oracle =
      row.oracle === null
        ? ""
        : `<path d="M${x(row.oracle)},${y - 5.6}l5.6,5.6l-5.6,5.6l-5.6,-5.6z" fill="var(--oracle)" stroke="var(--card)"/>`;
    const own =
      row.own === null
        ? ""
        : `<circle cx="${x(row.own)}" cy="${y}" r="4.4" fill="var(--own)" stroke="var(--card)"/>`;
    return `<path d="M${x(0)},${y}H${x(1)}" stroke="var(--line)"/><path d="M${x(row.chance)},${y - 8}v16" stroke="var(--ink)" stroke-dasharray="2 2" stroke-opacity="0.7"/>${reach}${control}${oracle}${own}`;
  });
  const height = Math.max(1, rows.length) * step;
  return raw(
    `<svg class="strip" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(label)}">${lines.join("")}</svg>`,
  );
}

/**
 * The sign of a role in a legend, equal to its mark in the charts.
 *
 * @example
 * legendMark("circle", "currentColor").markup.includes("<circle"); // true
 */
export function legendMark(symbol: string, color: string): Html {
  const shapes: Record<string, string> = {
    circle: `<circle cx="7" cy="7" r="4.5" fill="${color}"/>`,
    diamond: `<path d="M7,1l6,6l-6,6l-6,-6z" fill="${color}"/>`,
    square: `<rect x="3" y="3" width="8" height="8" fill="${color}"/>`,
    times: `<path d="M3,3L11,11M3,11L11,3" stroke="${color}" stroke-width="2" fill="none"/>`,
    triangle: `<path d="M7,1.5L12.5,11.5H1.5Z" fill="${color}"/>`,
    hollow: `<path d="M7,2.5l4.5,4.5l-4.5,4.5l-4.5,-4.5z" fill="none" stroke="${color}" stroke-width="1.3"/>`,
    chance: `<path d="M7,1v12" stroke="${color}" stroke-dasharray="3 2" stroke-width="1.5"/>`,
    band: `<rect x="1" y="1" width="12" height="12" fill="${color}"/>`,
  };
  return raw(
    `<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">${shapes[symbol] ?? shapes.circle}</svg>`,
  );
}
