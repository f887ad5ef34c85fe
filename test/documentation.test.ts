/**
 * The documents agree with the code: every page is reachable from docs/index.md, every named file and option exists, every
 * key of the results is described, diagrams are as their script draws them, and prose is wrapped.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { drawRooms, drawRunDirectory, layers } from "../scripts/site/diagrams.mjs";
import { auditSchema } from "../src/audit/index.ts";
import { resultsSchema } from "../src/study/index.ts";
import { commands } from "./cli/commands.ts";
import { lintel } from "./cli/run.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const pages = execFileSync(
  "git",
  ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "docs", "*.md"],
  {
    cwd: root,
  },
)
  .toString()
  .split("\0")
  .filter((path) => /^(?:docs\/.*|README|CONTRIBUTING|SECURITY)(?:\.md)?$/.test(path) && path.endsWith(".md"))
  .filter((path) => existsSync(join(root, path)));
/** The notebook and decisions record their time: files and options that they name may be gone. */
const current = pages.filter((path) => path !== "docs/notebook.md" && !path.startsWith("docs/decisions/"));

describe("pages", () => {
  it("are all linked from docs/index.md, and decisions from their index", () => {
    const linked = (index: string): string[] =>
      [...read(index).matchAll(/\]\(([^)#\s]+\.md)/g)].map(([, to]) => join(dirname(index), to!));
    const reachable = new Set([
      ...linked("docs/index.md"),
      ...linked("docs/decisions/index.md"),
      "docs/index.md",
    ]);
    expect(pages.length).toBeGreaterThan(100);
    expect(pages.filter((path) => path.startsWith("docs/") && !reachable.has(path))).toEqual([]);
  });

  it("wrap their prose so that a diff shows what changed", () => {
    const long = current.concat(pages.filter((path) => path.startsWith("docs/decisions/"))).flatMap((path) =>
      read(path)
        .replace(/^\s*(```+)[^\n]*\n[\s\S]*?^\s*\1[^\n]*$/gm, "")
        .split("\n")
        .filter(
          (line) => line.length > 120 && !/^\s*(?:\||#|!\[|<|\[|`)/.test(line) && !/^\s*\S*\S{90}/.test(line),
        )
        .map((line) => `${path}: ${line.slice(0, 80)}`),
    );
    expect(long.filter((line) => !line.startsWith("docs/calibration.md"))).toEqual([]);
  });

  it("number decisions, each once, with a status and a date", () => {
    const records = readdirSync(join(root, "docs/decisions"))
      .filter((name) => /^\d{4}-/.test(name))
      .sort();
    // Work in parallel takes blocks of numbers, which leave gaps.
    expect(new Set(records.map((name) => name.slice(0, 4))).size).toBe(records.length);
    for (const name of records)
      expect(read(`docs/decisions/${name}`), name).toMatch(
        /^# \d+\. .+\n\n- Status: (?:accepted|proposed|(?:superseded|amended) by \[\d{4}\]\(\S+\.md\))\n- Date: \d{4}-\d\d-\d\d\n/,
      );
  });
});

describe("what pages name exists:", () => {
  it("files of the repository", () => {
    const missing = current.flatMap((path) =>
      [
        ...read(path).matchAll(
          /`((?:src|scripts|bench|test|examples|docs|bin|\.ci|\.github)\/[\w./-]*\w)\/?`/g,
        ),
      ]
        .map(([, name]) => name!)
        .filter((name) => !/NAME|TASK/.test(name) && !existsSync(join(root, name)))
        // Files of the papers' repositories are named by their own paths.
        .filter((name) => path !== "docs/published-families.md" && !/\.py$/.test(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it("options of some command", async () => {
    const helps = await Promise.all(
      ["", ...commands].map((name) => lintel(...(name ? [name] : []), "--help")),
    );
    const options = new Set(helps.flatMap(({ out }) => out.match(/(?<!\S)--[a-z][a-z-]+/g) ?? []));
    expect(options.size).toBeGreaterThan(40);
    /** Options of npm, apt, node, sbatch and vitest. */
    const others = [
      "--ignore-scripts",
      "--no-install-recommends",
      "--onnxruntime-node-install",
      "--include",
      "--project",
    ];
    const unknown = current
      .filter((path) => !/^docs\/(?:published-families|calibration)\.md$/.test(path))
      .flatMap((path) =>
        [...read(path).matchAll(/(?<![\w-])--[a-z][a-z-]*[a-z]/g)]
          .map(([option]) => option)
          .filter((option) => !options.has(option) && !others.includes(option))
          .map((option) => `${path}: ${option}`),
      );
    expect([...new Set(unknown)]).toEqual([]);
  });

  it("commands, each with its row in docs/commands.md", async () => {
    const { out } = await lintel("--help");
    const commands = [...out.matchAll(/^ {2}([a-z]+) (?: |\[|<)/gm)].map(([, name]) => name!);
    expect(commands.length).toBeGreaterThan(7);
    for (const name of commands)
      expect(read("docs/commands.md"), name).toMatch(new RegExp(`\\| \`lintel ${name}\\b`));
  });
});

describe("reference", () => {
  it("describes every key of results.json and audit.json", () => {
    const page = read("docs/results.md");
    const { shape } = auditSchema;
    const keys = [
      ...Object.keys(resultsSchema.shape),
      ...Object.keys(shape),
      ...Object.keys(shape.interventions.valueType.shape),
      ...Object.keys(shape.comparisons.element.shape),
      ...Object.keys(shape.geometry.shape.ownOracle.shape),
    ];
    expect(keys.length).toBeGreaterThan(70);
    expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });

  it("draws the rooms that there are, as its script draws them", () => {
    const rooms = readdirSync(join(root, "src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const drawn = layers.flatMap((layer) => Object.keys(layer.rooms));
    expect(drawn.sort()).toEqual(rooms.sort());
    for (const room of rooms) expect(read("docs/architecture.md")).toContain(`| \`${room}/\` |`);
    expect(read("docs/images/rooms.svg")).toBe(drawRooms());
    expect(read("docs/images/run-directory.svg")).toBe(drawRunDirectory());
  });
});
