// Draws the two diagrams of the documentation, docs/images/rooms.svg and docs/images/run-directory.svg:
//   node scripts/site/diagrams.mjs
// test/documentation.test.ts fails where a committed file differs from what this script draws, or a room is missing.
import { mkdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const escapeXml = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

/** Rooms of src in layers from top to bottom: a room imports from layers below, or from rooms to its right. */
export const layers = [
  {
    title: "Interface",
    rooms: { cli: "commands", explorer: "local web app", report: "run directory → HTML" },
  },
  {
    title: "Experiments",
    rooms: {
      study: "train and audit many models",
      selftest: "models with known truth",
      inform: "value of helper images",
    },
  },
  { title: "Audit", rooms: { audit: "examples × interventions → outcomes → verdict" } },
  { title: "Training", rooms: { training: "recipes, losses, AdamW" } },
  {
    title: "Reasoning",
    rooms: { reasoning: "latent loop, interventions, oracles", families: "rules of published models" },
  },
  {
    title: "Model and data",
    rooms: {
      qwen: "the network",
      tasks: "puzzles, datasets, mappings",
      hub: "Hugging Face Hub",
      engine: "models elsewhere",
    },
  },
  {
    title: "Engine",
    rooms: { nn: "layers, losses", graph: "operators, gradients, sessions" },
  },
  {
    title: "Ground",
    rooms: {
      formats: "Parquet, safetensors",
      statistics: "tests, intervals",
      numeric: "linear algebra",
      util: "errors, locks",
    },
  },
];

const style = `<style>
  text { font: 14px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2933; }
  .name { font-weight: 600; } .note { font-size: 12px; fill: #52606d; } .mono { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px; }
  .box { fill: #eef3f8; stroke: #9fb3c8; } .file { fill: #ffffff; stroke: #9fb3c8; } .arrow { stroke: #627d98; fill: none; }
</style>`;

const svg = (width, height, label, body) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(label)}">
${style}
<rect width="${width}" height="${height}" fill="#ffffff"/>
${body.join("\n")}
</svg>
`;

/** The rooms, layer by layer, with an arrow that says how imports point. */
export function drawRooms() {
  const [left, top, width, height, gap] = [150, 20, 700, 56, 14];
  const body = layers.flatMap(({ title, rooms }, row) => {
    const names = Object.entries(rooms);
    const y = top + row * (height + gap);
    const each = (width - gap * (names.length - 1)) / names.length;
    return [
      `<text class="note" x="20" y="${y + height / 2 + 4}">${escapeXml(title)}</text>`,
      ...names.map(([name, note], i) => {
        const x = left + i * (each + gap);
        return `<rect class="box" x="${x.toFixed(1)}" y="${y}" width="${each.toFixed(1)}" height="${height}" rx="6"/><text class="name" x="${(x + 12).toFixed(1)}" y="${y + 24}">${name}</text><text class="note" x="${(x + 12).toFixed(1)}" y="${y + 43}">${escapeXml(note)}</text>`;
      }),
    ];
  });
  const bottom = top + layers.length * (height + gap) - gap;
  return svg(920, bottom + 20, "Rooms of the source code; imports point down", [
    '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="4" refY="4" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#627d98"/></marker></defs>',
    ...body,
    `<line class="arrow" x1="880" y1="${top}" x2="880" y2="${bottom - 8}" marker-end="url(#tip)"/>`,
    `<text class="note" transform="translate(900 ${(top + bottom) / 2 - 50}) rotate(90)">imports point down</text>`,
  ]);
}

/** Depth, name and purpose of what a run directory contains, in the order in which it is written. */
const files = [
  [0, "runs/pocket/", ""],
  [1, "request.json", "digests of all inputs: the same command resumes, another one is refused"],
  [1, "study.json", "the resolved study"],
  [1, "datasets/tetris/", "Parquet, dataset card, manifest"],
  [1, "models/tetris/joint/0/", "a Hugging Face checkpoint: task / recipe / seed"],
  [2, "training.jsonl", "losses, step by step"],
  [2, "training.json", "written when training is finished"],
  [1, "audits/tetris/joint/0/eval/", "an audit: task / recipe / seed / split"],
  [2, "outcomes.jsonl", "every reply under every intervention"],
  [2, "latents.safetensors", "own and oracle latents"],
  [2, "audit.json", "intervals, tests, geometry, verdict"],
  [2, "verdict.md, table.md, table.tex", "for a paper"],
  [1, "results.json", "all results, written last"],
  [1, "report.html", "the report, one page"],
];

/** The files of a run directory as a tree. */
export function drawRunDirectory() {
  const line = 30;
  const body = files.flatMap(([depth, name, note], i) => {
    const [x, y] = [20 + depth * 28, 34 + i * line];
    const parent = files.slice(0, i).findLastIndex(([d]) => d === depth - 1);
    const branch =
      depth === 0 ? "" : `<path class="arrow" d="M${x - 18},${34 + parent * line + 8} V${y - 5} H${x - 4}"/>`;
    return [
      `${branch}<text class="mono${name.endsWith("/") ? " name" : ""}" x="${x}" y="${y}">${escapeXml(name)}</text><text class="note" x="380" y="${y}">${escapeXml(note)}</text>`,
    ];
  });
  return svg(860, 34 + files.length * line, "Files of a run directory", body);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const folder = new URL("../../docs/images/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL("rooms.svg", folder), drawRooms());
  writeFileSync(new URL("run-directory.svg", folder), drawRunDirectory());
}
