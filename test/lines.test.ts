/** The budget of source lines: scripts/check-lines.mjs. */
import { expect, it } from "vitest";
// @ts-expect-error: a plain script, because Node 20 runs no TypeScript
import { BUDGET, linesByRoom } from "../scripts/check-lines.mjs";

it("counts the lines of sources by room; tests, fixtures and other files are not counted", () => {
  const rooms: Map<string, number> = linesByRoom({
    "audit/a.ts": "1\n2\n",
    "audit/deep/b.ts": "1\n",
    "audit/a.test.ts": "1\n2\n3\n",
    "audit/a.fixture.ts": "1\n",
    "tasks/mapping/notes.txt": "1\n",
    "index.ts": "1\n",
  });
  expect([...rooms]).toEqual([
    ["audit", 3],
    ["(entry)", 1],
  ]);
  expect(BUDGET).toBeGreaterThan(0);
});
