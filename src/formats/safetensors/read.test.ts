import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LintelError } from "../../util/index.ts";
import { dtypes } from "./dtype.ts";
import {
  byteLength,
  float32,
  parseSafetensorsHeader,
  readSafetensors,
  readSafetensorsHeader,
  type Tensor,
  toFloat32,
} from "./read.ts";
import { streamSafetensors, writeSafetensors } from "./write.ts";

const directory = mkdtempSync(join(tmpdir(), "lintel-safetensors-"));
let count = 0;
const fresh = (): string => join(directory, `${count++}.safetensors`);
const written = (bytes: Uint8Array): string => {
  const path = fresh();
  writeFileSync(path, bytes);
  return path;
};
const goldens = new URL("../../../test/goldens/safetensors/", import.meta.url).pathname;

describe("hostile files", () => {
  it("names a missing file and a directory", async () => {
    await expect(readSafetensors("/nowhere/x.safetensors")).rejects.toThrow(/x.safetensors.*no such file/);
    await expect(readSafetensors(directory)).rejects.toThrow(/a directory/);
  });

  it("refuses every truncation of a good file", async () => {
    const path = fresh();
    await writeSafetensors(path, new Map([["w", float32([3], new Float32Array(3))]]), { format: "pt" });
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length++) {
      const failure = await readSafetensors(written(bytes.subarray(0, length))).catch(
        (caught: unknown) => caught,
      );
      expect(failure, `${length} bytes`).toBeInstanceOf(LintelError);
    }
  });

  it("survives 10,000 mutated headers: a valid reading or a LintelError, nothing else", () => {
    const good = readFileSync(join(goldens, "types.safetensors"));
    const length = Number(good.readBigUInt64LE(0));
    const header = good.subarray(8, 8 + length);
    const interesting = [...'{}[]",:0129-eE.\\u \n\0'].map((char) => char.charCodeAt(0)).concat(0xff, 0xc0);
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(length - 1), fc.constantFrom(...interesting), fc.nat(2)), {
          minLength: 1,
          maxLength: 4,
        }),
        (edits) => {
          let bytes = [...header];
          for (const [at, byte, how] of edits) {
            if (how === 0) bytes[at] = byte;
            else if (how === 1) bytes.splice(at, 1);
            else bytes = [...bytes.slice(0, at), byte, ...bytes.slice(at)];
          }
          const fileLength = good.length - length + bytes.length;
          try {
            const { tensors } = parseSafetensorsHeader(Uint8Array.from(bytes), fileLength, "mutant");
            let end = 8 + bytes.length;
            for (const { dtype, shape, offset, length: size } of tensors.values()) {
              expect(offset).toBe(end);
              expect(size).toBe(byteLength(dtype, shape));
              end += size;
            }
            expect(end).toBe(fileLength);
          } catch (error) {
            if (!(error instanceof LintelError)) throw error;
            refused++;
          }
        },
      ),
      { numRuns: 10_000, seed: 1 },
    );
    expect(refused).toBeGreaterThan(5_000);
  });
});

describe("reading what the Python package wrote", () => {
  const golden = JSON.parse(readFileSync(join(goldens, "types.json"), "utf8")) as {
    tensors: Record<string, { shape: number[]; values: (number | string)[] }>;
  };
  // JSON.parse makes "__proto__" an own property, and Object.entries lists it
  const expected = Object.entries(golden.tensors);

  it("gives every value of every type", async () => {
    const tensors = await readSafetensors(join(goldens, "types.safetensors"));
    expect([...tensors.keys()].sort()).toEqual(expected.map(([name]) => name).sort());
    let compared = 0;
    for (const [name, { shape, values }] of expected) {
      const tensor = tensors.get(name)!;
      expect(tensor.shape, name).toEqual(shape);
      if (tensor.dtype === "F8_E4M3") continue;
      const want = values.map((value) =>
        value === "inf" ? Number.POSITIVE_INFINITY : Math.fround(value as number),
      );
      expect([...toFloat32(tensor)], name).toEqual(want);
      compared++;
    }
    expect(compared).toBe(expected.length - 1);
  });

  it("writes back the same bytes", async () => {
    const source = join(goldens, "types.safetensors");
    const path = fresh();
    const { metadata } = await readSafetensorsHeader(source);
    await writeSafetensors(path, await readSafetensors(source), Object.fromEntries(metadata));
    expect(readFileSync(path).equals(readFileSync(source))).toBe(true);
  });

  it("reads only what is asked for, and says what is not there", async () => {
    const source = join(goldens, "types.safetensors");
    expect([...(await readSafetensors(source, ["int8", "scalar"])).keys()]).toEqual(["scalar", "int8"]);
    await expect(readSafetensors(source, ["int9"])).rejects.toThrow(/a tensor "int9"/);
  });
});

describe("conversion to float32", () => {
  it("gives all 65,536 halves and bfloat16s the value their bits mean", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const brain = toFloat32({ dtype: "BF16", shape: [65536], data: bits });
    const half = toFloat32({ dtype: "F16", shape: [65536], data: bits });
    const view = new DataView(new ArrayBuffer(4));
    const wrong: string[] = [];
    for (let i = 0; i < 65536; i++) {
      view.setUint32(0, i * 65536);
      if (!Object.is(brain[i], view.getFloat32(0))) wrong.push(`bfloat16 ${i}`);
      // independent of the table: shift into place as a float32 and scale by 2^112
      view.setUint32(0, (((i & 0x8000) << 16) | ((i & 0x7fff) << 13)) >>> 0);
      const exponent = (i >> 10) & 31;
      const scaled = view.getFloat32(0) * 2 ** 112;
      const special = i & 1023 ? Number.NaN : i & 0x8000 ? -Infinity : Infinity;
      if (!Object.is(half[i], exponent < 31 ? scaled : special)) wrong.push(`half ${i}`);
    }
    expect(wrong).toEqual([]);
  });

  it("refuses types that hold no plain numbers", () => {
    expect(() => toFloat32({ dtype: "F8_E4M3", shape: [1], data: new Uint8Array(1) })).toThrow(/got F8_E4M3/);
  });
});

describe("writing", () => {
  const name = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => text !== "__metadata__");
  const dtype = fc.constantFrom(...(Object.keys(dtypes) as (keyof typeof dtypes)[]));
  const tensor: fc.Arbitrary<Tensor> = fc
    .tuple(dtype, fc.array(fc.nat(4), { maxLength: 3 }), fc.nat(255))
    .map(([type, shape, seed]) => {
      // sizes in whole bytes also for 4- and 6-bit types
      const whole = [...shape, 4];
      const bytes = Uint8Array.from({ length: byteLength(type, whole)! }, (_, i) => (seed + i * 37) & 255);
      return { dtype: type, shape: whole, data: new dtypes[type].array(bytes.buffer) };
    });

  it("round-trips any tensors and metadata, in equal bytes whatever the order of insertion", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 }),
        fc.dictionary(
          fc.string({ unit: "grapheme", maxLength: 5 }),
          fc.string({ unit: "grapheme", maxLength: 5 }),
        ),
        async (entries, metadata) => {
          const [first, second] = [fresh(), fresh()];
          await writeSafetensors(first, new Map(entries), metadata);
          await writeSafetensors(second, new Map([...entries].reverse()), metadata);
          const bytes = readFileSync(first);
          expect(bytes.equals(readFileSync(second))).toBe(true);
          expect(Number(bytes.readBigUInt64LE(0)) % 8).toBe(0);
          expect(bytes[8]).toBe(0x7b);
          const back = await readSafetensors(first);
          expect(back.size).toBe(entries.length);
          for (const [key, { dtype: type, shape, data }] of entries) {
            const found = back.get(key)!;
            expect([found.dtype, found.shape, found.data.constructor]).toEqual([
              type,
              shape,
              data.constructor,
            ]);
            expect(Buffer.from(found.data.buffer).equals(Buffer.from(data.buffer))).toBe(true);
          }
          const header = await readSafetensorsHeader(first);
          expect([...header.metadata].sort()).toEqual(Object.entries(metadata).sort());
          for (const { dtype: type, offset } of header.tensors.values())
            expect(offset % Math.ceil(dtypes[type].bits / 8)).toBe(0);
        },
      ),
      { numRuns: 100, seed: 2 },
    );
  });

  it("writes a view's part of its buffer only", async () => {
    const path = fresh();
    await writeSafetensors(
      path,
      new Map([["w", float32([2], new Float32Array([1, 2, 3, 4]).subarray(1, 3))]]),
    );
    expect([...(await readSafetensors(path)).get("w")!.data]).toEqual([2, 3]);
  });

  it("refuses what it could not read again, and leaves the old file and no litter", async () => {
    const path = fresh();
    await writeSafetensors(path, new Map([["w", float32([1], new Float32Array([5]))]]));
    const before = readdirSync(directory).length;
    const wrong = { dtype: "F32", shape: [2], data: new Float32Array(3) } as const;
    const wrongArray = { dtype: "F32", shape: [2], data: new Int32Array(2) } as const;
    await expect(writeSafetensors(path, new Map([["w", { ...wrong, shape: [2] }]]))).rejects.toThrow(
      /of 8 bytes/,
    );
    await expect(writeSafetensors(path, new Map([["w", { ...wrongArray, shape: [2] }]]))).rejects.toThrow(
      /a Float32Array/,
    );
    const good = float32([1], new Float32Array(1));
    await expect(writeSafetensors(path, new Map([["__metadata__", good]]))).rejects.toThrow(
      /other than __metadata__/,
    );
    await expect(writeSafetensors(path, new Map([["\ud800", good]]))).rejects.toThrow(/valid Unicode/);
    await expect(writeSafetensors("/nowhere/w.safetensors", new Map([["w", good]]))).rejects.toThrow(
      LintelError,
    );
    expect([...(await readSafetensors(path)).get("w")!.data]).toEqual([5]);
    expect(readdirSync(directory)).toHaveLength(before);
  });
});

describe("streamSafetensors", () => {
  const entries = [
    ["a", { dtype: "F32" as const, shape: [2] }],
    ["b", { dtype: "U8" as const, shape: [3] }],
  ] as const;

  it("writes the bytes that the whole writer writes", async () => {
    const [whole, pieces] = [fresh(), fresh()];
    const [a, b] = [new Float32Array([1, 2]), new Uint8Array([3, 4, 5])];
    await writeSafetensors(
      whole,
      new Map<string, Tensor>([
        ["a", { dtype: "F32", shape: [2], data: a }],
        ["b", { dtype: "U8", shape: [3], data: b }],
      ]),
    );
    await streamSafetensors(pieces, entries, (name) =>
      name === "a" ? [new Uint8Array(a.buffer)] : [b.subarray(0, 1), b.subarray(1)],
    );
    expect(readFileSync(pieces).equals(readFileSync(whole))).toBe(true);
  });

  it("leaves nothing behind where the pieces do not add up, or fail", async () => {
    const before = readdirSync(directory);
    const path = fresh();
    await expect(streamSafetensors(path, entries, () => [new Uint8Array(8)])).rejects.toThrow(
      /tensor "b": expected 3 bytes, got 8/,
    );
    const failing = (): Iterable<Uint8Array> => {
      throw new Error("no more");
    };
    await expect(streamSafetensors(path, entries, failing)).rejects.toThrow("no more");
    expect(readdirSync(directory)).toEqual(before);
  });
});
