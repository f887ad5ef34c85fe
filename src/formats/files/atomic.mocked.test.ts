import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LintelError } from "../../util/index.ts";
import { ensureDirectory, openAtomic, writeFileAtomic } from "./atomic.ts";

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return { ...real, open: vi.fn(real.open) };
});

const scratch = () => mkdtempSync(join(tmpdir(), "lintel-atomic-"));
const errno = (code: string) => Object.assign(new Error(code), { code });

afterEach(() => {
  vi.mocked(open).mockClear();
});

/** Makes the next opened file fail with `code` in the given call. */
async function failIn(call: "writeFile" | "sync", code: string) {
  const { open: real } = await vi.importActual<typeof import("node:fs/promises")>("node:fs/promises");
  vi.mocked(open).mockImplementationOnce(async (...args) => {
    const handle: FileHandle = await real(...args);
    handle[call] = () => Promise.reject(errno(code));
    return handle;
  });
}

describe("writeFileAtomic", () => {
  it("replaces a file and leaves nothing else behind", async () => {
    const path = join(scratch(), "a.json");
    await writeFileAtomic(path, "one");
    await writeFileAtomic(path, new TextEncoder().encode("two"));
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(readdirSync(join(path, ".."))).toEqual(["a.json"]);
  });

  it.each([
    ["writeFile", "ENOSPC", "a full disk (ENOSPC)"],
    ["sync", "EIO", "EIO"],
  ] as const)(
    "keeps the old file and removes the temporary one when %s fails with %s",
    async (call, code, words) => {
      const path = join(scratch(), "a.json");
      writeFileSync(path, "old");
      await failIn(call, code);
      const error = await writeFileAtomic(path, "new").catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(LintelError);
      expect((error as LintelError).code).toBe("output");
      expect((error as LintelError).message).toContain(path);
      expect((error as LintelError).message).toContain(words);
      expect(readFileSync(path, "utf8")).toBe("old");
      expect(readdirSync(join(path, ".."))).toEqual(["a.json"]);
    },
  );

  it("names a read-only directory", async () => {
    vi.mocked(open).mockRejectedValueOnce(errno("EROFS"));
    await expect(writeFileAtomic("/somewhere/a.json", "x")).rejects.toThrow(
      "/somewhere/a.json: expected to be able to write, got a read-only file system (EROFS)",
    );
  });

  it("names a missing directory and a target that is a directory", async () => {
    const dir = scratch();
    await expect(writeFileAtomic(join(dir, "none", "a"), "x")).rejects.toThrow("no such directory (ENOENT)");
    mkdirSync(join(dir, "taken"));
    await expect(writeFileAtomic(join(dir, "taken"), "x")).rejects.toThrow("a directory of that name");
    expect(readdirSync(dir)).toEqual(["taken"]);
  });
});

describe("openAtomic", () => {
  it("shows nothing before commit and nothing after abort", async () => {
    const dir = scratch();
    const file = await openAtomic(join(dir, "big.bin"));
    await file.write(new Uint8Array([1, 2]));
    await file.write(new Uint8Array([3]));
    expect(readdirSync(dir)).not.toContain("big.bin");
    await file.commit(join(dir, "named-later.bin"));
    expect([...readFileSync(join(dir, "named-later.bin"))]).toEqual([1, 2, 3]);
    const other = await openAtomic(join(dir, "other.bin"));
    await other.abort();
    expect(readdirSync(dir)).toEqual(["named-later.bin"]);
  });
});

describe("ensureDirectory", () => {
  it("makes parents, accepts what is there, and refuses a path through a file", async () => {
    const dir = scratch();
    expect(await ensureDirectory(join(dir, "a", "b"))).toBe(join(dir, "a", "b"));
    await ensureDirectory(join(dir, "a", "b"));
    writeFileSync(join(dir, "file"), "");
    await expect(ensureDirectory(join(dir, "file", "c"))).rejects.toThrow("(ENOTDIR)");
    await expect(ensureDirectory(join(dir, "file"))).rejects.toThrow("(EEXIST)");
  });

  it("does not wait for ever where the system takes no directories", async () => {
    await expect(ensureDirectory("/proc/lintel/a")).rejects.toThrow(
      "/proc/lintel/a: expected to be able to write",
    );
  });
});
