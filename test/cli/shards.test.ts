/** Audits in parts: whatever the order of the parts, and where one is done twice, the files of a single process. */
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchesOf } from "../../src/audit/shards.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { writeDataset } from "../../src/tasks/index.ts";
import { auditFiles } from "../support/audit-files.ts";
import { lintel } from "./run.ts";

let scratch: string;
const at = (name: string): string => join(scratch, name);
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-shards-"));
  await saveKnownModel(at("model"), knownModels[0]!);
  await writeDataset(
    at("data"),
    { eval: knownExamples(120, 1, 0) },
    { task: "known", title: "known", description: "known", seed: 0, parameters: {} },
  );
  expect((await audit("--out", at("whole"))).code).toBe(0);
});
afterAll(() => rmSync(scratch, { recursive: true }));

const audit = (...rest: string[]) =>
  lintel(
    "audit",
    "--model",
    at("model"),
    "--data",
    at("data"),
    "--interventions",
    "own,zeros,mean,other-own,oracle",
    ...rest,
  );
const part = (phase: string, index: number, of: number, root = at("parts")) =>
  audit(
    "--out",
    join(root, `${phase}-${index}-of-${of}`),
    "--shard",
    `${phase}:${index}:${of}:${root}`,
    "--events",
  );

describe("an audit in parts", () => {
  it("comes together to the bytes of one process", async () => {
    for (const index of [2, 0, 1]) expect(await part("own", index, 3)).toMatchObject({ code: 0 });
    for (const index of [1, 2, 0, 2]) expect(await part("outcomes", index, 3)).toMatchObject({ code: 0 });
    const rest = await audit("--out", at("together"), "--shard", `rest:0:3:${at("parts")}`, "--events");
    expect(rest.code, rest.out).toBe(0);
    expect(auditFiles(at("together"))).toEqual(auditFiles(at("whole")));
  });

  it("names a part that is not finished, and a model that is another one's", async () => {
    cpSync(at("parts"), at("fewer"), { recursive: true });
    rmSync(join(at("fewer"), "own-1-of-3", "shard.json"));
    rmSync(join(at("fewer"), "outcomes-0-of-3"), { recursive: true });
    const early = await part("outcomes", 0, 3, at("fewer"));
    expect(early.code).toBe(1);
    expect(JSON.parse(early.out.trim().split("\n").at(-1)!)).toMatchObject({
      type: "error",
      message: expect.stringContaining("own-1-of-3: expected a finished part"),
    });
    const other = await lintel(
      "audit",
      "--model",
      at("model"),
      "--data",
      at("data"),
      "--interventions",
      "own,zeros",
      "--out",
      join(at("parts"), "own-0-of-3"),
      "--shard",
      `own:0:3:${at("parts")}`,
      "--events",
    );
    expect(other.out).toContain("outcomes under other interventions cannot be mixed");
  });

  it("needs a directory, and finds a finished audit finished", async () => {
    const without = await audit("--shards", "2");
    expect(without.code).toBe(2);
    expect(without.err).toContain("--shards needs --out DIR");
    expect(existsSync(`${at("together")}.shards`)).toBe(false);
  });
});

describe("batchesOf", () => {
  it("gives every batch to one part, also where there are more parts", () => {
    for (const [batches, of] of [
      [7, 3],
      [2, 5],
      [1, 1],
      [0, 2],
    ] as const) {
      const all = Array.from({ length: of }, (_, index) => batchesOf({ index, of }, batches));
      const taken = all.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
      expect(taken).toEqual(Array.from({ length: batches }, (_, i) => i));
    }
  });
});
