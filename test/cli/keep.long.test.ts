/** `lintel selftest --keep`: whoever runs the commands that it leaves finds what it says is true. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Kept } from "../../src/selftest/index.ts";
import { lintel } from "./run.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-keep-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const known = join(scratch, "known");
const keep = (...more: string[]) =>
  lintel(
    "selftest",
    "--keep",
    known,
    "--models",
    "reads-latents,sees-no-latents,starved",
    "--sizes",
    "80",
    ...more,
  );
let kept: Kept;
beforeAll(async () => {
  const { code, err } = await keep();
  expect(code, err).toBe(0);
  kept = JSON.parse(readFileSync(join(known, "selftest.json"), "utf8"));
});

/** A command of the manifest, typed in the directory. */
async function typed(command: string) {
  const [, ...words] = command.match(/'[^']*'|\S+/g)!.map((word) => word.replaceAll("'", ""));
  const { code, out, err } = await lintel(
    ...words.map((word) => (/^(models|data|audits)\//.test(word) ? join(known, word) : word)),
    "--json",
  );
  expect(code, err).toBe(0);
  return JSON.parse(out);
}

it("says of every model what its audit finds, and by which command", async () => {
  expect(kept.models.map(({ name }) => name)).toEqual(["reads-latents", "sees-no-latents", "starved"]);
  const readme = readFileSync(join(known, "README.md"), "utf8");
  for (const { name, truth, command, accuracies, examples, verdict, from } of kept.models) {
    expect(readme).toContain(truth);
    expect(readme).toContain(command);
    const found = await typed(command);
    expect(found.n).toBe(examples);
    // With fewer examples than it takes, an audit may say so.
    const undecided = from === null || examples < from ? ["inconclusive"] : [];
    expect([verdict, ...undecided], name).toContain(found.verdict);
    expect(Object.keys(accuracies).length).toBeGreaterThan(6);
    for (const [intervention, p] of Object.entries(accuracies)) {
      const within = 4 * Math.sqrt((p * (1 - p)) / examples) + 0.005;
      expect(Math.abs(found.interventions[intervention].accuracy - p), intervention).toBeLessThanOrEqual(
        within,
      );
    }
  }
}, 120_000);

it("has data in each format of which every answer is right where the file is read rightly", async () => {
  expect(kept.reading).toHaveLength(2);
  for (const { command } of kept.reading) {
    const { n, interventions } = await typed(command);
    expect([n, interventions.own.accuracy]).toEqual([80, 1]);
    expect(interventions.zeros.accuracy).toBeLessThan(0.6);
  }
});

it("says how long the prompts of other files may be: of so many tokens, answers are right", async () => {
  const data = new URL("../goldens/cases/jsonl-nan", import.meta.url).pathname;
  const audit = async (...more: string[]) => {
    const model = join(known, kept.reading[0]!.model);
    const argv = [
      "audit",
      "--model",
      model,
      "--data",
      data,
      "--map",
      "viscot-mc",
      "--interventions",
      "own",
      "--threads",
      "1",
    ];
    return JSON.parse((await lintel(...argv, "--json", ...more)).out);
  };
  const { question } = await audit("--dry-run");
  expect(readFileSync(join(known, "README.md"), "utf8")).toContain(
    `at most ${question.tokens} with the image`,
  );
  expect((await audit()).interventions.own.accuracy).toBe(1);
});

it("changes nothing when all is there, and refuses another set in the same place", async () => {
  const before = readdirSync(known, { recursive: true }).sort();
  expect((await keep()).code).toBe(0);
  expect(readdirSync(known, { recursive: true }).sort()).toEqual(before);
  const other = await keep("--seed", "1");
  expect([other.code, other.out]).toEqual([2, ""]);
  expect(other.err).toMatch(/selftest: seed is 1, was 0/);
});
