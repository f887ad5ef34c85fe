/** Audits in parts by PyTorch: every part starts an engine, and together they write the files of a single process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start } from "../cli/run.ts";
import { auditFiles } from "../support/audit-files.ts";
import { auditOf, done, elsewhere, pockets, python, writePocket } from "./pocket.fixture.ts";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-engine-shards-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe.skipIf(!python)("an audit in parts by PyTorch (LINTEL_ENGINE)", () => {
  it("comes together to the bytes of one process", async () => {
    const pocket = await writePocket(join(scratch, "pocket"), pockets["tetris, K = 1"], { examples: 80 });
    const what = [...elsewhere(), "--interventions", "own,zeros,mean,other-own,oracle"];
    const whole = join(scratch, "whole");
    await done(start(auditOf(pocket, whole, ...what)));
    const parts = join(scratch, "parts");
    await done(start(auditOf(pocket, parts, ...what, "--shards", "2", "--workers", "1")));
    expect(auditFiles(parts)).toEqual(auditFiles(whole));
  }, 600_000);
});
