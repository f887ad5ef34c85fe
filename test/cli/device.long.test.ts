/** Devices that are unknown or do not work: refused before any work, never replaced by the CPU. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { auditModel } from "../../src/audit/index.ts";
import { devices } from "../../src/graph/index.ts";
import { trainModel } from "../../src/training/index.ts";
import { lintel, start } from "./run.ts";

// Where there is a graphics processor, its drivers shall not find it.
const hidden = {
  CUDA_VISIBLE_DEVICES: "-1",
  VK_ICD_FILENAMES: "/no-driver.json",
  VK_DRIVER_FILES: "/no-driver.json",
};

let scratch: string;
let plan: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-device-"));
  plan = join(scratch, "mine.yaml");
  for (const [name, value] of Object.entries(hidden)) vi.stubEnv(name, value);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true });
});

const study = (device: string): void =>
  writeFileSync(
    plan,
    `name: mine\ndevice: ${device}\ndatasets: { tetris: { train: 4, eval: 2 } }\ncells: [{ task: tetris, recipe: text, training: { steps: 1, batch: 2 }, audits: [{ split: eval, interventions: [own] }] }]\n`,
  );

const out = (): string => join(scratch, "out");
/** What to do about either: npm does not bring CUDA's library, and the driver that is named is not there. */
const cures = {
  cuda: ".*install\\.js --onnxruntime-node-install=cuda12",
  webgpu: "another VK_DRIVER_FILES or VK_ICD_FILENAMES: /no-driver\\.json, which it names, is missing",
};
const commands: [string, string[]][] = [
  ["train", ["train", "joint", "--data", "no-data", "--out"]],
  ["audit", ["audit", "--model", "no-model", "--data", "no-data", "--out"]],
  ["study", ["study", "smoke", "--out"]],
];

describe.each(commands)("lintel %s", (_, argv) => {
  it("refuses an unknown device with 2, naming the nearest", async () => {
    const ran = await lintel(...argv, out(), "--device", "webgpus");
    expect([ran.code, ran.out]).toEqual([2, ""]);
    expect(ran.err).toContain('Unknown device "webgpus". Choose one of: cpu, cuda, webgpu.');
    expect(existsSync(out())).toBe(false);
  });

  it.each(["cuda", "webgpu"] as const)(
    "refuses %s where it does not work with 1 and one line, before any work",
    async (device) => {
      const ran = await start([...argv, out(), "--device", device], hidden).ended;
      expect([ran.code, ran.out]).toEqual([1, ""]);
      expect(ran.err).toMatch(
        new RegExp(
          `^lintel: device ${device}: expected a device that .*, got \\S.*. Try ${cures[device]}.*; or the device cpu\\n$`,
        ),
      );
      expect(existsSync(out())).toBe(false);
    },
  );
});

describe("a study's file", () => {
  it("may name the device: an unknown one is refused with 2, one that does not work with 1", async () => {
    study("cudaa");
    const unknown = await lintel("study", plan, "--out", out());
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('Unknown device "cudaa". Choose one of: cpu, cuda, webgpu.');
    study("cuda");
    const lost = await lintel("study", plan, "--out", out());
    expect(lost.code).toBe(1);
    expect(lost.err).toContain("lintel: device cuda: expected");
    expect(existsSync(out())).toBe(false);
  });

  it("gives way to --device, and the results record what was used", async () => {
    study("cuda");
    const ran = await lintel("--json", "study", plan, "--out", out(), "--device", "cpu", "--workers", "1");
    expect([ran.code, ran.err.replaceAll(out(), "").includes("device")]).toEqual([0, false]);
    expect(JSON.parse(ran.out).environment.device).toBe("cpu");
    expect(readFileSync(join(out(), "study.json"), "utf8")).not.toContain("device");
    rmSync(out(), { recursive: true });
  });

  it("reaches the cells: one that is run where the device does not work says so and trains nothing", async () => {
    study("cpu");
    await lintel("study", plan, "--out", out(), "--workers", "1");
    const path = join(out(), "study.json");
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), device: "cuda" }));
    rmSync(join(out(), "models"), { recursive: true });
    const cell = await start(["cell", out(), "tetris/text/0"], hidden).ended;
    expect(cell.code).toBe(1);
    expect(cell.err).toMatch(/lintel: device cuda: expected a device that/);
    expect(existsSync(join(out(), "models"))).toBe(false);
    rmSync(out(), { recursive: true });
  });
});

describe("the library", () => {
  it("refuses a device that does not work before it reads anything", async () => {
    const device = "cuda";
    const missing = { data: join(scratch, "no-data"), out: out(), device } as const;
    const refused = {
      code: "runtime",
      message: expect.stringMatching(/^device cuda: .*install\.js --onnxruntime-node-install=cuda12/),
    };
    await expect(trainModel({ recipe: "joint", ...missing })).rejects.toMatchObject(refused);
    await expect(
      auditModel({ model: { directory: "no-model", device }, data: missing.data }),
    ).rejects.toMatchObject(refused);
    expect(readdirSync(scratch)).toEqual(["mine.yaml"]);
  });

  it("knows the devices that the doctor tries", async () => {
    const report = JSON.parse((await start(["doctor", "--json"], hidden).ended).out);
    expect(report.devices.map(({ device }: { device: string }) => device)).toEqual([...devices]);
    expect(report.devices.map(({ available }: { available: boolean }) => available)).toEqual([
      true,
      false,
      false,
    ]);
  });
});
