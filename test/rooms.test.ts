import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
// @ts-expect-error: a plain script, because Node 20 runs no TypeScript
import { checkSource, checkTraces, checkTree, rooms } from "../scripts/check-rooms.mjs";

const source = (path: string, text: string): string[] => checkSource(path, text);

describe("the rules of the house", () => {
  it("know every room, and no other", () => {
    const folders = readdirSync(new URL("../src", import.meta.url), { withFileTypes: true });
    const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(names.filter((name) => !rooms.includes(name))).toEqual([]);
  });

  it("allow imports down, through the index, and within a room", () => {
    const fine = [
      'import { a } from "../graph/index.ts";',
      'import type { B } from "./types.ts";',
      'import { c } from "../training/recipes/joint.ts";',
      'const d = await import("../util/index.ts");',
      'import { readFile } from "node:fs/promises";',
    ].join("\n");
    expect(source("src/training/loop.ts", fine)).toEqual([]);
    expect(source("src/index.ts", 'export { a } from "./cli/index.ts";')).toEqual([]);
    expect(source("src/training/recipes/joint.ts", 'import { a } from "../../nn/index.ts";')).toEqual([]);
  });

  it.each([
    ["up", "src/nn/x.ts", 'import { a } from "../qwen/index.ts";', /points up: qwen lies above nn/],
    ["up, dynamically", "src/nn/x.ts", 'await import("../qwen/index.ts");', /points up/],
    ["up, as an export", "src/nn/x.ts", 'export * from "../qwen/index.ts";', /points up/],
    ["up, of types only", "src/nn/x.ts", 'import type { A } from "../qwen/index.ts";', /points up/],
    [
      "past the index",
      "src/qwen/x.ts",
      'import { a } from "../nn/layers.ts";',
      /entered through nn\/index\.ts/,
    ],
    [
      "of an inner index",
      "src/study/x.ts",
      'import { a } from "../audit/statistics/index.ts";',
      /through audit\/index/,
    ],
    ["of the engine", "src/nn/x.ts", 'import * as ort from "onnxruntime-node";', /only src\/graph/],
    [
      "of the engine in a test",
      "src/nn/x.test.ts",
      'import * as ort from "onnxruntime-node";',
      /only src\/graph/,
    ],
    ["without an ending", "src/nn/x.ts", 'import { a } from "./layers";', /without \.ts/],
    ["of a test", "src/nn/x.ts", 'import { a } from "./x.fixture.ts";', /test file/],
    ["from outside", "src/nn/x.ts", 'import { a } from "../../test/a.ts";', /outside src/],
    ["of the entry", "src/nn/x.ts", 'import { a } from "../index.ts";', /package's entry/],
  ])("refuse an import %s", (_, path, text, message) => {
    expect(source(path, text)).toEqual([expect.stringMatching(message)]);
  });

  it("refuse unknown rooms and long files, but not long tests", () => {
    expect(source("src/attic/x.ts", "")).toEqual(['src/attic/x.ts: unknown room "attic"']);
    expect(source("src/nn/x.ts", "\n".repeat(401))).toEqual(["src/nn/x.ts: 401 lines; 400 are the limit"]);
    expect(source("src/nn/x.ts", "\n".repeat(400))).toEqual([]);
    expect(source("src/nn/x.test.ts", "\n".repeat(900))).toEqual([]);
  });

  it("refuse traces of the machine and of registries", () => {
    const host = ["registry", "npmjs", "org"].join(".");
    const path = ["", "work", "main", "x"].join("/");
    expect(checkTraces("a.md", `fine\nsee ${host}`)).toEqual([`a.md:2: mentions "${host}"`]);
    expect(checkTraces("a.md", `cd ${path}`)).toHaveLength(1);
    expect(checkTraces("package-lock.json", '{ "resolved": "x" }')).toHaveLength(1);
    expect(
      checkTraces("a.ts", 'import { a } from "./registry.ts"; // registry.test.ts, registry.json'),
    ).toEqual([]);
  });
});

describe("the rules for the tree", () => {
  const list = ["nn", "util"];
  const tree = { "src/nn/a.ts": "", "src/util/b.ts": "" };

  it("allow a tree without circles", () => {
    expect(checkTree(tree, list)).toEqual([]);
  });

  it("name a room that is listed but missing", () => {
    expect(checkTree(tree, [...list, "explorer"])).toEqual(["src/explorer: is listed but missing"]);
  });

  it("limit the source files of one folder; tests and graph/operators do not count", () => {
    const files = (folder: string, ending = ".ts") =>
      Object.fromEntries(Array.from({ length: 26 }, (_, i) => [`${folder}/x${i}${ending}`, ""]));
    expect(checkTree({ ...tree, ...files("src/nn/deep") }, list)).toEqual([
      "src/nn/deep: 26 source files in one folder; 25 are the limit",
    ]);
    expect(checkTree({ ...tree, ...files("src/nn/deep", ".test.ts") }, list)).toEqual([]);
    expect(checkTree({ ...tree, ...files("src/graph/operators") }, [...list, "graph"])).toEqual([]);
  });

  it("find circles of imports, types included, and name their files", () => {
    const circle = {
      ...tree,
      "src/nn/a.ts": 'import { c } from "./c.ts";\nimport "./d.ts";',
      "src/nn/c.ts": 'import type { D } from "./d.ts";',
      "src/nn/d.ts": 'export * from "./a.ts";',
      "src/nn/e.ts": 'import "./a.ts";',
    };
    expect(checkTree(circle, list)).toEqual(["circle of imports: src/nn/a.ts src/nn/c.ts src/nn/d.ts"]);
  });
});
