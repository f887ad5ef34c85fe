import { execFile } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { goldenPath } from "../../../test/tiny.fixture.ts";
import { add, createGraph, type Graph, input, mul, output, packGraph } from "../../graph/index.ts";
import { openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { createModel } from "../model.ts";
import { fileWeights } from "./file-weights.ts";
import { cachedGraph } from "./graph-cache.ts";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "lintel-graphs-"));
  vi.stubEnv("LINTEL_CACHE", cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

const entries = (): string[] => readdirSync(join(cache, "graphs")).sort();
const entry = (): string => join(cache, "graphs", entries()[0]!);

/** A graph, and how often it was built. */
function counted(operator = add) {
  let built = 0;
  const build = (): Graph => {
    built++;
    const g = createGraph("pair");
    const x = input(g, "x", "float32", ["N"]);
    output("y", operator(x, x));
    return g;
  };
  return { build, times: () => built };
}

describe("kept graphs", () => {
  it("are built once, and the same to the byte when they are read again", async () => {
    const { build, times } = counted();
    const [made, read] = [await cachedGraph("a", build), await cachedGraph("a", build)];
    expect(times()).toBe(1);
    expect(Buffer.from(packGraph(read)).equals(Buffer.from(packGraph(made)))).toBe(true);
    expect(entries()).toHaveLength(1);
    expect(entries()[0]).toMatch(/^[0-9a-f]{64}\.graph$/);
  });

  it("differ by what they were asked to be", async () => {
    const [sum, product] = [counted(), counted(mul)];
    await cachedGraph(["decode", 1], sum.build);
    await cachedGraph(["decode", 2], product.build);
    expect([sum.times(), product.times(), entries().length]).toEqual([1, 1, 2]);
  });

  it.each([
    ["cut short", (path: string) => truncateSync(path, readFileSync(path).length - 1)],
    ["empty", (path: string) => truncateSync(path, 0)],
    [
      "changed in one bit",
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 7]! ^= 1;
        writeFileSync(path, bytes);
      },
    ],
  ])("are made again where the entry is %s", async (_, damage) => {
    const { build, times } = counted();
    const made = await cachedGraph("a", build);
    const whole = readFileSync(entry());
    damage(entry());
    const again = await cachedGraph("a", build);
    expect(times()).toBe(2);
    expect(Buffer.from(again.model).equals(Buffer.from(made.model))).toBe(true);
    expect(readFileSync(entry()).equals(whole)).toBe(true);
  });

  it("are built where the cache cannot be written", async () => {
    writeFileSync(join(cache, "file"), "");
    vi.stubEnv("LINTEL_CACHE", join(cache, "file"));
    const { build, times } = counted();
    for (let i = 0; i < 2; i++) expect((await cachedGraph("a", build)).signature.name).toBe("pair");
    expect(times()).toBe(2);
  });

  it("are not kept in numbers without end", async () => {
    await cachedGraph("first", counted().build);
    const [first] = entries();
    utimesSync(entry(), new Date(0), new Date(0));
    for (let i = 0; i < 64; i++) await cachedGraph(i, counted().build);
    expect(entries()).toHaveLength(64);
    expect(entries()).not.toContain(first);
  });

  it("fail as they did before where they cannot be built", async () => {
    const fail = () => cachedGraph("a", () => createGraph("nothing"));
    await expect(fail()).rejects.toThrow(/at least one output/);
    await expect(fail()).rejects.toThrow(/at least one output/);
  });
});

it("are built anew where the code or the version of the package is another", async () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const copy = join(cache, "package");
  cpSync(join(root, "dist"), join(copy, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(copy, "package.json"));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  writeFileSync(
    join(copy, "probe.mjs"),
    `import { add, createGraph, input, output } from "./dist/graph/index.js";
     import { cachedGraph } from "./dist/qwen/weights/graph-cache.js";
     let built = false;
     await cachedGraph("probe", () => {
       built = true;
       const g = createGraph("probe");
       const x = input(g, "x", "float32", ["N"]);
       output("y", add(x, x));
       return g;
     });
     console.log(built);`,
  );
  const built = async (): Promise<string> =>
    (await promisify(execFile)(process.execPath, [join(copy, "probe.mjs")])).stdout.trim();
  expect([await built(), await built()]).toEqual(["true", "false"]);
  appendFileSync(join(copy, "dist/graph/operators/add.js"), "// another\n");
  expect([await built(), await built()]).toEqual(["true", "false"]);
  const version = JSON.parse(readFileSync(join(copy, "package.json"), "utf8"));
  writeFileSync(join(copy, "package.json"), JSON.stringify({ ...version, version: "99.0.0" }));
  expect([await built(), await built()]).toEqual(["true", "false"]);
  expect(entries()).toHaveLength(3);
  // Code that changes while it runs is not what made the graph: nothing is read or written.
  writeFileSync(
    join(copy, "late.mjs"),
    `import { appendFileSync } from "node:fs";
     appendFileSync("./dist/nn/layers.js", "// later\\n");
     await import("./probe.mjs");`,
  );
  const late = () => promisify(execFile)(process.execPath, ["late.mjs"], { cwd: copy });
  expect([(await late()).stdout.trim(), (await late()).stdout.trim()]).toEqual(["true", "true"]);
  expect(entries()).toHaveLength(3);
});

describe("the graphs of a checkpoint", () => {
  const prompt = { ids: [7, 8, 9], visuals: new Float32Array(0), grids: [] };
  const logits = async (directory: string): Promise<Float32Array> => {
    const checkpoint = await openCheckpoint(directory);
    const model = createModel(checkpoint.config, await fileWeights(checkpoint), { threads: 1 });
    const out = await model.prefill([prompt]);
    await model.release();
    return out.logits;
  };

  it("are read again by the next model over the same files, and made anew over others", async () => {
    const directory = goldenPath("tiny-tied");
    const first = await logits(directory);
    expect(entries()).toHaveLength(1);
    expect(await logits(directory)).toEqual(first);
    expect(entries()).toHaveLength(1);
    const copy = join(cache, "copy");
    cpSync(directory, copy, { recursive: true });
    expect(await logits(copy)).toEqual(first);
    expect(entries()).toHaveLength(2);
  });

  it("say which file is missing or too short, read from the cache or not", async () => {
    const copy = join(cache, "copy");
    cpSync(goldenPath("tiny-tied"), copy, { recursive: true });
    const checkpoint = await openCheckpoint(copy);
    const failure = async () => {
      const model = createModel(checkpoint.config, await fileWeights(checkpoint), { threads: 1 });
      return model.prefill([prompt]).then(
        () => "none",
        (error: Error) => error.message,
      );
    };
    expect(await failure()).toBe("none");
    truncateSync(join(copy, "model.safetensors"), 20_000);
    expect(await failure()).toMatch(/expected bytes within the file's 20000/);
  });
});
