/** `lintel audit --model` and what its weights are computed with: names of the Hub, rounded weights. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { writeKnown } from "./known.ts";
import { lintel } from "./run.ts";

let scratch: string;
const at = (name: string): string => join(scratch, name);
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-model-"));
  await writeKnown(scratch);
});
afterAll(() => rmSync(scratch, { recursive: true }));
beforeEach(() => {
  vi.stubEnv("LINTEL_CACHE", at("cache"));
  vi.stubEnv("HF_HUB_CACHE", at("hub"));
  vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
});
afterEach(() => vi.unstubAllEnvs());

const audit = (model: string, ...rest: string[]) =>
  lintel("audit", "--model", model, "--data", at("data"), "--interventions", "own,zeros", "--json", ...rest);

it("computes with rounded weights, records it, and goes on with no others", async () => {
  const out = at("audit");
  const { code, out: text } = await audit(at("model"), "--weights", "int8", "--out", out);
  expect(code).toBe(0);
  expect(JSON.parse(text).weights).toBe("int8");
  expect(JSON.parse(readFileSync(join(out, "audit.json"), "utf8")).weights).toBe("int8");
  expect(
    readdirSync(at("cache/weights"))
      .map((name) => name.split(".")[1])
      .sort(),
  ).toEqual(["safetensors", "sha256"]);
  const other = await audit(at("model"), "--out", out);
  expect(other.code).toBe(2);
  expect(other.err).toMatch(/weights/);
  expect((await audit(at("model"), "--out", out, "--weights", "int8")).code).toBe(0);
});

it("knows the forms of weights", async () => {
  const { code, err } = await audit(at("model"), "--weights", "int5");
  expect([code, err]).toEqual([2, expect.stringMatching(/int4|int8/)]);
});

it("asks nobody for a model that is not there", async () => {
  const { code, err } = await audit("org/name");
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/org\/name: expected a directory, or a model in the Hub cache/),
  ]);
  expect(err).toMatch(/--download/);
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  expect((await audit("org/name", "--download")).err).toMatch(/HF_HUB_OFFLINE/);
});
