/** Own and oracle latents: a projection with lines from own to oracle, nearest oracles, cosines and spectra. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { CourseContent, LatentsContent, LatentView, RunContent } from "../../../src/explorer/types.ts";
import { floatsOf, shortsOf } from "../bytes.ts";
import { load } from "../data.ts";
import { decimal, fixed, percent, tenth } from "../format.ts";
import { AuditPicker } from "../parts/audit-picker.tsx";
import { LooksLike, sampleOfRow } from "../parts/example.tsx";
import { Picture } from "../parts/pictures.tsx";
import { Lines } from "../parts/plots.tsx";
import { type Rows, rangesOf, standing } from "../rows.ts";
import { useSelection } from "../selection.ts";
import { link, type Place, set, useLoaded } from "../state.ts";
import { umapOf } from "../umap.ts";

const HEIGHT = 520;
const PALETTE = [
  "#0067a5",
  "#c05000",
  "#00775b",
  "#8a4f86",
  "#b8860b",
  "#4b9cd3",
  "#9b2743",
  "#5f6a2d",
  "#666666",
  "#c07090",
];

type Points = { own: Float32Array; oracle: Float32Array; text: string };

/** Two numbers per row: the first two components, or UMAP of all of them. */
function usePoints(
  view: LatentView | undefined,
  n: number,
  projection: string,
): { points?: Points; wait?: string } {
  const pca = useMemo((): Points | undefined => {
    if (!view) return undefined;
    const take = (text: string): Float32Array => {
      const all = floatsOf(text);
      return Float32Array.from(
        { length: 2 * n },
        (_, at) => all[Math.floor(at / 2) * view.components + (at % 2)] ?? 0,
      );
    };
    const [first = 0, second = 0] = view.explained;
    return {
      own: take(view.own),
      oracle: take(view.oracle),
      text: `principal components, ${percent(first, 0)} and ${percent(second, 0)} of the variance`,
    };
  }, [view, n]);
  const { value: umap, error } = useLoaded(
    () => (view && n > 0 && projection === "umap" ? umapOf(view, n) : null),
    [view?.own.length, view?.name, projection, n],
  );
  if (projection !== "umap") return pca ? { points: pca } : {};
  if (error) return { wait: error };
  return umap
    ? { points: { ...umap, text: "UMAP of the first principal components: distances are not to scale" } }
    : { wait: "UMAP is computed in this page…" };
}

/** What a point is colored by: a name and a color for each row. */
function coloring(
  by: string,
  rows: Rows,
  members: readonly number[],
): { of: (i: number) => string; legend: [string, string][] } {
  if (by.startsWith("@")) {
    const attribute = rows.attributes[by.slice(1)];
    const code = (i: number): number => attribute?.codes[members[i]!] ?? 255;
    return {
      of: (i) => (code(i) === 255 ? "#999999" : PALETTE[code(i) % PALETTE.length]!),
      legend: (attribute?.values ?? []).slice(0, 12).map((value, i) => [value, PALETTE[i % PALETTE.length]!]),
    };
  }
  if (by === "role") return { of: () => "", legend: [] };
  const name = by;
  return {
    of: (i) => (standing(rows, name, members[i]!) === "right" ? "var(--good)" : "var(--bad)"),
    legend: [
      [`${name} right`, "var(--good)"],
      [`${name} wrong`, "var(--bad)"],
    ],
  };
}

interface ScatterProps {
  points: Points;
  /** All points that the axes have to hold; default: those that are drawn. */
  extent?: readonly Float32Array[] | undefined;
  n: number;
  faded: (i: number) => boolean;
  color: { of: (i: number) => string };
  active: number;
  onHover: (i: number, x: number, y: number) => void;
  onPick: (i: number) => void;
  onBrush: (members: number[]) => void;
  label: string;
}

function Scatter({ points, extent, n, faded, color, active, onHover, onPick, onBrush, label }: ScatterProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(700);
  const [brush, setBrush] = useState<[number, number, number, number] | null>(null);
  const places = useMemo(() => {
    const all = (extent ?? [points.own, points.oracle]).flatMap((cloud) => [...cloud]);
    const xs = all.filter((value, i) => i % 2 === 0 && Number.isFinite(value));
    const ys = all.filter((value, i) => i % 2 === 1 && Number.isFinite(value));
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const pad = 26;
    const place = (values: Float32Array) =>
      Float32Array.from(values, (value, i) =>
        i % 2 === 0
          ? pad + ((value - x0) / (x1 - x0 || 1)) * (width - 2 * pad)
          : HEIGHT - pad - ((value - y0) / (y1 - y0 || 1)) * (HEIGHT - 2 * pad),
      );
    return { own: place(points.own), oracle: place(points.oracle) };
  }, [points, extent, width]);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.max(280, Math.round(entry!.contentRect.width))),
    );
    observer.observe(canvas.current!.parentElement!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = canvas.current!;
    const draw = (): void => {
      const ratio = window.devicePixelRatio || 1;
      element.width = width * ratio;
      element.height = HEIGHT * ratio;
      const ink = element.getContext("2d")!;
      ink.scale(ratio, ratio);
      const style = getComputedStyle(element);
      const resolve = (value: string): string => {
        const [, name] = /^var\((--[\w-]+)\)$/.exec(value) ?? [];
        if (!name) return value;
        element.style.color = value;
        const found = style.color;
        element.style.color = "";
        return found;
      };
      const [own, oracle, muted] = [resolve("var(--own)"), resolve("var(--oracle)"), resolve("var(--muted)")];
      const colors = new Map<string, string>();
      const at = (i: number): string => {
        const wanted = color.of(i);
        if (!colors.has(wanted)) colors.set(wanted, resolve(wanted));
        return colors.get(wanted)!;
      };
      ink.lineWidth = 1;
      for (let i = 0; i < n; i++) {
        ink.globalAlpha = i === active ? 1 : faded(i) ? 0.03 : n > 400 ? 0.12 : 0.22;
        ink.strokeStyle = i === active ? own : muted;
        ink.beginPath();
        ink.moveTo(places.own[2 * i]!, places.own[2 * i + 1]!);
        ink.lineTo(places.oracle[2 * i]!, places.oracle[2 * i + 1]!);
        ink.stroke();
      }
      for (let i = 0; i < n; i++) {
        ink.globalAlpha = faded(i) ? 0.1 : 0.8;
        const r = i === active ? 6 : 3.6;
        const [x, y] = [places.oracle[2 * i]!, places.oracle[2 * i + 1]!];
        ink.fillStyle = at(i) || oracle;
        ink.beginPath();
        ink.moveTo(x, y - r * 1.25);
        ink.lineTo(x + r * 1.25, y);
        ink.lineTo(x, y + r * 1.25);
        ink.lineTo(x - r * 1.25, y);
        ink.fill();
      }
      for (let i = 0; i < n; i++) {
        ink.globalAlpha = faded(i) ? 0.12 : 0.9;
        ink.fillStyle = at(i) || own;
        ink.beginPath();
        ink.arc(places.own[2 * i]!, places.own[2 * i + 1]!, i === active ? 6.5 : 3.4, 0, 7);
        ink.fill();
        if (i === active) {
          ink.globalAlpha = 1;
          ink.lineWidth = 2;
          ink.strokeStyle = resolve("var(--ink)");
          ink.stroke();
        }
      }
    };
    draw();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributes: true });
    scheme.addEventListener("change", draw);
    return () => {
      themed.disconnect();
      scheme.removeEventListener("change", draw);
    };
  });
  const near = (x: number, y: number): number => {
    let [best, least] = [-1, 18 ** 2];
    for (const cloud of [places.own, places.oracle])
      for (let i = 0; i < n; i++) {
        const distance = (cloud[2 * i]! - x) ** 2 + (cloud[2 * i + 1]! - y) ** 2;
        if (distance < least) [best, least] = [i, distance];
      }
    return best;
  };
  const at = (event: PointerEvent): [number, number] => {
    const { left, top } = canvas.current!.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };
  return (
    <div class="scatter">
      <canvas
        ref={canvas}
        style={{ width: `${width}px`, height: `${HEIGHT}px` }}
        role="img"
        aria-label={label}
        onPointerDown={(event) => {
          const [x, y] = at(event);
          canvas.current!.setPointerCapture(event.pointerId);
          setBrush([x, y, x, y]);
        }}
        onPointerMove={(event) => {
          const [x, y] = at(event);
          if (brush) setBrush([brush[0], brush[1], x, y]);
          else onHover(near(x, y), x, y);
        }}
        onPointerLeave={() => onHover(-1, 0, 0)}
        onPointerUp={(event) => {
          const [x, y] = at(event);
          const [x0, y0] = brush ?? [x, y];
          setBrush(null);
          if (Math.hypot(x - x0, y - y0) < 6) return onPick(near(x, y));
          const inside = (px: number, py: number): boolean =>
            px >= Math.min(x, x0) && px <= Math.max(x, x0) && py >= Math.min(y, y0) && py <= Math.max(y, y0);
          onBrush(
            Array.from({ length: n }, (_, i) => i).filter((i) =>
              inside(places.own[2 * i]!, places.own[2 * i + 1]!),
            ),
          );
        }}
      />
      {brush && (
        <div
          class="brush"
          style={{
            left: `${Math.min(brush[0], brush[2])}px`,
            top: `${Math.min(brush[1], brush[3])}px`,
            width: `${Math.abs(brush[2] - brush[0])}px`,
            height: `${Math.abs(brush[3] - brush[1])}px`,
          }}
        />
      )}
    </div>
  );
}

/** Cosines of the first examples as a picture: collapse is one color everywhere. */
function Cosines({ view }: { view: LatentView }) {
  const [which, setWhich] = useState<"ownOwn" | "ownOracle" | "oracleOracle">("ownOwn");
  const canvas = useRef<HTMLCanvasElement>(null);
  const { size } = view.matrix;
  const values = useMemo(() => floatsOf(view.matrix[which]), [view, which]);
  useEffect(() => {
    const ink = canvas.current!.getContext("2d")!;
    const image = ink.createImageData(size, size);
    values.forEach((value, i) => {
      const t = Math.max(-1, Math.min(1, value));
      const [r, g, b] = t >= 0 ? [0, 103, 165] : [192, 80, 0];
      const mix = (c: number): number => 250 + (c - 250) * Math.abs(t);
      image.data.set([mix(r!), mix(g!), mix(b!), 255], i * 4);
    });
    ink.putImageData(image, 0, 0);
  }, [values, size]);
  const off = values.filter((_, i) => which === "ownOracle" || Math.floor(i / size) !== i % size);
  const mean = off.reduce((sum, value) => sum + value, 0) / (off.length || 1);
  return (
    <figure>
      <figcaption>
        <h3>Cosines</h3>
        <div class="segments" role="group" aria-label="of which latents">
          {(
            [
              ["ownOwn", "own · own"],
              ["ownOracle", "own · oracle"],
              ["oracleOracle", "oracle · oracle"],
            ] as const
          ).map(([key, text]) => (
            <button type="button" key={key} aria-pressed={which === key} onClick={() => setWhich(key)}>
              {text}
            </button>
          ))}
        </div>
      </figcaption>
      <canvas
        class="cosines"
        ref={canvas}
        width={size}
        height={size}
        role="img"
        aria-label={`cosines of the first ${size} examples, mean ${decimal(mean)}`}
      />
      <p class="quiet scale">
        <span class="ramp" aria-hidden="true" /> −1 to 1 · mean {decimal(mean)} of the first {size} examples
      </p>
    </figure>
  );
}

const NOBODY: readonly number[] = [];

interface Course {
  content: CourseContent;
  /** Place of the slider; one past the last step is the audit. */
  at: number;
  points?: Points;
  members?: readonly number[];
  extent?: readonly Float32Array[];
}

/** The training of the audit's model, and what is drawn of it at the step that the address names. */
function useCourse(
  run: RunContent,
  cell: number,
  wanted: string | undefined,
  rows: Rows | undefined,
): Course | null {
  const has = run.cells[cell]?.course ?? false;
  const { value: content } = useLoaded(
    () => (has ? load<CourseContent>(`course/${cell}`) : null),
    [cell, has],
  );
  return useMemo(() => {
    if (!content || !rows || content.steps.length === 0) return null;
    const at = content.steps.findIndex(({ step }) => String(step) === wanted);
    if (at < 0) return { content, at: content.steps.length };
    // Examples without a block at this step, or that the audit does not have, are not drawn.
    const { step, own, oracle } = content.steps[at]!;
    const clouds = [floatsOf(own), floatsOf(oracle)] as const;
    const drawn = content.examples.flatMap((id, i) =>
      rows.place.has(id) && Number.isFinite(clouds[0][2 * i]) ? [i] : [],
    );
    const pick = (cloud: Float32Array): Float32Array =>
      Float32Array.from(drawn.flatMap((i) => [cloud[2 * i]!, cloud[2 * i + 1]!]));
    const [first = 0, second = 0] = content.explained;
    return {
      content,
      at,
      members: drawn.map((i) => rows.place.get(content.examples[i]!)!),
      extent: content.steps.flatMap((each) => [floatsOf(each.own), floatsOf(each.oracle)]),
      points: {
        own: pick(clouds[0]),
        oracle: pick(clouds[1]),
        text: `step ${step}: principal components of all steps, ${percent(first, 0)} and ${percent(second, 0)} of the variance`,
      },
    };
  }, [content, wanted, rows]);
}

/** A slider over the evaluations of the training, and the cosines that show a collapse. */
function CourseSlider({ course: { content, at } }: { course: Course }) {
  const { steps } = content;
  const now = steps[at];
  const cosines = now?.cosines ?? steps.at(-1)!.cosines;
  return (
    <div class="course">
      <label>
        <span>Training step</span>
        <input
          type="range"
          min="0"
          max={steps.length}
          step="1"
          value={at}
          aria-valuetext={now ? `step ${now.step}` : "the audit"}
          onInput={(event) => set({ step: steps[Number(event.currentTarget.value)]?.step ?? null })}
        />
        <b>{now ? now.step : "audit"}</b>
      </label>
      <p class="quiet chart-title">Mean cosine between latents</p>
      <Lines
        series={[
          ["own · own", "var(--own)", "own"] as const,
          ["oracle · oracle", "var(--oracle)", "oracle"] as const,
          ["own · its oracle", "var(--muted)", "paired"] as const,
        ].map(([name, color, key]) => ({
          name,
          color,
          dashed: key === "paired",
          points: steps.flatMap(({ step, cosines: each }) =>
            each[key] === null ? [] : [[step, each[key]] as const],
          ),
        }))}
        domain={[Math.min(0, ...steps.flatMap(({ cosines: c }) => Object.values(c).map((v) => v ?? 0))), 1]}
        format={(v) => fixed(v, 2)}
        axis="optimizer step"
        title="cosines of latents while training"
        height={170}
        {...(now && { cursor: now.step })}
      />
      <p class="quiet">
        Cosines of {content.examples.length} examples{now ? ` at step ${now.step}` : " at the end"}: own · own{" "}
        {decimal(cosines.own)}, oracle · oracle {decimal(cosines.oracle)}, own · its oracle{" "}
        {decimal(cosines.paired)}. Own · own near 1 would be collapse: latents of different examples alike.
      </p>
    </div>
  );
}

export function Latents({ run, place }: { run: RunContent; place: Place }) {
  const { audit, rows, selected, row } = useSelection(run, place);
  const { params } = place;
  const entry = audit === null ? null : run.audits[audit]!;
  const { value: latents, error } = useLoaded(
    () => (entry?.latents ? load<LatentsContent>(`latents/${audit}`) : null),
    [audit, entry?.latents],
  );
  const view = latents?.views[Math.min(Number(params.slot ?? 0), latents.views.length - 1)];
  const projection = params.proj === "umap" ? "umap" : "pca";
  const { points: projected, wait } = usePoints(view, latents?.rows.length ?? 0, projection);
  const cell = entry ? run.cells.findIndex(({ id }) => id === entry.cell) : -1;
  const course = useCourse(run, cell, params.step, rows);
  const members = course?.members ?? latents?.rows ?? NOBODY;
  const n = members.length;
  const points = course?.points ?? projected;
  const [hover, setHover] = useState<{ i: number; x: number; y: number }>({ i: -1, x: 0, y: 0 });
  const by = params.color ?? "role";
  const color = useMemo(
    () => (rows ? coloring(by, rows, members) : { of: () => "", legend: [] }),
    [rows, by, members],
  );
  const passing = useMemo(
    () => (selected && rows && selected.length < rows.n ? new Set(selected) : null),
    [selected, rows],
  );
  const { value: sample } = useLoaded(
    () => (rows && entry && hover.i >= 0 ? sampleOfRow(entry, rows, members[hover.i]!) : null),
    [audit, hover.i],
  );
  if (audit === null || !entry) return <p class="empty">There are no audits yet.</p>;
  const active = row === null ? -1 : members.indexOf(row);
  const geometry = entry.result?.geometry;
  const stats: [string, number | null | undefined, (value: number) => string][] = [
    ["own · own cosine", geometry?.own.pairwiseCosine, decimal],
    ["oracle · oracle cosine", geometry?.oracle.pairwiseCosine, decimal],
    ["own · its oracle cosine", geometry?.ownOracle.cosine, decimal],
    ["retrieval at 1", geometry?.ownOracle.r1, percent],
    ["effective rank, own", geometry?.own.effectiveRank, tenth],
    ["effective rank, oracle", geometry?.oracle.effectiveRank, tenth],
  ];
  const spectra = view
    ? [
        {
          name: "own",
          color: "var(--own)",
          points: view.spectra.own.map((value, i) => [i + 1, value] as const),
        },
        {
          name: "oracle",
          color: "var(--oracle)",
          points: view.spectra.oracle.map((value, i) => [i + 1, value] as const),
        },
      ]
    : [];
  return (
    <>
      <div class="toolbar">
        <AuditPicker run={run} value={audit} />
        {latents && latents.views.length > 1 && (
          <label class="picker">
            <span>Slot</span>
            <select value={params.slot ?? "0"} onChange={(event) => set({ slot: event.currentTarget.value })}>
              {latents.views.map(({ name }, i) => (
                <option key={name} value={String(i)}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <div class="segments" role="group" aria-label="projection">
          {[
            ["pca", "PCA"],
            ["umap", "UMAP"],
          ].map(([key, text]) => (
            <button
              type="button"
              key={key}
              aria-pressed={projection === key}
              onClick={() => set({ proj: key! })}
            >
              {text}
            </button>
          ))}
        </div>
        {rows && (
          <label class="picker">
            <span>Color</span>
            <select value={by} onChange={(event) => set({ color: event.currentTarget.value })}>
              <option value="role">own and oracle</option>
              <optgroup label="Reply under">
                {rows.interventions.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </optgroup>
              {Object.keys(rows.attributes).length > 0 && (
                <optgroup label="Example">
                  {Object.keys(rows.attributes).map((name) => (
                    <option key={name} value={`@${name}`}>
                      {name}
                    </option>
                  ))}
                </optgroup>
              )}
            </select>
          </label>
        )}
        {passing && (
          <a class="term" href={link("examples")}>
            {passing.size} selected: show in Examples
          </a>
        )}
        {(params.rows || params.f || params.q) && (
          <button type="button" class="plain" onClick={() => set({ rows: null, f: null, q: null }, false)}>
            show all
          </button>
        )}
      </div>
      {error && <p class="notice">{error}</p>}
      {!entry.latents && <p class="empty">No latents were kept in this audit.</p>}
      {latents?.notes.map((note) => (
        <p class="quiet" key={note}>
          {note}
        </p>
      ))}
      {latents && n === 0 && <p class="empty">No example has both own and oracle latents.</p>}
      <div class="latent-grid">
        {/* Without latents there is nothing to draw, nor to wait for. */}
        <section class="card" hidden={!course && (latents ? n === 0 : !entry.latents || error !== undefined)}>
          {wait && n > 0 && !course?.points && (
            <p class="empty" role="status">
              {wait}
            </p>
          )}
          {!latents && !error && entry.latents && (
            <p class="empty" role="status">
              Reading the latents…
            </p>
          )}
          {points && rows && n > 0 && (
            <div class="hovering">
              <Scatter
                points={points}
                extent={course?.extent}
                n={n}
                faded={(i) => passing !== null && !passing.has(members[i]!)}
                color={color}
                active={active}
                label={`${n} own latents and their oracles: ${points.text}`}
                onHover={(i, x, y) => setHover({ i, x, y })}
                onPick={(i) => set({ row: i < 0 ? null : members[i]! })}
                onBrush={(chosen) =>
                  set(
                    { rows: chosen.length > 0 ? rangesOf(chosen.map((i) => members[i]!)) : null, row: null },
                    false,
                  )
                }
              />
              {hover.i >= 0 && (
                <div class="tip" style={{ left: `${hover.x + 14}px`, top: `${hover.y + 10}px` }}>
                  <code>{rows.ids[members[hover.i]!]}</code>
                  {sample?.helpers[0] && (
                    <Picture image={sample.helpers[0]} alt="helper" target={72} mark="oracle" />
                  )}
                  {!course?.points && (
                    <small>
                      its oracle ranks {shortsOf(view!.ranks)[hover.i]}, cosine{" "}
                      {decimal(floatsOf(view!.paired)[hover.i])}
                    </small>
                  )}
                </div>
              )}
            </div>
          )}
          {points && (
            <p class="quiet">
              <span class="key-own">●</span> own <span class="key-oracle">◆</span> oracle, a line joins those
              of one example · {points.text} · click a point, or drag to select
            </p>
          )}
          {course && <CourseSlider course={course} />}
          {color.legend.length > 0 && (
            <ul class="legend">
              {color.legend.map(([text, value]) => (
                <li key={text}>
                  <span class="swatch" style={{ background: value }} />
                  {text}
                </li>
              ))}
            </ul>
          )}
        </section>
        <div class="latent-side">
          <dl class="stats">
            {stats.map(([name, value, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{typeof value === "number" ? <data value={String(value)}>{text(value)}</data> : "–"}</dd>
              </div>
            ))}
          </dl>
          {row !== null && rows && (
            <section class="card">
              <LooksLike audit={entry} index={audit} rows={rows} row={row} />
              <p>
                <a href={link("examples")}>Open {rows.ids[row]} in Examples</a>
              </p>
            </section>
          )}
          {view && n > 0 && (
            <section class="card">
              <Cosines view={view} />
            </section>
          )}
          {view && n > 0 && (
            <section class="card">
              <h3>
                Spectrum <small>singular values relative to the largest</small>
              </h3>
              <Lines
                series={spectra}
                domain={[0, 1]}
                format={(v) => fixed(v, 2)}
                axis="component"
                title="singular values of own and oracle latents"
                height={200}
                width={360}
              />
            </section>
          )}
        </div>
      </div>
    </>
  );
}
