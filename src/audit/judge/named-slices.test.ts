import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { plant } from "../../../test/support/planted.ts";
import { compareAll } from "./comparison.ts";
import { namedSlices, readSlices } from "./named-slices.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-slices-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const outcomes = plant({ n: 60, seed: 5, rates: { own: 0.4, oracle: 0.9, zeros: 0.3 }, shared: 0.2 });
const options = { margin: 0.02, alpha: 0.05 };
const names = ["own", "oracle", "zeros"];

it("a slice has the numbers of an audit of its examples alone", () => {
  const part = outcomes.filter((_, i) => i % 3 === 0);
  const examples = [...part.map(({ example }) => example), "elsewhere"];
  const { third } = namedSlices(outcomes, names, [{ name: "third", examples }], options);
  expect(third).toMatchObject({ n: 20, missing: 1 });
  expect(third!.comparisons).toEqual(compareAll(part, names, options));
  const right = part.filter(({ answer, outcomes: { own } }) => own!.choice === answer).length;
  expect(third!.interventions.own).toEqual({ n: 20, accuracy: right / 20 });
});

it("a slice of other examples, a missing or an empty file, and two of one name are refused", async () => {
  expect(() => namedSlices(outcomes, names, [{ name: "other", examples: ["x", "y"] }], options)).toThrow(
    /slice other: expected examples of this audit, got x and 1 more, none of which it has/,
  );
  const [empty, one] = [join(scratch, "empty.txt"), join(scratch, "one.txt")];
  writeFileSync(empty, "\n");
  writeFileSync(one, "a\r\nb\na\n");
  expect(await readSlices([one])).toEqual([{ name: "one", examples: ["a", "b"] }]);
  await expect(readSlices([join(scratch, "no.txt")])).rejects.toThrow(/got no such file/);
  await expect(readSlices([empty])).rejects.toThrow(/got no lines/);
  await expect(readSlices([one, one])).rejects.toThrow(/two slices called one/);
});
