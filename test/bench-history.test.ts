/** What `npm run bench:*` appends to bench/history.jsonl. */
import { expect, it } from "vitest";
import { historyLine, provenance } from "../bench/history.ts";

it("says when, on what code and on which processor a benchmark ran, before its result", () => {
  const from = provenance();
  expect(from.commit).toMatch(/^[0-9a-f]{10,}$|^unknown$/);
  expect(new Date(from.date).toISOString()).toBe(from.date);
  expect(from.processor).not.toBe("");
  expect(from.cores).toBeGreaterThan(0);
  const line = historyLine({ bench: "audit", ours: 4, theirs: 2.5 }, from);
  expect(line.endsWith("}\n")).toBe(true);
  expect(line.trim()).not.toContain("\n");
  expect(JSON.parse(line)).toEqual({ ...from, bench: "audit", ours: 4, theirs: 2.5 });
});
