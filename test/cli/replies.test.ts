/** `lintel audit` where the family's reader does not read what the model says: the whole command tells. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { picture } from "../support/pictures.ts";
import { lintel } from "./run.ts";

const colors = ["red", "green", "blue", "white"];
let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-replies-"));
  await saveKnownModel(join(scratch, "model"), knownModels[0]!);
  const records = Array.from({ length: 12 }, (_, i) => {
    writeFileSync(join(scratch, `${i}.png`), picture(i % 4, i));
    const text = `Which colour?\n${colors.map((name, o) => `(${"ABCD"[o]}) ${name}`).join("\n")}`;
    return { question_id: i, image: `${i}.png`, text, label: "ABCD"[i % 4], category: "direct_attributes" };
  });
  writeFileSync(
    join(scratch, "test_questions.jsonl"),
    records.map((each) => JSON.stringify(each)).join("\n"),
  );
});
afterAll(() => rmSync(scratch, { recursive: true }));

const audit = (...rest: string[]) =>
  lintel(
    "audit",
    ...["--model", join(scratch, "model"), "--data", scratch, "--map", "vstar"],
    ...rest,
    ...["--shuffle-options", "none"],
    ...["--threads", "1"],
  );

it("a model that says the right letter, small, to a reader of capitals: exact 0, lenient 1, and a warning everywhere", async () => {
  const family = join(scratch, "strict.yaml");
  writeFileSync(family, "name: strict\nextends: lantern\nanswer: { default: lantern, vstar: lvr }\n");
  const out = join(scratch, "strict");
  const ran = await audit("--interventions", "own,zeros", "--family", family, "--out", out);
  expect([ran.code, ran.err.includes("unexpected error")]).toEqual([0, false]);
  expect(ran.out.replaceAll(/\s+/g, " ")).toMatch(
    /warning: accuracies differ between the readers: own 0\.0 % by the family's reader and 100\.0 % leniently/,
  );
  const { interventions, readings } = JSON.parse(readFileSync(join(out, "audit.json"), "utf8"));
  expect(interventions.own).toMatchObject({
    accuracy: 0,
    answered: 0,
    lenient: { accuracy: 1 },
    disagreement: { differ: 1, lenientOnly: 1, conflict: 0, exactOnly: 0 },
  });
  expect(readings).toMatchObject({ reader: "lvr", benchmark: "vstar" });
  expect(readFileSync(join(out, "verdict.md"), "utf8")).toMatch(/Caution, replies were read in two ways/);
  // The same directory does not go on with another reader.
  writeFileSync(family, "name: strict\nextends: lantern\nanswer: lantern\n");
  const mixed = await audit("--interventions", "own,zeros", "--family", family, "--out", out);
  expect([mixed.code, mixed.err]).toEqual([
    2,
    expect.stringMatching(/answers read by lvr.*the reader lantern/s),
  ]);
});

it("a reader that a family file names wrongly is refused by name", async () => {
  const family = join(scratch, "wrong.yaml");
  writeFileSync(family, "name: wrong\nanswer: { vstar: telepathy }\n");
  const ran = await audit("--interventions", "own", "--family", family);
  expect([ran.code, ran.err]).toEqual([2, expect.stringMatching(/answer/)]);
});
