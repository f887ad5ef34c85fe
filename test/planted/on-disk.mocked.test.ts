/** An audit whose examples, features, prefixes and outcomes are on disk gives the bytes of one that has them in memory. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { auditLoaded } from "../../src/audit/index.ts";
import { splitInColumns, splitOf } from "../../src/audit/record/split-outcomes.ts";
import { encodePng, lightened } from "../../src/formats/index.ts";
import type { Example } from "../../src/tasks/index.ts";
import { lastBlock, START, saying, scriptedModel, totalContent } from "../scripted.fixture.ts";

const onDisk = vi.hoisted(() => ({ values: 0, on: false }));
vi.mock("../../src/formats/files/scratch.ts", async (original) => {
  const real = await original<typeof import("../../src/formats/files/scratch.ts")>();
  const none = <O extends { inMemory: number }>(options: O): O =>
    onDisk.on ? { ...options, inMemory: 0 } : options;
  return {
    ...real,
    openScratch: (options: Parameters<typeof real.openScratch>[0]) => {
      if (onDisk.on) onDisk.values++;
      return real.openScratch(none(options));
    },
    lightened: (options: Parameters<typeof real.lightened>[0]) => real.lightened(none(options)),
  };
});

const OPTIONS = ["a", "b", "c", "d"];
const COLORS = [0xff0000, 0x00ff00, 0x0000ff, 0xffff00];
const picture = (option: number, number = 0): Uint8Array =>
  encodePng({
    width: 24,
    height: 12,
    pixels: Uint8Array.from({ length: 24 * 12 * 3 }, (_, i) =>
      Math.abs(((COLORS[option]! >> (16 - 8 * (i % 3))) & 255) - (i < 5 ? (number >> (2 * i)) & 3 : 0)),
    ),
  });
const examples = Array.from({ length: 120 }, (_, i): Example => {
  const answer = i % 4;
  return {
    id: String(i).padStart(5, "0"),
    question: "<image> Which",
    images: [picture(i % 5 === 0 ? (i >> 3) % 4 : answer, i)],
    options: OPTIONS,
    answer,
    helpers: [picture(answer)],
    counterfactuals: OPTIONS.map((_, option) => (option === answer ? null : [picture(option)])),
    attributes: { number: i },
  };
});
const { model } = scriptedModel({
  k: 2,
  see: (rgb) =>
    COLORS.map((color) =>
      rgb.every((c, i) => ((color >> (16 - 8 * i)) & 255) / 255 > 0.5 === c > 0.5) ? 1 : 0,
    ),
  next(history) {
    const start = history.indexOf(START);
    if (start < 0) return { id: START };
    const block = lastBlock(history);
    const seen = totalContent(block);
    const said = Math.max(0, history.length - start - 2 - block.length);
    const option = OPTIONS[seen.indexOf(Math.max(...seen))]!;
    return { id: saying(`<answer> ${option} </answer>`, said), own: totalContent(history.slice(0, start)) };
  },
});

const root = mkdtempSync(join(tmpdir(), "lintel-on-disk-"));
afterAll(() => rmSync(root, { recursive: true }));

it("to the byte, under the standard interventions", async () => {
  const bytes = async (name: string): Promise<string[]> => {
    const light = lightened<Example>({
      inMemory: 1e9,
      fields: ["images", "helpers", "counterfactuals", "attributes"],
    });
    const directory = join(root, name);
    const data = { examples: examples.map((example) => light(example, 1)) };
    await auditLoaded(model, data, { output: { directory } });
    return ["audit.json", "outcomes.jsonl", "examples.jsonl", "latents.safetensors", "verdict.md"].map(
      (file) => readFileSync(join(directory, file), "latin1"),
    );
  };
  const inMemory = await bytes("memory");
  onDisk.on = true;
  expect(await bytes("disk")).toEqual(inMemory);
  expect(onDisk.values).toBeGreaterThan(0);
  expect(inMemory[0]).toContain("load-bearing");
  const outcomes = inMemory[1]!
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(splitInColumns(outcomes, "eval").dose("zeros")).toEqual(splitOf(outcomes, "eval").dose("zeros"));
});
