import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { kept, stampOf } from "./kept.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-kept-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Counts how often a value was made. */
const counting = () => {
  const made = { times: 0 };
  return { made, make: async () => ({ value: ++made.times }) };
};

it("a value is made once for the files that it is of, and again for others", async () => {
  const source = join(scratch, "latents.safetensors");
  writeFileSync(source, "one");
  const { made, make } = counting();
  const get = async () => kept(scratch, "latents", await stampOf(source), make);
  expect([await get(), await get()]).toEqual([{ value: 1 }, { value: 1 }]);
  writeFileSync(source, "two");
  utimesSync(source, 1, 1);
  expect(await get()).toEqual({ value: 2 });
  expect(made.times).toBe(2);
});

it("a damaged value is made again", async () => {
  const { make } = counting();
  await kept(scratch, "damaged", "a", make);
  const path = join(scratch, ".explorer", "damaged.json");
  writeFileSync(path, readFileSync(path, "utf8").slice(0, -5));
  expect(await kept(scratch, "damaged", "a", make)).toEqual({ value: 2 });
  expect(await kept(scratch, "damaged", "a", make)).toEqual({ value: 2 });
});

it("a directory that cannot be written to gives the value all the same", async () => {
  const file = join(scratch, "file");
  writeFileSync(file, "");
  const { make } = counting();
  expect(await kept(file, "latents", "a", make)).toEqual({ value: 1 });
  expect(await kept(file, "latents", "a", make)).toEqual({ value: 2 });
  expect(existsSync(join(file, ".explorer"))).toBe(false);
});
