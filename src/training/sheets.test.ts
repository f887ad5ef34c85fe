import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { generateDataset } from "../tasks/index.ts";
import { trainModel } from "./train.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-sheets-"));
afterAll(() => rmSync(scratch, { recursive: true }));

it("trains on whole sheets: blocks of four latents, and words of the reasoning in the vocabulary", async () => {
  const [data, out] = [join(scratch, "data"), join(scratch, "model")];
  const parameters = { plan: "named", by: "words" };
  await generateDataset({ task: "tetris", out: data, train: 24, eval: 2, heldOut: 0, parameters });
  const settings = { steps: 1, batch: 2, warmup: 1, followExamples: 1 };
  expect((await trainModel({ recipe: "joint", data, out, ...settings })).steps).toBe(1);
  const json = (file: string) => JSON.parse(readFileSync(join(out, file), "utf8"));
  expect(json("config.json").latent_size).toBe(4);
  expect(json("preprocessor_config.json").max_pixels).toBe(14_400);
  expect(Object.keys(json("tokenizer.json").model.vocab)).toEqual(
    expect.arrayContaining(["<think>", "picture"]),
  );
});
