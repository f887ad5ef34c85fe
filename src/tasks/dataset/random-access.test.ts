import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { generateDataset } from "../generate.ts";
import { examplesFrom, factsOf } from "./random-access.ts";
import { readSplit } from "./read.ts";

const dir = mkdtempSync(join(tmpdir(), "lintel-access-"));
afterAll(() => rmSync(dir, { recursive: true }));

it("examples from the middle are those of the whole split", async () => {
  await generateDataset({ task: "tetris", out: dir, train: 21, eval: 2, heldOut: 2, seed: 0 });
  const { examples } = await readSplit(dir, "train");
  for (const [from, count] of [
    [0, 3],
    [8, 8],
    [19, 8],
    [21, 8],
    [99, 1],
  ] as const)
    expect(await examplesFrom(dir, "train", from, count)).toEqual(examples.slice(from, from + count));
  const facts = await factsOf(dir, "train");
  expect(facts).toEqual(
    examples.map(({ id, question, attributes }) => ({
      id,
      question,
      attributes: JSON.stringify(attributes),
    })),
  );
});
