import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LintelError } from "../../util/index.ts";
import { readSafetensors } from "./read.ts";

const directory = mkdtempSync(join(tmpdir(), "lintel-attacks-"));
let count = 0;
function written(bytes: Uint8Array): string {
  const path = join(directory, `${count++}.safetensors`);
  writeFileSync(path, bytes);
  return path;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A file: length field, header, `data` bytes of zeros. The length field can lie. */
function fileOf(header: string | Uint8Array, data = 0, length?: bigint): Uint8Array {
  const head = typeof header === "string" ? encode(header) : header;
  const bytes = new Uint8Array(8 + head.length + data);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(head.length), true);
  bytes.set(head, 8);
  return bytes;
}

const entry = (dtype: string, shape: string, begin: number | string, end: number | string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
const one = (dtype: string, shape: string, begin: number | string, end: number | string): string =>
  `{"w":${entry(dtype, shape, begin, end)}}`;
const two = (first: string, second: string): string => `{"a":${first},"b":${second}}`;
const f32 = (begin: number, end: number): string => entry("F32", "[1]", begin, end);

/** Files that a reader of untrusted data must refuse, each with the words its error must contain. */
const attacks: [string, Uint8Array, RegExp][] = [
  ["empty file", new Uint8Array(0), /at least the 8 bytes.*got 0 bytes/],
  ["seven bytes", new Uint8Array(7), /at least the 8 bytes.*got 7 bytes/],
  [
    "header over the cap",
    fileOf("{}", 0, 100_000_001n),
    /at most 100000000 bytes, got a header length of 100000001/,
  ],
  ["header length of 2^64 - 1", fileOf("{}", 0, 2n ** 64n - 1n), /header length of 18446744073709551615/],
  ["header longer than the file", fileOf("{}", 0, 3n), /header of 3 bytes inside the file/],
  ["a pickle", encode("\u0080\u0002}q\u0000(X\u0001\u0000\u0000"), /at most 100000000 bytes/],
  ["no header at all", fileOf(""), /JSON, got an unexpected end at character 0/],
  ["not UTF-8", fileOf(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])), /header: expected UTF-8/],
  [
    "surrogate in UTF-8",
    fileOf(new Uint8Array([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d])),
    /header: expected UTF-8/,
  ],
  ["byte order mark", fileOf("\ufeff{}"), /an unexpected character at character 0/],
  ["no JSON", fileOf("{w}"), /expected a string at character 1/],
  ["single quotes", fileOf("{'w':1}"), /expected a string at character 1/],
  ["an array", fileOf("[]"), /a JSON object, got an array/],
  ["a string", fileOf('"{}"'), /a JSON object, got "\{\}"/],
  ["null", fileOf("null"), /a JSON object, got null/],
  ["two values", fileOf("{}{}"), /something after the value at character 2/],
  ["zero bytes after the value", fileOf("{}\0\0"), /something after the value at character 2/],
  ["trailing comma", fileOf('{"w":1,}'), /expected a string at character 7/],
  ["unclosed object", fileOf('{"w":{'), /expected a string at character 6|expected "\}"/],
  ["unclosed string", fileOf('{"w'), /a string without end at character 1/],
  ["bad escape", fileOf('{"\\x":1}'), /a bad escape in a string at character 1/],
  ["lone surrogate", fileOf('{"\\ud800":1}'), /a lone surrogate in a string at character 1/],
  ["raw newline in a name", fileOf('{"a\nb":1}'), /a control character in a string/],
  ["deep nesting", fileOf(`{"w":${"[".repeat(200_000)}`), /nesting deeper than 16/],
  ["tensor twice", fileOf(`{"w":${f32(0, 4)},"w":${f32(0, 4)}}`, 4), /the key "w" twice/],
  ["tensor twice by escape", fileOf(`{"w":${f32(0, 4)},"\\u0077":${f32(4, 8)}}`, 8), /the key "w" twice/],
  [
    "dtype twice",
    fileOf('{"w":{"dtype":"F32","dtype":"F16","shape":[1],"data_offsets":[0,4]}}', 4),
    /the key "dtype" twice/,
  ],
  ["metadata twice", fileOf('{"__metadata__":{},"__metadata__":{}}'), /the key "__metadata__" twice/],
  [
    "metadata an array",
    fileOf('{"__metadata__":[]}'),
    /__metadata__: expected an object of strings, got an array/,
  ],
  ["metadata null", fileOf('{"__metadata__":null}'), /__metadata__: expected an object of strings, got null/],
  [
    "metadata with a number",
    fileOf('{"__metadata__":{"n":1}}'),
    /__metadata__ entry "n": expected a string, got 1/,
  ],
  ["__proto__ a number", fileOf('{"__proto__":7}'), /tensor "__proto__": expected an object with dtype/],
  [
    "__proto__ of a wrong size",
    fileOf(`{"__proto__":${entry("F32", "[2]", 0, 4)}}`, 4),
    /tensor "__proto__": expected 8 bytes/,
  ],
  [
    "__proto__ for the fields",
    fileOf('{"w":{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}}', 4),
    /a dtype, a string, got nothing/,
  ],
  ["unknown dtype", fileOf(one("F31", "[1]", 0, 4), 4), /the unknown dtype "F31"/],
  ["dtype in lower case", fileOf(one("f32", "[1]", 0, 4), 4), /the unknown dtype "f32"/],
  ["dtype constructor", fileOf(one("constructor", "[1]", 0, 4), 4), /the unknown dtype "constructor"/],
  ["dtype __proto__", fileOf(one("__proto__", "[1]", 0, 4), 4), /the unknown dtype "__proto__"/],
  [
    "dtype a number",
    fileOf('{"w":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}', 4),
    /a dtype, a string, got 4/,
  ],
  [
    "no shape",
    fileOf('{"w":{"dtype":"F32","data_offsets":[0,4]}}', 4),
    /a shape, an array of integers, got nothing/,
  ],
  ["shape a number", fileOf(one("F32", "1", 0, 4), 4), /a shape, an array of integers, got 1/],
  ["negative size", fileOf(one("F32", "[-1]", 0, 4), 4), /shape sizes that are integers.*got -1/],
  ["two negative sizes", fileOf(one("F32", "[-1,-1]", 0, 4), 4), /shape sizes that are integers.*got -1/],
  ["fractional size", fileOf(one("F32", "[1.0]", 0, 4), 4), /shape sizes that are integers.*got 1\.0/],
  [
    "size in scientific notation",
    fileOf(one("F32", "[1e0]", 0, 4), 4),
    /shape sizes that are integers.*got 1e0/,
  ],
  ["size a string", fileOf(one("F32", '["1"]', 0, 4), 4), /shape sizes that are integers.*got "1"/],
  [
    "size 2^53",
    fileOf(one("U8", "[9007199254740992]", 0, 4), 4),
    /shape sizes that are integers.*got 9007199254740992/,
  ],
  [
    "size that rounds to another",
    fileOf(one("U8", "[9007199254740993]", 0, 4), 4),
    /shape sizes.*got 9007199254740993/,
  ],
  [
    "shape overflowing 2^64 to 1",
    fileOf(one("U8", "[4294967296,4294967296]", 0, 1), 1),
    /whole bytes below 2\^53/,
  ],
  [
    "bytes overflowing",
    fileOf(one("F64", "[2251799813685248]", 0, 4), 4),
    /whole bytes below 2\^53, got 2251799813685248 of F64/,
  ],
  ["half a byte", fileOf(one("F4", "[3]", 0, 2), 2), /whole bytes below 2\^53, got 3 of F4/],
  ["three quarters", fileOf(one("F6_E2M3", "[2]", 0, 2), 2), /whole bytes below 2\^53, got 2 of F6_E2M3/],
  [
    "range shorter than the shape",
    fileOf(one("F32", "[2]", 0, 4), 4),
    /8 bytes of data for 2 of F32, got a range of 4 bytes/,
  ],
  [
    "range longer than the shape",
    fileOf(one("F32", "[]", 0, 8), 8),
    /4 bytes of data for scalar of F32, got a range of 8/,
  ],
  [
    "no offsets",
    fileOf('{"w":{"dtype":"F32","shape":[1]}}', 4),
    /data_offsets, an array of two integers, got nothing/,
  ],
  [
    "three offsets",
    fileOf('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 8),
    /two integers, got 3 items/,
  ],
  ["reversed offsets", fileOf(one("F32", "[1]", 4, 0), 4), /ascending order, got the reversed range 4 to 0/],
  ["negative offset", fileOf(one("F32", "[1]", -4, 0), 4), /data_offsets that are integers.*got -4/],
  [
    "offset over 2^53",
    fileOf(one("F32", "[1]", "9007199254740993", "9007199254740997"), 4),
    /data_offsets that are integers/,
  ],
  ["range beyond the file", fileOf(one("F32", "[2]", 0, 8), 4), /beyond the 4 bytes of data: truncated/],
  ["offset into nowhere", fileOf(one("F32", "[1]", 400, 404), 4), /beyond the 4 bytes of data: truncated/],
  ["hole at the start", fileOf(one("F32", "[1]", 4, 8), 8), /tensor "w".*with a hole before it/],
  ["hole between", fileOf(two(f32(0, 4), f32(8, 12)), 12), /tensor "b".*with a hole before it/],
  ["full overlap", fileOf(two(f32(0, 4), f32(0, 4)), 4), /tensor "b".*an overlap with another tensor/],
  ["partial overlap", fileOf(two(entry("F32", "[2]", 0, 8), f32(4, 8)), 8), /tensor "b".*an overlap/],
  [
    "empty tensor inside another",
    fileOf(two(f32(0, 4), entry("F32", "[0]", 2, 2)), 4),
    /tensor "b".*an overlap/,
  ],
  ["empty tensor beyond the end", fileOf(one("F32", "[0]", 4, 4), 0), /beyond the 0 bytes of data/],
  ["data of no tensor", fileOf("{}", 4), /4 bytes more that belong to no tensor/],
  ["trailing bytes", fileOf(one("F32", "[1]", 0, 4), 5), /1 bytes more that belong to no tensor/],
];

describe("hostile files", () => {
  it.each(attacks)("%s", async (_name, bytes, error) => {
    const path = written(bytes);
    const failure = await readSafetensors(path).catch((caught: unknown) => caught);
    expect(failure).toBeInstanceOf(LintelError);
    expect((failure as LintelError).code).toBe("checkpoint");
    expect((failure as LintelError).message).toContain(path);
    expect((failure as LintelError).message).toMatch(error);
  });
});

describe("what must be accepted", () => {
  it.each([
    ["leading white space", ' \n\t{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1],
    ["trailing spaces", '{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}    ', 1],
    [
      "ranges out of the order of names",
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      2,
    ],
    [
      "an empty tensor between others",
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"e":{"dtype":"U8","shape":[0,5],"data_offsets":[1,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      2,
    ],
    [
      "a field unknown to us",
      '{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"note":[null,true,-1.5e3]}}',
      1,
    ],
    ["nothing at all", "{}", 0],
  ])("%s", async (_name, header, data) => {
    const bytes = fileOf(header, data);
    bytes.subarray(bytes.length - data).set(Array.from({ length: data }, (_, i) => 40 + i));
    const tensors = await readSafetensors(written(bytes));
    expect([...tensors.keys()].filter((name) => name === "w")).toHaveLength(header === "{}" ? 0 : 1);
    if (header.includes('"a"'))
      expect([...tensors.get("a")!.data]).toEqual([header.includes('"e"') ? 40 : 41]);
  });
});
