import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dummies, plant } from "../../../test/support/planted.ts";
import { writePlantedAudit } from "../../../test/support/planted-audit.ts";
import { openParquet } from "../../formats/index.ts";
import { isRight } from "../record/outcomes.ts";
import { readOutcomes } from "../record/outcomes-journal.ts";
import {
  checkNamed,
  type ExampleFilter,
  examplesOf,
  type FoundExample,
  findAudits,
  isSelected,
  outcomeColumns,
  outcomeRows,
  readQuestions,
  writeOutcomes,
} from "./index.ts";

let scratch: string;
const outcomes = plant({ n: 40, seed: 3, rates: { own: 0.5, oracle: 0.9, ...dummies(0.4) }, shared: 0.5 });
const at = (...names: string[]): string => join(scratch, ...names);
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-tables-"));
  await writePlantedAudit(at("run/audits/t/r/0/eval"), outcomes);
  await writePlantedAudit(at("run/audits/t/r/1/eval"), outcomes.slice(0, 10));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const select = async (filter: ExampleFilter, directory = "run"): Promise<FoundExample[]> => {
  const found = [];
  for await (const each of examplesOf(await findAudits(at(directory))))
    if (isSelected(each, filter)) found.push(each);
  return found;
};

describe("audits of a directory", () => {
  it("are those of a run by their paths, or the one that it is", async () => {
    expect((await findAudits(at("run"))).map(({ name }) => name)).toEqual(["t/r/0/eval", "t/r/1/eval"]);
    expect((await findAudits(at("run/audits/t/r/0/eval"))).map(({ name }) => name)).toEqual(["eval"]);
    await expect(findAudits(scratch)).rejects.toThrow(
      /the directory of an audit, or of a study.*got neither/,
    );
  });
  it("give every example with its question, and none of it where the audit recorded none", async () => {
    const all = await select({});
    expect(all).toHaveLength(50);
    expect(all[0]!.question?.question).toMatch(/^Question 0/);
    rmSync(at("run/audits/t/r/1/eval/examples.jsonl"));
    expect((await select({})).at(-1)!.question).toBeUndefined();
    expect((await readQuestions(at("run/audits/t/r/1/eval"))).size).toBe(0);
  });
});

describe("selection", () => {
  const right = (each: FoundExample, name: string) =>
    isRight(each.outcomes.outcomes[name]!, each.outcomes.answer);
  it("of flips is of those right under exactly one of two, and a union of both directions", async () => {
    const flips = await select({ flips: ["own", "oracle"] });
    const lost = await select({ right: ["own"], wrong: ["oracle"] });
    const gained = await select({ right: ["oracle"], wrong: ["own"] });
    expect(flips.length).toBe(lost.length + gained.length);
    expect(gained.length).toBeGreaterThan(0);
    expect(gained.every((each) => right(each, "oracle") && !right(each, "own"))).toBe(true);
    expect((await select({ right: ["own"] })).length + (await select({ wrong: ["own"] })).length).toBe(50);
    expect((await select({ flips: ["own", "own"] })).length).toBe(0);
  });
  it("by attribute keeps those that have it", async () => {
    const big = await select({ where: { size: "big" } }, "run/audits/t/r/0/eval");
    expect(big).toHaveLength(20);
    expect(await select({ where: { size: "big", index: "3" } }, "run/audits/t/r/0/eval")).toHaveLength(0);
    expect(await select({ where: { index: "3" } }, "run/audits/t/r/0/eval")).toHaveLength(1);
  });
  it("names the nearest of an unknown intervention, and takes no inherited names for one", async () => {
    expect(() => checkNamed({ right: ["orcle"] }, new Set(["oracle"]), "x")).toThrow(/Did you mean "oracle"/);
    expect(await select({ right: ["constructor"] })).toEqual([]);
    expect(outcomeRows((await select({}))[0]!, ["constructor", "own"])).toHaveLength(1);
  });
});

describe("tables", () => {
  const source = async () => examplesOf(await findAudits(at("run/audits/t/r/0/eval")));
  it("as JSON Lines and Parquet hold the same rows, as CSV the same cells", async () => {
    const count = 40 * 7;
    let text = "";
    const to = (more: string): void => {
      text += more;
    };
    expect(await writeOutcomes(await source(), { format: "jsonl", to })).toBe(count);
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(count);
    expect(await writeOutcomes(await source(), { format: "parquet", to: at("o.parquet") })).toBe(count);
    const file = await openParquet(at("o.parquet"));
    const read = [];
    for await (const block of file.read(file.columns)) read.push(...block);
    await file.close();
    expect(read).toEqual(rows);
    expect(await writeOutcomes(await source(), { format: "csv", to: at("o.csv"), names: ["own"] })).toBe(40);
    const csv = readFileSync(at("o.csv"), "utf8");
    expect(csv.split("\n")[0]).toBe(Object.keys(outcomeColumns).join(","));
    expect(csv).toContain('"Question 0 of <image>, with ""quotes"", commas\nand lines?"');
    // What the table says is right is what the audit counts.
    const audit = JSON.parse(readFileSync(at("run/audits/t/r/0/eval/audit.json"), "utf8"));
    const own = rows.filter(({ intervention }) => intervention === "own");
    expect(own.filter(({ correct }) => correct).length / 40).toBe(audit.interventions.own.accuracy);
    expect(own.every(({ choice, options, choiceIndex }) => options[choiceIndex] === choice)).toBe(true);
  });
  it("are not left half written", async () => {
    const failing = async function* (): AsyncGenerator<FoundExample> {
      yield (await select({}))[0]!;
      throw new Error("broken");
    };
    for (const format of ["csv", "parquet"] as const) {
      await expect(writeOutcomes(failing(), { format, to: at("half") })).rejects.toThrow("broken");
      expect(existsSync(at("half"))).toBe(false);
    }
  });
});

describe("a journal", () => {
  it("with a cut last line is read up to it; one broken or changed before is refused by its line", async () => {
    const path = at("journal.jsonl");
    const lines = readFileSync(at("run/audits/t/r/0/eval/outcomes.jsonl"), "utf8");
    writeFileSync(path, lines);
    appendFileSync(path, '{"example":"0000');
    expect(await readOutcomes(path)).toHaveLength(40);
    appendFileSync(path, `\n${lines.split("\n")[0]}\n`);
    await expect(readOutcomes(path)).rejects.toThrow(/journal\.jsonl:41: expected one JSON record per line/);
    writeFileSync(path, lines.replace('"answer":', '"answer": '));
    expect(await readOutcomes(path)).toHaveLength(40);
    writeFileSync(
      path,
      lines.replace(/"choice":(\d)/, (_, digit) => `"choice":${(Number(digit) + 1) % 4}`),
    );
    await expect(readOutcomes(path)).rejects.toThrow(/journal\.jsonl:1: .*changed afterwards/);
  });
});
