/**
 * WebGPU against the CPU, by the real commands: `scripts/devices/run.sh` finds a driver and sets LINTEL_DEVICES. There a
 * missing device is a failure; elsewhere these tests are left out.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkOperators, faultText } from "../../src/graph/index.ts";
import { operators } from "../../src/graph/operators/registry.ts";
import type { Operator } from "../../src/graph/tensor.ts";
import { proveDevice } from "../../src/training/index.ts";
import { start } from "../cli/run.ts";

const wanted = (process.env.LINTEL_DEVICES ?? "").split(",").includes("webgpu");
/** Shaders are compiled for a processor where there is no other. */
const PATIENCE = 900_000;

/** Cases of an operator whose replacement on this device is taken away. */
async function withoutReplacement(name: "RMSNormalization" | "MultiHeadAttention" | "GroupQueryAttention") {
  const operator = operators[name] as { deviceReplacement?: Operator["deviceReplacement"] };
  const { deviceReplacement } = operator;
  delete operator.deviceReplacement;
  try {
    return await checkOperators("webgpu", [name]);
  } finally {
    operator.deviceReplacement = deviceReplacement;
  }
}

describe.runIf(wanted)("webgpu", { timeout: PATIENCE }, () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-webgpu-"));
  });
  afterAll(() => rmSync(scratch, { recursive: true }));

  it("gives the CPU's numbers: all cases of all operators, a model's prompt, steps, loss, gradients", async () => {
    const { cases, worst } = await proveDevice("webgpu");
    const own = Object.values(operators).reduce((sum, operator) => sum + operator.cases.length, 0);
    expect(cases).toBeGreaterThan(own);
    expect(worst).toBeLessThan(1e-4);
  });

  // Should one of these begin to pass, ONNX Runtime was mended and the replacement can go.
  it.each([
    ["RMSNormalization", "gradient"],
    ["MultiHeadAttention", "value"],
    ["GroupQueryAttention", "value"],
  ] as const)("needs the replacement of %s: its %s is wrong", async (name, part) => {
    const { faults } = await withoutReplacement(name);
    expect(faults.length).toBeGreaterThan(0);
    expect(new Set(faults.map((fault) => fault.part))).toEqual(new Set([part]));
    expect(faultText(faults)).toMatch(new RegExp(`^${name} \\(${part}, by up to \\d+ %\\)$`));
    expect((await checkOperators("webgpu", [name])).faults).toEqual([]);
  });

  it("is refused by train where an operator's numbers are wrong, before any work", async () => {
    const [record, cli] = ["graph/operators/rms-normalization.js", "cli/main.js"].map((path) =>
      JSON.stringify(new URL(`../../dist/${path}`, import.meta.url).href),
    );
    const spoil = join(scratch, "spoil.mjs");
    writeFileSync(
      spoil,
      `import { RmsNormalization } from ${record};\ndelete RmsNormalization.deviceReplacement;\n`,
    );
    // The modules themselves: after a whole build bin/lintel.js starts the bundle, which has a copy of the operator.
    const entry = join(scratch, "modules.mjs");
    writeFileSync(entry, `import { main } from ${cli};\nawait main(process.argv.slice(2));\n`);
    const out = join(scratch, "refused");
    const argv = ["train", "joint", "--data", join(scratch, "none"), "--out", out, "--device", "webgpu"];
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(spoil).href}` };
    const ran = await start(argv, env, entry).ended;
    expect([ran.code, ran.signal, ran.out]).toEqual([1, null, ""]);
    expect(ran.err).toMatch(
      /lintel: device webgpu: expected the same numbers as on the CPU, got other numbers from RMSNormalization \(gradient, by up to \d+ %\). Try/,
    );
    expect(existsSync(out)).toBe(false);
  });

  it("trains and audits the cells of a study as the CPU does, and its workers end by themselves", async () => {
    const plan = join(scratch, "mine.yaml");
    writeFileSync(
      plan,
      "name: mine\ndatasets: { tetris: { train: 8, eval: 4 } }\ncells: [{ task: tetris, recipe: joint, training: { steps: 4, batch: 4, warmup: 1 }, audits: [{ split: eval, interventions: [own, zeros, oracle] }] }]\n",
    );
    const losses: Record<string, number[]> = {};
    for (const device of ["cpu", "webgpu"]) {
      const out = join(scratch, device);
      const ran = await start(["study", plan, "--out", out, "--workers", "1", "--device", device]).ended;
      expect([ran.code, ran.signal, ran.code === 0 ? "" : ran.err]).toEqual([0, null, ""]);
      const journal = join(out, "models", "tetris", "joint", "0", "training.jsonl");
      losses[device] = readFileSync(journal, "utf8")
        .trim()
        .split("\n")
        .flatMap((line) => JSON.parse(line).loss ?? []);
      const results = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
      expect(results.environment.device).toBe(device);
    }
    expect(losses.cpu).toHaveLength(4);
    expect(losses.cpu!.at(-1)).toBeLessThan(losses.cpu![0]!);
    for (const [i, loss] of losses.cpu!.entries()) {
      expect(Math.abs(losses.webgpu![i]! - loss) / loss).toBeLessThan(1e-3);
    }
  });

  it("is what doctor says: works, compared with the CPU", async () => {
    const report = JSON.parse((await start(["--json", "doctor"]).ended).out);
    const found = report.devices.find(({ device }: { device: string }) => device === "webgpu");
    expect(found).toMatchObject({ available: true, compared: { cases: expect.any(Number) } });
    expect(found.compared.worst).toBeLessThan(1e-3);
  });
});
