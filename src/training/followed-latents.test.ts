import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Example } from "../tasks/index.ts";
import { FOLLOWED_FILE, openFollowed, readFollowed } from "./followed-latents.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-followed-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const path = join(scratch, FOLLOWED_FILE);
const examples = ["a", "b"].map((id) => ({ id })) as Example[];
const at = (value: number) => Float32Array.of(value, value + 1, value + 2, value + 3);

describe("followed latents", () => {
  it("are kept by step, and those of an interrupted attempt are dropped", async () => {
    const first = await openFollowed(path, examples, 2, 0);
    await first.add(5, { own: [at(1), null], oracle: [at(3), at(4)] });
    await first.add(10, { own: [at(5), at(6)], oracle: [at(3), at(4)] });
    const again = await openFollowed(path, examples, 2, 7);
    await again.add(10, { own: [at(7), at(8)], oracle: [at(3), at(4)] });
    const { examples: ids, steps } = await readFollowed(path);
    expect(ids).toEqual(["a", "b"]);
    expect(steps.map(({ step }) => step)).toEqual([5, 10]);
    expect(steps[0]!.own.shape).toEqual([2, 2, 2]);
    expect([...steps[0]!.own.data]).toEqual([1, 2, 3, 4, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
    expect([...steps[1]!.own.data].slice(0, 5)).toEqual([7, 8, 9, 10, 8]);
  });

  it("begin anew with the training, and are none where no example opens a block", async () => {
    const fresh = await openFollowed(path, examples, 2, 0);
    await fresh.add(3, { own: [null, null], oracle: [at(1), at(2)] });
    expect((await readFollowed(path)).steps.map(({ step }) => step)).toEqual([5, 10]);
    await fresh.add(4, { own: [at(1), at(2)], oracle: [at(1), at(2)] });
    expect((await readFollowed(path)).steps.map(({ step }) => step)).toEqual([4]);
  });
});
