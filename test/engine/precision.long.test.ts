/** `lintel doctor --engine torch --model`: its agreement of bfloat16 and float32 is that of two audits. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { start } from "../cli/run.ts";
import { auditOf, done, EXAMPLES, elsewhere, pockets, python, writePocket } from "./pocket.fixture.ts";

const interventions = ["own", "oracle", "zeros", "skip"];

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-precision-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe.skipIf(!python)("precision of a model by PyTorch (LINTEL_ENGINE)", () => {
  it("is reported by intervention, and is the agreement of two audits in these types", async () => {
    const pocket = await writePocket(join(scratch, "pocket"), pockets["tetris, K = 1"]);
    const what = ["--interventions", interventions.join(",")];
    const audited = async (
      dtype: string,
    ): Promise<Record<string, { choice: number | null; text: string }>[]> => {
      const out = join(scratch, dtype);
      const engine = elsewhere().map((word) => (word === "float32" ? dtype : word));
      await done(start(auditOf(pocket, out, ...what, ...engine)));
      const lines = readFileSync(join(out, "outcomes.jsonl"), "utf8").trim().split("\n");
      return lines.map((line) => JSON.parse(line).outcomes);
    };
    const [full, half] = [await audited("float32"), await audited("bfloat16")];
    const own = ["--engine", "torch", "--python", python!, "--device-map", "cpu"];
    const doctor = [
      "doctor",
      ...own,
      "--model",
      pocket.model,
      "--data",
      pocket.data,
      ...what,
      "--threads",
      "1",
    ];
    const { out } = await done(start([...doctor, "--json"]));
    const { precision } = JSON.parse(out);
    expect(precision).toMatchObject({ reference: "float32", dtype: "bfloat16", data: pocket.data });
    expect(precision.agreement.map((row: { intervention: string }) => row.intervention)).toEqual(
      interventions,
    );
    for (const { intervention, examples, missing, answers, texts } of precision.agreement) {
      const pairs = full.map((row, i) => [row[intervention]!, half[i]![intervention]!] as const);
      expect([examples, missing]).toEqual([EXAMPLES, 0]);
      expect(answers).toBe(pairs.filter(([a, b]) => a.choice === b.choice).length);
      expect(texts).toBe(pairs.filter(([a, b]) => a.text === b.text).length);
    }
    const same = await start([...doctor, "--dtype", "float32"]).ended;
    expect(same.code).toBe(2);
    expect(same.err).toMatch(/--dtype.*bfloat16 or float16/);
  }, 600_000);
});
