import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LOCK_FILE } from "../../util/index.ts";
import { encodePng } from "../images/png.ts";
import { imageSize } from "../images/size.ts";
import { differences, digestOf, sha256Of } from "./fingerprint.ts";
import { type Claim, claim, compareClaim, contentsOf, REQUEST_FILE } from "./request-file.ts";

let directory: string;
const at = (name: string): string => join(directory, name);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lintel-request-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const request = (inputs: Claim["inputs"] = { data: { examples: 3 } }): Claim => ({
  kind: "example",
  what: "an example",
  inputs,
});

describe("claim", () => {
  it("records a new directory, knows the same request, and names what differs in another", async () => {
    expect(await claim(directory, request())).toBe("new");
    const before = readFileSync(at(REQUEST_FILE), "utf8");
    expect(JSON.parse(before)).toMatchObject({
      kind: "example",
      inputs: { lintel: { version: expect.any(String) } },
    });
    expect(await claim(directory, request())).toBe("same");
    await expect(claim(directory, request({ data: { examples: 4 } }))).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(/data: examples is 4, was 3.*nothing there was changed/),
    });
    await expect(claim(directory, { ...request(), kind: "other" })).rejects.toThrow(
      /one with the results of example/,
    );
    expect(readFileSync(at(REQUEST_FILE), "utf8")).toBe(before);
  });

  it("takes what killed writes and locks leave for nothing, and removes it", async () => {
    const traces = [
      `${LOCK_FILE}.0123456789ab`,
      ".train.jsonl.0123456789ab.tmp",
      ".asked.json.ffffffffffff.tmp",
    ];
    for (const name of [...traces, LOCK_FILE]) writeFileSync(at(name), "");
    expect(await compareClaim(directory, request())).toBe("new");
    expect(readdirSync(directory)).toHaveLength(4);
    await claim(directory, request());
    expect(readdirSync(directory).sort()).toEqual([LOCK_FILE, REQUEST_FILE]);
  });

  it("refuses anything of somebody else's, hidden files and directories too", async () => {
    for (const name of [".notes.tmp", ".git", "x.0123456789ab.tmp", `${LOCK_FILE}.old`]) {
      writeFileSync(at(name), "");
      await expect(claim(directory, request())).rejects.toThrow(`got one with ${name}`);
      rmSync(at(name));
    }
    mkdirSync(at("sub"));
    await expect(claim(directory, request())).rejects.toThrow("got one with sub");
    expect(await contentsOf(directory)).toEqual(["sub"]);
  });

  it.each([
    "",
    "{",
    "[]",
    "null",
    "{}",
    '{"format":"lintel-request","version":2,"kind":"example","inputs":{}}',
  ])("refuses a record that is none: %s", async (text) => {
    writeFileSync(at(REQUEST_FILE), text);
    await expect(claim(directory, request())).rejects.toThrow(/another|request\.json/);
    expect(readFileSync(at(REQUEST_FILE), "utf8")).toBe(text);
  });
});

describe("digests", () => {
  it("are of values, not of the order of keys or of bytes' views", () => {
    const bytes = new Uint8Array([0, 1, 2]);
    expect(digestOf([{ a: 1, b: bytes.subarray(1) }])).toBe(
      digestOf([{ b: new Uint8Array([1, 2]), a: 1, c: undefined }]),
    );
    const all = [
      [[1, 2]],
      [[1], [2]],
      ["1,2"],
      [1, 2],
      [{ 0: 1, 1: 2 }],
      [null],
      [Number.NaN],
      [0],
      [],
      [bytes],
      ["0,1,2"],
    ];
    expect(new Set(all.map(digestOf)).size).toBe(all.length);
  });

  it("of a large file are read again when anything of it changed, its times set back or not", async () => {
    vi.stubEnv("LINTEL_CACHE", at("cache"));
    const path = at("large");
    writeFileSync(path, Buffer.alloc((64 << 20) + 1));
    const first = await sha256Of(path);
    const old = new Date(2020, 1, 1);
    utimesSync(path, old, old);
    expect(await sha256Of(path)).toBe(first);
    const changed = Buffer.alloc((64 << 20) + 1);
    changed[5] = 1;
    writeFileSync(path, changed);
    utimesSync(path, old, old);
    expect(await sha256Of(path)).not.toBe(first);
  });

  it("name groups that are missing, and cut what is long", () => {
    expect(differences({ a: { x: 1 } }, { b: { y: "z".repeat(99) } })).toEqual([
      "a is none, was given",
      "b is given, was none",
    ]);
    const [text] = differences({ a: { x: "z".repeat(99) } }, { a: { x: "f".repeat(64) } });
    expect(text).toBe(`a: x is SHA-256 ffffffff…, was ${"z".repeat(60)}…`);
  });
});

describe("imageSize", () => {
  it("reads headers of PNG and JPEG, and nothing else", async () => {
    expect(imageSize(encodePng({ width: 7, height: 3, pixels: new Uint8Array(63) }))).toEqual({
      width: 7,
      height: 3,
    });
    const { default: sharp } = await import("sharp");
    const made = sharp({ create: { width: 31, height: 17, channels: 3, background: "#fff" } });
    for (const options of [{}, { progressive: true }])
      expect(imageSize(await made.clone().jpeg(options).toBuffer())).toEqual({ width: 31, height: 17 });
    expect(imageSize(await made.clone().webp().toBuffer())).toBeNull();
    for (const bytes of [[], [0xff], [0xff, 0xd8], [0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0]])
      expect(imageSize(Uint8Array.from(bytes))).toBeNull();
  });
});
