/** `lintel audit` with interventions of one's own, suites and dry runs, on a known-answer checkpoint. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { writeDataset } from "../../src/tasks/index.ts";
import { lintel } from "./run.ts";

let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-audit-"));
  await saveKnownModel(join(scratch, "model"), knownModels[0]!);
  await writeDataset(
    join(scratch, "data"),
    { eval: knownExamples(12, 1, 0) },
    { task: "known", title: "known", description: "known", seed: 0, parameters: {} },
  );
  writeFileSync(
    join(scratch, "mine.json"),
    JSON.stringify({
      interventions: { "zero-tail": { use: "zeros", slots: [2] }, far: { use: "zeros", slots: [3] } },
    }),
  );
});
afterAll(() => rmSync(scratch, { recursive: true }));

const audit = (...rest: string[]) =>
  lintel("audit", "--model", join(scratch, "model"), "--data", join(scratch, "data"), ...rest);

describe("--dry-run", () => {
  it("says what would be replaced where, runs nothing and writes nothing", async () => {
    const out = join(scratch, "dry");
    const ran = await audit(
      "--interventions",
      "own,blend(0.5),exchange,skip,no-markers,truncate(1),blank-image,reshuffled",
      "--dry-run",
      "--json",
      "--out",
      out,
    );
    expect(ran.code).toBe(0);
    const plan = JSON.parse(ran.out);
    expect(plan).toMatchObject({ split: "eval", slots: 2 });
    expect(
      plan.interventions.map(({ name, applies }: { name: string; applies: number }) => [name, applies]),
    ).toEqual([
      ["own", 12],
      ["blend(0.5)", 12],
      ["exchange", 12],
      ["skip", 12],
      ["no-markers", 12],
      ["truncate(1)", 12],
      ["blank-image", 12],
      ["reshuffled", 0],
    ]);
    expect(plan.interventions.at(-1).lacking).toMatch(/one image for each option/);
    const [first] = plan.examples;
    expect(first).toMatchObject({ blocks: 1, recorded: false });
    expect(first.replaced).toMatchObject({
      own: { kind: "own", blocks: 1, slots: 2 },
      "blend(0.5)": { kind: "vectors", blocks: 1, slots: 2 },
      exchange: { kind: "vectors", from: expect.stringMatching(/own latents of example \d+/) },
      skip: { kind: "empty", slots: 0 },
      "no-markers": { kind: "none", blocks: 0 },
      "truncate(1)": { kind: "vectors", slots: 1 },
      "blank-image": { from: expect.stringMatching(/gray images/) },
      reshuffled: null,
    });
    expect(readdirSync(scratch)).not.toContain("dry");
    const text = await audit("--suites", "trt", "--dry-run");
    expect(text.out).toContain("Nothing was run.");
    expect(text.out).toMatch(/first-repeat +12 +0 +replaced +1 × 2/);
  });

  it("sees before anything runs what could not work", async () => {
    for (const [interventions, message] of [
      [join(scratch, "mine.json"), /intervention far: expected slots from 1 to 2.*got slot 3/],
      ["blend(7)", /from 0 to 1, got 7/],
      [join(scratch, "none.json"), /none.json: expected a JSON file of interventions/],
    ] as const) {
      const ran = await audit("--interventions", interventions, "--dry-run");
      expect([ran.code, ran.out]).toEqual([2, ""]);
      expect(ran.err).toMatch(message);
    }
    expect((await audit("--suites", "trtt")).err).toMatch(/Unknown suite "trtt". Did you mean "trt"\?/);
  });

  it("warns of a selection that cannot lead to a verdict, and of no other", async () => {
    const partial = await audit("--interventions", "own,oracle,zeros,mean", "--dry-run");
    expect(partial.err).toContain(
      "there will be no verdict; it needs noise, noise-matched, other-own in addition\n",
    );
    for (const whole of [["--interventions", "own"], ["--suites", "full"], []])
      expect((await audit(...whole, "--dry-run")).err).not.toContain("verdict");
  });

  it("refuses to skip every example there is", async () => {
    const ran = await audit("--skip", "12", "--dry-run");
    expect([ran.code, ran.out]).toEqual([2, ""]);
    expect(ran.err).toBe(
      "lintel: --skip must be less than 12, the number of examples that can be used, got 12\n",
    );
  });
});

it("runs a suite beside interventions of its own, and prints both", async () => {
  const out = join(scratch, "run");
  writeFileSync(
    join(scratch, "tail.json"),
    JSON.stringify({ interventions: { "zero-tail": { use: "zeros", slots: [2] } } }),
  );
  const ran = await audit(
    "--suites",
    "markers",
    "--interventions",
    `truncate(1),${join(scratch, "tail.json")}`,
    "--out",
    out,
    "--threads",
    "1",
  );
  expect(ran.code).toBe(0);
  for (const word of [
    "zero-tail",
    "truncate(1)",
    "no-markers",
    "slots-only",
    "markers: ",
    "markerShare",
    "slotShare",
  ])
    expect(ran.out).toContain(word);
  // What was recorded is known to the next dry run.
  const plan = JSON.parse((await audit("--dry-run", "--json", "--out", out)).out);
  expect(plan.examples[0]).toMatchObject({ blocks: 1, recorded: true });
});
