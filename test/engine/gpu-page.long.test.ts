/**
 * The commands of docs/gpu.md, typed into a shell as they stand there: only the names of what is the reader's own (Python,
 * checkpoint, data, output) are others, and `ssh` hands the words to a shell of this machine, as sshd does.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Example, writeDataset } from "../../src/tasks/index.ts";
import { program, start } from "../cli/run.ts";
import { pythonModule, tiles } from "../elsewhere.fixture.ts";
import { auditOf, done, pockets, python, writePocket } from "./pocket.fixture.ts";

const page = readFileSync(new URL("../../docs/gpu.md", import.meta.url), "utf8");
/** The first block, "three commands", and the lines of all others that run the program. */
const [three, ...others] = [...page.matchAll(/```sh\n([^`]*)```/g)].map(([, block]) =>
  block!.trim().split("\n"),
);

let scratch: string;
const at = (...parts: string[]): string => join(scratch, ...parts);

/** A program of that name, first on the path. */
function shim(name: string, text: string): void {
  mkdirSync(at("bin"), { recursive: true });
  writeFileSync(at("bin", name), `#!/bin/sh\n${text}\n`);
  chmodSync(at("bin", name), 0o755);
}

/** Types a line in a directory of its own. */
function type(line: string, home: string, model: string): string {
  const typed = line.replaceAll("/env/bin/python", python!).replaceAll("/models/mine-7b", model);
  return execFileSync("bash", ["-c", typed], {
    cwd: home,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: `${at("bin")}:${process.env.PATH}`, LINTEL_CACHE: at("cache") },
  });
}

const choices = (out: string): unknown[] =>
  readFileSync(join(out, "outcomes.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const { example, outcomes } = JSON.parse(line);
      return [
        example,
        Object.entries(outcomes).map(([name, found]) => [name, (found as { text?: string })?.text]),
      ];
    });

/** Questions with a picture and a helper, for a checkpoint of random weights. */
const questions = Array.from(
  { length: 4 },
  (_, i): Example => ({
    id: `e${i}`,
    question: `<image>Which piece fits the wall? ${i}`,
    images: [tiles(10 * i)],
    options: ["A", "B", "C", "D"],
    answer: i,
    helpers: [tiles(10 * i + 1, { width: 72, height: 48 })],
    counterfactuals: [null, null, null, null],
    attributes: {},
  }),
);

describe.skipIf(!python)("docs/gpu.md, typed with the Python of LINTEL_ENGINE", () => {
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-gpu-page-"));
    shim("ssh", 'shift\nexec sh -c "$*"');
    shim("npx", `shift\nexec '${process.execPath}' '${program}' "$@"`);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it("has three commands, of which the first installs a package", () => {
    expect(three).toHaveLength(3);
    expect(three![0]).toBe("npm install lintel");
    expect(others.flat().filter((line) => line.startsWith("npx lintel")).length).toBeGreaterThan(2);
  });

  it("audits a checkpoint with an LVR-like loop, as the engine of this process does", async () => {
    const home = at("lvr");
    const pocket = await writePocket(at("pocket"), pockets["tetris, K = 4"]);
    mkdirSync(join(home, "data"), { recursive: true });
    cpSync(pocket.data, join(home, "data", "tetris"), { recursive: true });
    expect(type(three![1]!, home, pocket.model)).toMatch(/^(True|False)\n$/);
    const lines = others.flat().filter((line) => line.startsWith("npx lintel"));
    const [versions, estimate, precision] = lines.map((line) => type(line, home, pocket.model));
    expect(versions).toMatch(/torch/);
    expect(estimate).toMatch(/at least/);
    expect(precision).toMatch(/bfloat16/);
    type(three![2]!, home, pocket.model);
    await done(start(auditOf(pocket, at("here"))));
    expect(choices(join(home, "audits/mine"))).toEqual(choices(at("here")));
    const { engine } = JSON.parse(readFileSync(join(home, "audits/mine/audit.json"), "utf8"));
    expect(engine).toMatchObject({ engine: "torch", dtype: "float32" });
  }, 600_000);

  it("audits a WM-VLM-like checkpoint", async () => {
    const home = at("wm");
    mkdirSync(home);
    pythonModule("lintel_reference.wm_vlm", [at("wm-model")]);
    const about = { task: "tiles", title: "t", description: "d", seed: 0, parameters: {} };
    await writeDataset(join(home, "data/tetris"), { eval: questions }, about);
    type(three![1]!, home, at("wm-model"));
    type(three![2]!, home, at("wm-model"));
    const result = JSON.parse(readFileSync(join(home, "audits/mine/audit.json"), "utf8"));
    expect(result.loop).toMatchObject({ family: "wm-vlm" });
    expect(result.engine).toMatchObject({ engine: "torch" });
    expect(choices(join(home, "audits/mine"))).toHaveLength(questions.length);
  }, 600_000);
});
