/** What an audit reads of datasets of ours beyond their columns. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { generateDataset } from "../../tasks/index.ts";
import { readAuditData } from "./read-data.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-audited-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

it("knows of crop what is asked about and what the scene shows, of other tasks nothing, and reads edits", async () => {
  const sizes = { train: 0, eval: 3, heldOut: 0, seed: 0 };
  const crop = join(scratch, "crop");
  await generateDataset({
    task: "crop",
    out: crop,
    ...sizes,
    parameters: { rendering: "pocket", edits: true },
  });
  for (const { regions, caption, edits, attributes } of (await readAuditData({ directory: crop }, 0))
    .examples) {
    expect(regions).toHaveLength(1);
    expect(caption).toContain(`${attributes.place} ${attributes.color} ${attributes.shape}`);
    expect(edits!.length).toBeGreaterThan(2);
  }
  const maze = join(scratch, "maze");
  await generateDataset({ task: "maze", out: maze, ...sizes, parameters: { rendering: "pocket" } });
  for (const example of (await readAuditData({ directory: maze }, 0)).examples) {
    for (const field of ["regions", "caption", "edits"]) expect(example).not.toHaveProperty(field);
  }
});
