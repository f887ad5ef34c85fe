import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { plant } from "../../../test/support/planted.ts";
import { openJournal, sealed } from "../../formats/index.ts";
import { readLatents, writeLatents } from "./latents-file.ts";
import type { ExampleOutcomes } from "./outcomes.ts";
import { keptOutcomes, readOutcomes } from "./outcomes-journal.ts";

type SealedOutcomes = ExampleOutcomes & { check?: string };

const records = plant({ n: 3, seed: 1, rates: { own: 0.5, zeros: 0.5 }, shared: 0.5 });
const examples = records.map(({ example }) => example);
/** As a file gives them back. */
const lines = (): SealedOutcomes[] => JSON.parse(JSON.stringify(records.map(sealed)));
const scratch = mkdtempSync(join(tmpdir(), "lintel-kept-"));
/** Outcomes as a resumed audit reads them. */
async function kept(all: SealedOutcomes[]) {
  const path = join(scratch, "kept.jsonl");
  writeFileSync(path, all.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const journal = await openJournal<ExampleOutcomes>(path, { checksRequired: true });
  await journal.close();
  return keptOutcomes(journal.records, { path, examples });
}
afterAll(() => rmSync(scratch, { recursive: true }));

describe("outcomes that were kept", () => {
  it("are those that were written, NaN and all", async () => {
    expect([...(await kept(lines())).values()]).toEqual(records);
    const broken = {
      ...records[0]!,
      outcomes: { own: { ...records[0]!.outcomes.own!, optionLogProbabilities: [Number.NaN] } },
    };
    expect((await kept([JSON.parse(JSON.stringify(sealed(broken)))])).size).toBe(1);
  });

  it.each([
    [
      "another choice",
      (all: SealedOutcomes[]) => {
        all[1]!.outcomes.own!.choice = 3;
        all[1]!.outcomes.own!.text = "d";
      },
      /:2.*changed afterwards/,
    ],
    [
      "another right answer",
      (all: SealedOutcomes[]) => {
        all[0]!.answer = (all[0]!.answer + 1) % 4;
      },
      /:1.*changed afterwards/,
    ],
    [
      "outcomes that were emptied",
      (all: SealedOutcomes[]) => {
        all[2]!.outcomes = {};
      },
      /:3.*changed afterwards/,
    ],
    [
      "no check",
      (all: SealedOutcomes[]) => {
        delete all[2]!.check;
      },
      /:3.*without the checksum/,
    ],
    [
      "a line twice",
      (all: SealedOutcomes[]) => {
        all.push(all[0]!);
      },
      /:4.*occurs twice/,
    ],
    [
      "another audit's example",
      (all: SealedOutcomes[]) => {
        all.push(sealed({ ...records[0]!, example: "other" }));
      },
      /:4.*none of this audit/,
    ],
    [
      "no record",
      (all: SealedOutcomes[]) => {
        all[0] = {} as SealedOutcomes;
      },
      /:1.*without the checksum/,
    ],
  ] as const)("are refused with %s", async (_, edit, message) => {
    const all = lines();
    edit(all);
    await expect(kept(all)).rejects.toThrow(message);
  });

  it("are checked by reports and findings as well", async () => {
    const path = join(scratch, "outcomes.jsonl");
    const text = `${records.map((record) => JSON.stringify(sealed(record))).join("\n")}\n`;
    writeFileSync(path, text);
    expect(await readOutcomes(path)).toEqual(records);
    writeFileSync(path, text.replace(/"answer":\d/, '"answer":9'));
    await expect(readOutcomes(path)).rejects.toThrow(/outcomes\.jsonl:1.*changed afterwards/);
  });
});

it("latents with a flipped bit are refused", async () => {
  const path = join(scratch, "latents.safetensors");
  const values = Float32Array.from({ length: 12 }, (_, i) => i);
  const flags = new Uint8Array(3).fill(1);
  await writeLatents(path, {
    examples,
    slots: 2,
    width: 2,
    own: values,
    oracle: values,
    hasOwn: flags,
    hasOracle: flags,
  });
  expect((await readLatents(path, examples))!.own).toEqual(values);
  const bytes = readFileSync(path);
  bytes[bytes.length - 9]! ^= 1;
  writeFileSync(path, bytes);
  await expect(readLatents(path, examples)).rejects.toThrow(/latents as they were measured/);
});
