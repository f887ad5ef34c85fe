import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { informSchema } from "../../src/inform/index.ts";
import { redundant } from "../../src/inform/planted.fixture.ts";
import { writeDataset } from "../../src/tasks/index.ts";
import { lintel } from "./run.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-inform-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

const meta = { task: "planted", title: "Planted", description: "Copies.", seed: 0, parameters: {} };

describe("lintel inform", () => {
  it("tells the verdict with its reasons, and writes figures and a page without links to outside", async () => {
    const [data, out] = [join(scratch, "copies"), join(scratch, "out")];
    const examples = redundant(100);
    // Some examples have no helper: they are passed over, and that is said.
    await writeDataset(data, { eval: [...examples, { ...examples[0]!, id: "bare", helpers: [] }] }, meta);
    const ran = await lintel("inform", data, "--out", out, "--folds", "2", "--json");
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.err).toContain("1 examples have no helper and are left out");
    expect(ran.err).toMatch(/match helpers.*100/);
    const result = informSchema.parse(JSON.parse(ran.out));
    expect(result).toMatchObject({ verdict: "redundant", n: 100, split: "eval", withoutHelper: 1 });
    expect(informSchema.parse(JSON.parse(readFileSync(join(out, "inform.json"), "utf8")))).toEqual(result);
    const page = readFileSync(join(out, "inform.html"), "utf8");
    expect(page).toContain(">redundant</strong>");
    expect(page).not.toMatch(/(?:src|href)="(?!data:|#)/);
    expect(page.match(/<article class="case">/g)).toHaveLength(12);
  });

  it("refuses a dataset without helpers before any work, with exit code 1", async () => {
    const root = join(scratch, "bare");
    mkdirSync(root);
    const record = { question: "Q", img_path: "none.png", options: ["a", "b"], answer: "a" };
    const image = Buffer.from(redundant(1)[0]!.images[0]!);
    writeFileSync(join(root, "none.png"), image);
    writeFileSync(join(root, "train.jsonl"), JSON.stringify(record));
    writeFileSync(
      join(scratch, "map.yaml"),
      "question: question\nimages: img_path\noptions: options\nanswer: answer\n",
    );
    const ran = await lintel(
      "inform",
      root,
      "--map",
      join(scratch, "map.yaml"),
      "--out",
      join(scratch, "no"),
    );
    expect([ran.code, ran.out]).toEqual([1, ""]);
    expect(ran.err).toContain("expected helper images");
    expect(ran.err).not.toContain("match helpers");
  });

  it("calls an unknown mapping wrong usage, and names the nearest one", async () => {
    const ran = await lintel("inform", scratch, "--map", "viscot");
    expect([ran.code, ran.out]).toEqual([2, ""]);
    expect(ran.err).toContain("viscot-mc");
  });
});
