/** Small charts: a handful of shapes each, drawn in the colors of the page. */
import { count, number, percent, points } from "../format.ts";

export const ROLE_COLORS: Record<string, string> = {
  own: "var(--own)",
  oracle: "var(--oracle)",
  "content-free": "var(--content-free)",
  control: "var(--control)",
  counterfactual: "var(--counterfactual)",
};

/** The sign of a role: color is never the only one. */
export function Mark({ role, x, y, size = 4.4 }: { role: string; x: number; y: number; size?: number }) {
  const [base = "", before] = role.split(" ");
  const color = ROLE_COLORS[base] ?? "var(--control)";
  if (before) return <circle cx={x} cy={y} r={size} fill="var(--card)" stroke={color} stroke-width="1.6" />;
  const s = size;
  if (role === "own") return <circle cx={x} cy={y} r={s} fill={color} stroke="var(--card)" />;
  if (role === "oracle")
    return (
      <path
        d={`M${x} ${y - s * 1.25}l${s * 1.25} ${s * 1.25}l${-s * 1.25} ${s * 1.25}l${-s * 1.25} ${-s * 1.25}z`}
        fill={color}
        stroke="var(--card)"
      />
    );
  if (role === "content-free")
    return (
      <rect
        x={x - s * 0.8}
        y={y - s * 0.8}
        width={s * 1.6}
        height={s * 1.6}
        fill={color}
        stroke="var(--card)"
      />
    );
  if (role === "counterfactual")
    return <path d={`M${x} ${y - s * 1.1}l${s * 1.1} ${s * 2}h${-s * 2.2}z`} fill={color} />;
  return (
    <path
      d={`M${x - s * 0.8} ${y - s * 0.8}l${s * 1.6} ${s * 1.6}m0 ${-s * 1.6}l${-s * 1.6} ${s * 1.6}`}
      stroke={color}
      stroke-width="1.8"
      fill="none"
    />
  );
}

export const Legend = ({ roles, chance }: { roles: readonly [string, string][]; chance?: boolean }) => (
  <ul class="legend">
    {roles.map(([role, text]) => (
      <li key={role}>
        <svg width="14" height="14" aria-hidden="true">
          <Mark role={role} x={7} y={7} />
        </svg>
        {text}
      </li>
    ))}
    {chance && (
      <li>
        <svg width="14" height="14" aria-hidden="true">
          <path d="M7 0v14" stroke="var(--ink)" stroke-dasharray="2 2" stroke-opacity=".6" />
        </svg>
        chance
      </li>
    )}
  </ul>
);

interface StripMark {
  role: string;
  value: number | null;
  interval?: readonly [number, number] | null | undefined;
}

/** Shares on a line from 0 to 100 %, with the tick of chance. */
export function Strip({
  marks,
  chance,
  width = 190,
  label,
}: {
  marks: readonly StripMark[];
  chance?: number | undefined;
  width?: number;
  label: string;
}) {
  const pad = 7;
  const x = (value: number): number => pad + value * (width - 2 * pad);
  return (
    <svg class="strip" width={width} height="22" viewBox={`0 0 ${width} 22`} role="img" aria-label={label}>
      <path d={`M${x(0)} 11H${x(1)}`} stroke="var(--line)" />
      {chance !== undefined && (
        <path d={`M${x(chance)} 3v16`} stroke="var(--ink)" stroke-dasharray="2 2" stroke-opacity=".6" />
      )}
      {marks.map(
        ({ role, interval }) =>
          interval && (
            <path
              key={`i${role}`}
              d={`M${x(interval[0])} 11H${x(interval[1])}`}
              stroke={ROLE_COLORS[role]}
              stroke-width="2.4"
              stroke-opacity=".4"
              stroke-linecap="round"
            />
          ),
      )}
      {marks.map(({ role, value }) => value !== null && <Mark key={role} role={role} x={x(value)} y={11} />)}
    </svg>
  );
}

/** A difference with its interval: the margin as a band, zero as a line. */
export function Forest({
  difference,
  interval,
  margin,
  reach,
  width = 170,
}: {
  difference: number | null;
  interval: readonly [number, number] | null;
  margin: number;
  reach: number;
  width?: number;
}) {
  const x = (value: number): number =>
    ((Math.max(-reach, Math.min(reach, value)) + reach) / (2 * reach)) * (width - 8) + 4;
  const text =
    difference === null
      ? "no difference known"
      : `${points(difference)} points, 95 % interval ${interval ? `${points(interval[0])} to ${points(interval[1])}` : "unknown"}`;
  return (
    <svg class="forest" width={width} height="22" viewBox={`0 0 ${width} 22`} role="img" aria-label={text}>
      <rect x={x(-margin)} width={x(margin) - x(-margin)} height="22" fill="var(--band)" />
      <path d={`M${x(0)} 0v22`} stroke="var(--muted)" stroke-opacity=".7" />
      {interval && (
        <path
          d={`M${x(interval[0])} 11H${x(interval[1])}`}
          stroke="currentColor"
          stroke-width="2"
          stroke-opacity=".55"
        />
      )}
      {difference !== null && <circle cx={x(difference)} cy="11" r="3.8" fill="currentColor" />}
    </svg>
  );
}

/**
 * Round numbers from `low` to `high`: multiples of 1, 2, 2.5 or 5 times a power of ten, about `wanted` of them; all whole for
 * an axis of steps.
 */
export function ticksBetween(low: number, high: number, wanted = 5, whole = false): number[] {
  const least = (high - low) / wanted;
  if (!(least > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(least));
  const usual = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= least * (1 - 1e-9))!;
  const step = whole ? Math.max(1, Math.ceil(usual)) : usual;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Seconds, minutes and hours that an axis of time may have between two of its ticks. */
const TIME_STEPS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => 60 * minutes),
  ...[1, 2, 3, 6, 12, 24].map((hours) => 3600 * hours),
];

/** Ticks of an axis of time from 0, in seconds: about `wanted`, at whole seconds, minutes or hours as far as these are. */
export function timeTicks(longest: number, wanted = 6): number[] {
  const step = TIME_STEPS.find((each) => longest / each <= wanted);
  return step === undefined
    ? ticksBetween(0, longest, wanted)
    : Array.from({ length: Math.floor(longest / step + 1e-9) + 1 }, (_, i) =>
        Number((i * step).toPrecision(6)),
      );
}

/** Quarters for shares, which are read most easily; else round numbers. */
const ticksOf = (low: number, high: number, whole = false): number[] =>
  low === 0 && high === 1 ? [0, 0.25, 0.5, 0.75, 1] : ticksBetween(low, high, 5, whole);

export interface Series {
  name: string;
  color: string;
  points: readonly (readonly [number, number])[];
  band?: readonly (readonly [number, number, number])[];
  dashed?: boolean;
  /** A line that was not measured at points, such as chance: without dots. */
  bare?: boolean;
}

/** Lines against a common axis, with the names at their ends. */
export function Lines({
  series,
  domain,
  format,
  formatX = (value) => (Number.isInteger(value) ? count(value) : number(value)),
  axis,
  title,
  height = 240,
  width = globalThis.innerWidth < 720 ? 350 : 560,
  cursor,
}: {
  series: readonly Series[];
  domain?: readonly [number, number];
  format: (value: number) => string;
  formatX?: ((value: number) => string) | undefined;
  axis: string;
  title: string;
  height?: number;
  /** Of the drawing, which is scaled to its place: about the width there, so that texts keep their size. */
  width?: number;
  cursor?: number;
}) {
  const longest = Math.max(0, ...series.map(({ name }) => name.length));
  const [left, right, top, bottom] = [52, 16 + 7.4 * longest, 12, 38];
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  const ys = series.flatMap(({ points }) => points.map(([, y]) => y));
  if (xs.length === 0) return null;
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const [y0, y1] = domain ?? [Math.min(0, ...ys), Math.max(...ys, 1e-9) * 1.05];
  const x = (value: number): number => left + ((value - x0) / (x1 - x0 || 1)) * (width - left - right);
  const y = (value: number): number =>
    height - bottom - ((value - y0) / (y1 - y0 || 1)) * (height - top - bottom);
  const ticks = ticksOf(y0, y1);
  const whole = xs.every(Number.isInteger);
  const xTicks = x1 === 1 ? ticksOf(x0, x1) : ticksBetween(x0, x1, 5, whole);
  // Names at the ends keep a line's distance from each other.
  const ends = series
    .filter(({ points }) => points.length > 0)
    .map(({ name, color, points }) => ({ name, color, y: y(points.at(-1)![1]) }))
    .sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i++) ends[i]!.y = Math.max(ends[i]!.y, ends[i - 1]!.y + 14);
  // … and stay above the axis.
  let lowest = height - bottom;
  for (const end of [...ends].reverse()) {
    end.y = Math.min(end.y, lowest);
    lowest = end.y - 14;
  }
  return (
    <svg class="plot" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={title}>
      {ticks.map((tick) => (
        <g key={tick}>
          <path d={`M${left} ${y(tick)}H${width - right}`} stroke="var(--line)" />
          <text x={left - 8} y={y(tick) + 4} text-anchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      {xTicks.map((tick) => (
        <text key={tick} x={x(tick)} y={height - bottom + 17} text-anchor="middle">
          {formatX(tick)}
        </text>
      ))}
      <text x={(left + width - right) / 2} y={height - 5} text-anchor="middle" class="axis">
        {axis}
      </text>
      {cursor !== undefined && (
        <path d={`M${x(cursor)} ${top}V${height - bottom}`} stroke="var(--muted)" stroke-dasharray="3 3" />
      )}
      {series.map(({ name, color, points, dashed, bare, band }) => (
        <g key={name}>
          {band?.map(([at, low, high]) => (
            <path
              key={at}
              d={`M${x(at)} ${y(low)}V${y(high)}`}
              stroke={color}
              stroke-opacity=".4"
              stroke-width="2"
            />
          ))}
          <path
            d={points.map(([a, b], i) => `${i ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join("")}
            fill="none"
            stroke={color}
            stroke-width="1.8"
            stroke-linejoin="round"
            stroke-dasharray={dashed ? "5 4" : undefined}
          />
          {!bare &&
            points.length < 24 &&
            points.map(([a, b]) => <circle key={a} cx={x(a)} cy={y(b)} r="2.8" fill={color} />)}
        </g>
      ))}
      {ends.map(({ name, color, y: at }) => (
        <text key={name} x={width - right + 8} y={at + 4} class="end" fill={color}>
          {name}
        </text>
      ))}
    </svg>
  );
}

/** A number that a test compares with its source. */
export const Value = ({
  value,
  as = percent,
  title,
}: {
  value: number | null | undefined;
  as?: (value: number | null | undefined) => string;
  title?: string | undefined;
}) =>
  typeof value === "number" ? (
    <data value={String(value)} title={title}>
      {as(value)}
    </data>
  ) : (
    <span class="none" title={title ?? "could not be computed"}>
      –
    </span>
  );
