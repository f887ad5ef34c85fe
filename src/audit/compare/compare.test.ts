import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { writePlantedAudit } from "../../../test/support/planted-audit.ts";
import { mcnemar } from "../../statistics/index.ts";
import { isRight } from "../record/outcomes.ts";
import { auditComparisonSchema, compareAuditDirectories, namesApart } from "./index.ts";

const rates = (own: number) => ({ own, oracle: 0.9, ...dummies(0.3) });
const base = plant({ n: 200, seed: 1, rates: rates(0.4), shared: 0.8 });
// The same examples, answered by a better model: planted anew, with the questions of the first.
const better = plant({ n: 200, seed: 1, rates: rates(0.8), shared: 0.8 });

let scratch: string;
const at = (name: string): string => join(scratch, name);
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-compare-"));
  await writePlantedAudit(at("base"), base);
  await writePlantedAudit(at("rl"), better);
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe("two audits", () => {
  it("give differences paired by example, as counted by hand", async () => {
    const found = await compareAuditDirectories(at("base"), at("rl"));
    expect(auditComparisonSchema.parse(found)).toEqual(found);
    const right = (all: typeof base, i: number) => isRight(all[i]!.outcomes.own!, all[i]!.answer);
    const gained = base.filter((_, i) => right(better, i) && !right(base, i)).map(({ example }) => example);
    const lost = base.filter((_, i) => !right(better, i) && right(base, i)).map(({ example }) => example);
    expect(gained.length).toBeGreaterThan(20);
    expect(found.flips).toEqual({ gained, lost });
    const { own } = found.interventions;
    expect(own).toMatchObject({
      n: 200,
      gained: gained.length,
      lost: lost.length,
      difference: (gained.length - lost.length) / 200,
      mcnemarP: mcnemar(gained.length, lost.length).p,
      holmP: null,
      state: "B is better",
    });
    expect(own!.b! - own!.a!).toBeCloseTo(own!.difference!, 12);
    expect(found.conclusion).toMatch(
      /^rl is better: rl answers .* and base .*: rl − base \+\d+\.\d points \[.*exact McNemar p/,
    );
    // Own latents gain what the model gains: the controls were planted alike.
    expect(found.reliance.zeros!.b).toBeGreaterThan(found.reliance.zeros!.a + 0.2);
    expect(found.reliance.zeros!.interval![0]).toBeGreaterThan(0);
    expect(found.interventions.zeros).toMatchObject({ state: "equivalent", difference: 0 });
  });

  it("turned round give the same with the sign turned", async () => {
    const [one, other] = [
      await compareAuditDirectories(at("base"), at("rl")),
      await compareAuditDirectories(at("rl"), at("base")),
    ];
    expect(other.flips).toEqual({ gained: one.flips.lost, lost: one.flips.gained });
    for (const [name, pair] of Object.entries(one.interventions)) {
      const turned = other.interventions[name]!;
      expect(turned.difference! + pair.difference!).toBeCloseTo(0, 12);
      expect(turned.interval![0]).toBeCloseTo(-pair.interval![1], 9);
      expect([turned.mcnemarP, turned.holmP, turned.n]).toEqual([pair.mcnemarP, pair.holmP, pair.n]);
    }
    expect(other.interventions.own!.state).toBe("A is better");
  });

  it("have slices whose counts add up to the whole", async () => {
    const { slices, interventions } = await compareAuditDirectories(at("base"), at("rl"));
    expect(Object.keys(slices)).toEqual(["size"]);
    const { big, small } = slices.size!;
    expect(big!.n + small!.n).toBe(200);
    expect(big!.gained + small!.gained).toBe(interventions.own!.gained);
    expect(big!.holmP).toBeGreaterThanOrEqual(big!.mcnemarP!);
  });

  it("have the verdict's words for own accuracy at chance and below it", async () => {
    const own = (rate: number) =>
      plant({ n: 200, seed: 2, shared: 0.8, rates: { own: rate, oracle: rate, ...dummies(rate) } });
    await writePlantedAudit(at("chance"), own(0.25));
    await writePlantedAudit(at("below"), own(0.05));
    const { a, b } = await compareAuditDirectories(at("chance"), at("below"));
    expect([a.atChance, a.chanceNote, b.atChance, b.chanceNote]).toEqual([
      true,
      "at chance",
      true,
      "below chance",
    ]);
    const { a: well } = await compareAuditDirectories(at("rl"), at("rl"));
    expect([well.atChance, well.chanceNote]).toEqual([undefined, undefined]);
  });

  it("that are one and the same are equivalent in everything", async () => {
    const found = await compareAuditDirectories(at("base"), at("base"), { names: ["a", "b"] });
    expect(found.conclusion).toMatch(/^Equivalent within ±2 points/);
    expect(found.flips).toEqual({ gained: [], lost: [] });
  });

  it("are compared on the examples that both have; the others are counted", async () => {
    await writePlantedAudit(at("some"), better.slice(150));
    const found = await compareAuditDirectories(at("base"), at("some"));
    expect([found.shared, found.onlyA, found.onlyB]).toEqual([50, 150, 0]);
  });

  it("of other questions, of none in common, or that are no audits are refused", async () => {
    await writePlantedAudit(
      at("turned"),
      base.map((each) => ({ ...each, options: ["b", "a", "c", "d"] })),
    );
    await expect(compareAuditDirectories(at("base"), at("turned"))).rejects.toThrow(
      /example 000000: expected the same options and right answer in both.*--shuffle-options/,
    );
    await writePlantedAudit(
      at("others"),
      base.slice(0, 5).map((each) => ({ ...each, example: `x${each.example}` })),
    );
    await expect(compareAuditDirectories(at("base"), at("others"))).rejects.toThrow(/none in common/);
    await expect(compareAuditDirectories(at("base"), at("nowhere"))).rejects.toThrow(
      /nowhere.audit\.json: expected the result of a finished audit, got no such file/,
    );
    const text = readFileSync(at("base/audit.json"), "utf8");
    await writePlantedAudit(at("newer"), base.slice(0, 5));
    rmSync(at("newer/manifest.json"), { force: true });
    writeFileSync(at("newer/audit.json"), text.replace('"schemaVersion": 1', '"schemaVersion": 7'));
    await expect(compareAuditDirectories(at("base"), at("newer"))).rejects.toThrow(
      /schemaVersion 1 or older, got 7/,
    );
  });

  it("say what else differs between them", async () => {
    const record = (reader: string, digest: string) =>
      JSON.stringify({ inputs: { data: { split: "eval", content: digest } }, reader });
    await writePlantedAudit(at("x"), base);
    await writePlantedAudit(at("y"), better);
    writeFileSync(at("x/asked.json"), record("lantern", "1"));
    writeFileSync(at("y/asked.json"), record("lvr", "2"));
    for (const name of ["x", "y"]) rmSync(at(`${name}/manifest.json`), { force: true });
    const { notes } = await compareAuditDirectories(at("x"), at("y"));
    expect(notes).toEqual([
      expect.stringMatching(/^the data differ: .*content/),
      "answers were read by lantern and by lvr",
    ]);
  });
});

it("names are the parts of the paths that differ", () => {
  expect(namesApart("a/b", "a/c")).toEqual(["b", "c"]);
  expect(namesApart("runs/t/joint/0/eval", "runs/t/precise/1/eval")).toEqual(["joint/0", "precise/1"]);
  expect(namesApart("a", "a")).toEqual(["A", "B"]);
});
