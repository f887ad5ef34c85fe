import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fitPage } from "./build.ts";
import { MAX_PAGE_BYTES } from "./detail-levels.ts";
import { readRun } from "./read-run.ts";
import { writeRun } from "./run.fixture.ts";

test("an audit of 10,000 examples stays below the limit", async () => {
  const large = await mkdtemp(join(tmpdir(), "lintel-report-large-"));
  try {
    await writeRun(large, { examples: 10_000, seeds: 1, plans: 1, datasets: false });
    const text = fitPage(await readRun(large));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_PAGE_BYTES);
    expect(text).toContain("the dataset is not in the run directory");
    expect(text).not.toContain("To limit its size");
  } finally {
    await rm(large, { recursive: true });
  }
});
