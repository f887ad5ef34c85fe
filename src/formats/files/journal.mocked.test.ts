import { appendFileSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { openJournal, readJournal } from "./journal.ts";

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return { ...real, open: vi.fn(real.open) };
});

const scratch = () => join(mkdtempSync(join(tmpdir(), "lintel-journal-")), "run.jsonl");

describe("journal", () => {
  it("appends in order, also when many wait at once, and goes on where it ended", async () => {
    const path = scratch();
    const first = await openJournal<{ i: number; t?: string }>(path);
    await Promise.all(Array.from({ length: 100 }, (_, i) => first.append({ i })));
    await first.close();
    const second = await openJournal<{ i: number; t?: string }>(path, { flush: "batch" });
    expect(second.records.length).toBe(100);
    await second.append({ i: 100, t: "ü\n" });
    await second.close();
    expect(await readJournal(path)).toEqual([
      ...Array.from({ length: 100 }, (_, i) => ({ i })),
      { i: 100, t: "ü\n" },
    ]);
  });

  it("shares one flush among appends that wait together", async () => {
    const { open: real } = await vi.importActual<typeof import("node:fs/promises")>("node:fs/promises");
    let flushes = 0;
    vi.mocked(open).mockImplementationOnce(async (...args) => {
      const handle: FileHandle = await real(...args);
      const datasync = handle.datasync.bind(handle);
      handle.datasync = () => {
        flushes++;
        return datasync();
      };
      return handle;
    });
    const journal = await openJournal(scratch());
    await Promise.all([1, 2, 3, 4].map((i) => journal.append({ i })));
    expect(flushes).toBe(1);
    await journal.append({ i: 5 });
    expect(flushes).toBe(2);
    await journal.close();
  });

  it("survives a cut at every byte: whole lines are read, the rest is cut off before going on", async () => {
    const path = scratch();
    const text = '{"i":0}\n{"i":1,"s":"é"}\n{"i":22}\n';
    const bytes = Buffer.from(text);
    for (let length = 0; length <= bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const whole = bytes.subarray(0, length).lastIndexOf(10) + 1;
      const lines = bytes.subarray(0, whole).toString().split("\n").slice(0, -1);
      const expected = lines.map((line) => JSON.parse(line) as unknown);
      expect(await readJournal(path)).toEqual(expected);
      const journal = await openJournal(path);
      expect(statSync(path).size).toBe(whole);
      await journal.append({ next: length });
      await journal.close();
      expect(await readJournal(path)).toEqual([...expected, { next: length }]);
    }
  });

  it("takes a last line of zeros, as file systems leave after a power cut, for half-written", async () => {
    const path = scratch();
    writeFileSync(path, '{"i":0}\n\0\0\0\0\n');
    expect(await readJournal(path)).toEqual([{ i: 0 }]);
    await (await openJournal(path)).close();
    expect(readFileSync(path, "utf8")).toBe('{"i":0}\n');
  });

  it("names the line that is broken in the middle and touches nothing", async () => {
    const path = scratch();
    const text = '{"i":0}\n{"i":\n{"i":2}\n';
    writeFileSync(path, text);
    await expect(readJournal(path)).rejects.toThrow(`${path}:2: expected one JSON record per line`);
    await expect(openJournal(path)).rejects.toThrow(`${path}:2`);
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("reads nothing from a file that is not there, and refuses a directory", async () => {
    const path = scratch();
    expect(await readJournal(path)).toEqual([]);
    await expect(readJournal(join(path, ".."))).rejects.toThrow("expected a readable journal");
    await expect(openJournal(join(path, ".."))).rejects.toThrow("a directory of that name");
  });

  it("reports a full disk on append and on every later one", async () => {
    const { open: real } = await vi.importActual<typeof import("node:fs/promises")>("node:fs/promises");
    const path = scratch();
    vi.mocked(open).mockImplementationOnce(async (...args) => {
      const handle: FileHandle = await real(...args);
      const append = handle.appendFile.bind(handle);
      let calls = 0;
      handle.appendFile = (data, options) => {
        if (++calls < 2) return append(data, options);
        // A full disk takes a part of the line.
        appendFileSync(path, '{"i":');
        return Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" }));
      };
      return handle;
    });
    const journal = await openJournal(path);
    await journal.append({ i: 0 });
    await expect(journal.append({ i: 1 })).rejects.toThrow("a full disk (ENOSPC)");
    await expect(journal.append({ i: 2 })).rejects.toThrow("a full disk (ENOSPC)");
    await expect(journal.close()).rejects.toThrow("a full disk (ENOSPC)");
    await expect(journal.append({ i: 3 })).rejects.toThrow("after close");
    expect(await readJournal(path)).toEqual([{ i: 0 }]);
  });
});
