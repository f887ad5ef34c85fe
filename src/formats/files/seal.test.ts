import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { checkPart, sealPart } from "./seal.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-seal-"));
afterAll(() => rmSync(scratch, { recursive: true }));

it("finds files that were changed, removed and added, in folders too", async () => {
  const put = (name: string, text: string): void => writeFileSync(join(scratch, name), text);
  mkdirSync(join(scratch, "deep"));
  for (const name of ["same", "changed", "removed", "deep/changed"]) put(name, name);
  await sealPart(scratch);
  expect((await checkPart(scratch))?.changed).toEqual([]);
  put("changed", "Changed");
  put("deep/changed", "deep/Changed");
  put("deep/added", "");
  rmSync(join(scratch, "removed"));
  expect((await checkPart(scratch))?.changed.sort()).toEqual([
    "changed was changed",
    "deep/added was added",
    "deep/changed was changed",
    "removed is missing",
  ]);
});

it("leaves alone what programs keep beside the files: hidden files and folders, pages", async () => {
  const part = join(scratch, "part");
  mkdirSync(part);
  writeFileSync(join(part, "outcomes.jsonl"), "{}\n");
  await sealPart(part);
  mkdirSync(join(part, ".explorer"));
  for (const name of [".explorer/latents.json", ".DS_Store", "report.html"])
    writeFileSync(join(part, name), "1");
  expect((await checkPart(part))?.changed).toEqual([]);
});
