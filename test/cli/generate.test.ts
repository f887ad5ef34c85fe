import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSplit } from "../../src/tasks/index.ts";
import { lintel } from "./run.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-generate-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe("lintel generate", () => {
  it("writes a dataset that reads back, and keeps it when run again", async () => {
    const out = join(scratch, "tetris");
    const argv = [
      "generate",
      "tetris",
      "--out",
      out,
      "--train",
      "6",
      "--eval",
      "4",
      "--held-out",
      "3",
      "--set",
      "by=words",
      "--set",
      "difficulty=3",
      "--seed",
      "7",
    ];
    const first = await lintel(...argv);
    expect(first).toMatchObject({ code: 0 });
    expect(first.out).toBe(
      `${out}: dataset tetris, seed 7, written\n  train           6 examples\n  eval            4 examples\n  held-out        3 examples\n  held-out-cells  3 examples\n`,
    );
    expect(first.err).toMatch(/^generate tetris {2}16\/16 examples/);
    const { examples } = await readSplit(out, "train");
    expect(examples).toHaveLength(6);
    expect(examples[0]!.images.length).toBeGreaterThan(0);

    expect(examples.map(({ attributes }) => Number(attributes.cells) >= 8)).toEqual(Array(6).fill(true));
    expect(examples[0]!.question).toMatch(/rotated by (90|180|270) degrees/);

    const again = await lintel("--json", ...argv);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.out)).toMatchObject({ directory: out, reused: true, task: "tetris", seed: 7 });

    const other = await lintel(...argv.slice(0, -1), "8");
    expect([other.code, other.out]).toEqual([1, ""]);
    expect(other.err).toContain("another directory");
  });

  it("names parameters and their values where one is wrong, before it writes", async () => {
    for (const [set, message] of [
      ["difficulty=9", "parameter difficulty of tetris must be an integer from 1 to 3, got 9"],
      ["dificulty=1", 'tetris: unknown parameter "dificulty". Did you mean "difficulty"?'],
      ["by", "--set must be KEY=VALUE"],
    ] as const) {
      const { code, err } = await lintel("generate", "tetris", "--out", join(scratch, "none"), "--set", set);
      expect(code).toBe(2);
      expect(err).toContain(message);
    }
    expect(existsSync(join(scratch, "none"))).toBe(false);
  });
});
