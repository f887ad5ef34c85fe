import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type Tensor, writeSafetensors } from "../formats/index.ts";
import { courseContent } from "./course.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-course-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const floats = (text: string) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer);

it("a course has the cosines of each step, and places on axes that all steps share", async () => {
  const path = join(scratch, "followed-latents.safetensors");
  // Three examples, two slots of width 2; means over the slots are what is drawn.
  const tensor = (...means: [number, number][]): Tensor => ({
    dtype: "F32",
    shape: [3, 2, 2],
    data: Float32Array.from(means.flatMap(([x, y]) => [x + 1, y - 1, x - 1, y + 1])),
  });
  const oracle = tensor([2, 0], [0, 2], [-2, 0]);
  const tensors = new Map([
    ["own.20", tensor([1, 1], [1, 1], [1, 1])],
    ["oracle.20", oracle],
    ["own.3", tensor([1, 0], [0, 1], [Number.NaN, 0])],
    ["oracle.3", oracle],
  ]);
  await writeSafetensors(path, tensors, { examples: JSON.stringify(["a", "b", "c"]) });
  const { examples, explained, steps } = await courseContent(path);
  expect(examples).toEqual(["a", "b", "c"]);
  expect(steps.map(({ step }) => step)).toEqual([3, 20]);
  expect(steps[0]!.cosines).toEqual({ own: 0, oracle: 0, paired: 1 });
  expect(steps[1]!.cosines.own).toBeCloseTo(1, 12);
  expect(steps[1]!.cosines.oracle).toBeCloseTo(-1 / 3, 12);
  expect(explained[0]! + explained[1]!).toBeCloseTo(1, 6);
  const [early, late] = [floats(steps[0]!.own), floats(steps[1]!.own)];
  expect(early.subarray(4).every(Number.isNaN)).toBe(true);
  expect([late[0], late[1]]).toEqual([late[4], late[5]]);
  // The oracle stands where it stood.
  expect([...floats(steps[1]!.oracle).subarray(0, 4)]).toEqual([...floats(steps[0]!.oracle).subarray(0, 4)]);
});
