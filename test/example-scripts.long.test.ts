/** The programs in examples/ run in their order, in one directory, and print what they should. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const examples = fileURLToPath(new URL("../examples", import.meta.url));
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-example-scripts-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const expected: Record<string, RegExp> = {
  "1-walkthrough.mjs":
    /^verdict: \S.* \(60 examples\)\nown +\d+\.\d % \[\d+\.\d, \d+\.\d\]\n(.+\n){4}details: /,
  "2-own-intervention.mjs":
    /^own − zeros: -?\d+\.\d points\nown − first-slot-zero: .*\nown − half-oracle: .*\nown − weak-noise: .*\n$/,
  "3-family-rules.mjs": /^lantern: K = 1, .*\{"1":20\}\ntwo-latents: K = 2, .*\{"2":20\}\n$/,
  "4-inform.mjs":
    /^verdict: informative\nhelpers contained in the input: \d+ %\ninformation .*: [12]\.\d\d bits\n$/,
  "5-sample-size.mjs":
    /\n5 % discordant: 1071 pairs .*\n(.*\n)observed: -1\.0 to 1\.0 points\nequivalent within/,
  "6-read-results.mjs": /^crop\/joint, seed 0, eval: \S+; own [\d.]+, oracle [\d.]+, zeros [\d.]+\nreport: /,
};

it("tests every example, and each is short", () => {
  const files = readdirSync(examples).filter((name) => /^\d.*\.mjs$/.test(name));
  expect(files.sort()).toEqual(Object.keys(expected));
  for (const name of files)
    expect(readFileSync(join(examples, name), "utf8").split("\n").length, name).toBeLessThan(60);
});

it.each(Object.entries(expected))("%s", { timeout: 300_000 }, async (name, output) => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(examples, name), scratch]);
  expect(stdout).toMatch(output);
});
