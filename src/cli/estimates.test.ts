import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AuditOptions } from "./audit-request.ts";
import { lastEstimate, noteEstimate, timed } from "./estimates.ts";

const options = (changes: Partial<AuditOptions> = {}): AuditOptions => ({
  ...{ model: "m", data: "d", device: "cpu", engine: "torch", python: "ssh gpu python" },
  ...changes,
});

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "lintel-estimates-"));
  vi.stubEnv("LINTEL_CACHE", cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const estimate = { usual: 10, longest: 20 };
const work = (): Promise<string> => Promise.resolve("done");

describe("estimates", () => {
  it("are compared with their own audit, by engine", async () => {
    await noteEstimate(options({ dryRun: true }), estimate, new Date("2026-12-01"));
    expect(await timed(options({ limit: 5 }), work)).toBe("done");
    expect(await lastEstimate(options())).toBeNull();
    expect(await timed(options({ out: join(cache, "audit") }), work)).toBe("done");
    expect(await lastEstimate(options({ model: "other" }))).toMatch(
      /^the last estimate for this engine \(m, 2026-12-01\): at least 10 s; the audit took 0\.0 s, /,
    );
    expect(await lastEstimate(options({ python: "python3" }))).toBeNull();
  });

  it("say nothing of an audit that goes on, or failed", async () => {
    await noteEstimate(options(), estimate);
    writeFileSync(join(cache, "outcomes.jsonl"), "");
    await timed(options({ out: cache }), work);
    await expect(timed(options(), () => Promise.reject(new Error("lost")))).rejects.toThrow("lost");
    expect(await lastEstimate(options())).toBeNull();
  });

  it("are the newest fifty, and begin again where the file is damaged", async () => {
    for (let limit = 1; limit <= 51; limit++) await noteEstimate(options({ limit }), estimate);
    await timed(options({ limit: 1 }), work);
    expect(await lastEstimate(options())).toBeNull();
    await timed(options({ limit: 2 }), work);
    expect(await lastEstimate(options())).not.toBeNull();
    writeFileSync(join(cache, "estimates.json"), '{"estimates": [');
    expect(await lastEstimate(options())).toBeNull();
  });
});
