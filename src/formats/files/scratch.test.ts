import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lightened, lightWithout, openScratch } from "./scratch.ts";

const values = Array.from({ length: 3000 }, (_, i) => ({
  name: `value ${i}`,
  row: Float32Array.of(i, Number.NaN, -0),
  bytes: new Uint8Array(700).fill(i),
}));

it("gives values back to the bit, out of memory and out of the file, and leaves nothing in its directory", () => {
  const directory = mkdtempSync(join(tmpdir(), "lintel-scratch-"));
  const scratch = openScratch<(typeof values)[number]>({ inMemory: 700 * 1000, directory });
  const places = values.map((value) => scratch.put(value, 700));
  expect(places).toEqual([...values.keys()]);
  expect(readdirSync(directory)).toEqual([]);
  for (const place of [0, 999, 1000, 2999, 1500, 1000, 0]) expect(scratch.get(place)).toEqual(values[place]);
  expect(scratch.get(3)).toBe(values[3]);
  expect(scratch.get(2000)).not.toBe(values[2000]);
  rmSync(directory, { recursive: true });
});

it("keeps values in memory where nothing can be written", () => {
  const scratch = openScratch<(typeof values)[number]>({ inMemory: 0, directory: "/no/such/directory" });
  for (const value of values) scratch.put(value, 700);
  for (const place of [0, 1500, 2999]) expect(scratch.get(place)).toEqual(values[place]);
});

it("makes objects light that are read, spread and copied as before", () => {
  const light = lightened<(typeof values)[number]>({ inMemory: 7000, fields: ["row", "bytes"] });
  const made = values.map((value) => light(value, 700));
  expect(made[9]).toBe(values[9]);
  expect(Object.getOwnPropertyDescriptor(made[10], "bytes")!.get).toBeTypeOf("function");
  for (const i of [10, 2999]) {
    expect({ ...made[i] }).toEqual(values[i]);
    expect(Object.keys(made[i]!)).toEqual(["name", "row", "bytes"]);
    const less = lightWithout(made[i]!, "name");
    expect(less).toEqual({ row: values[i]!.row, bytes: values[i]!.bytes });
    expect(Object.getOwnPropertyDescriptor(less, "bytes")!.get).toBeTypeOf("function");
  }
});
