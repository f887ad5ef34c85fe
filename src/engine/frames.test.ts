import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, type Frame, frameReader } from "./frames.ts";

const framesOf = (chunks: readonly Buffer[]): { frames: Frame[]; noise: string } => {
  const frames: Frame[] = [];
  let noise = "";
  const read = frameReader(
    (frame) => frames.push(frame),
    (text) => {
      noise += text;
    },
  );
  for (const chunk of chunks) read(chunk);
  return { frames, noise };
};

const tensors = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,5}$/),
  fc.oneof(
    fc.array(fc.float({ noNaN: true })).map((values) => Float32Array.from(values)),
    fc.array(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })).map((values) => Int32Array.from(values)),
    fc.uint8Array({ maxLength: 9 }).map((values) => Uint8Array.from(values)),
  ),
  { maxKeys: 4, noNullPrototype: true },
);

describe("frames", () => {
  it("come back as they were sent, however they are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: fc.nat(), text: fc.string(), parts: tensors }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (sent, cuts) => {
          const all = sent.map(
            ({ id, text, parts }): Frame => ({
              header: { id, text },
              tensors: Object.fromEntries(
                Object.entries(parts).map(([name, data]) => [name, { shape: [data.length], data }]),
              ),
            }),
          );
          // Engines end every frame with a newline; Lintel does not.
          const bytes = Buffer.concat(
            all.flatMap((frame, i) => [...encodeFrame(frame), Buffer.alloc(i % 2, "\n")]),
          );
          const chunks: Buffer[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = cuts[i % cuts.length]!;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(framesOf(chunks)).toEqual({ frames: all, noise: "" });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keep bits that are no numbers", () => {
    const data = new Float32Array(Uint32Array.of(0x7fc12345, 0x80000000).buffer);
    const { frames } = framesOf(encodeFrame({ header: {}, tensors: { data: { shape: [2], data } } }));
    expect(new Uint32Array((frames[0]!.tensors.data!.data as Float32Array).buffer)).toEqual(
      Uint32Array.of(0x7fc12345, 0x80000000),
    );
  });

  it("begin behind whatever a login prints, even where that looks like their mark", () => {
    const frame = encodeFrame({ header: { event: "ready" }, tensors: {} });
    for (const text of ["Welcome to gpu01\n", "LN", "LN LNX", ""]) {
      const bytes = [...Buffer.from(text)].map((byte): Buffer => Buffer.of(byte));
      const { frames, noise } = framesOf([...bytes, ...frame]);
      expect(frames.map(({ header }) => header)).toEqual([{ event: "ready" }]);
      expect(noise).toBe(text);
    }
  });

  it("are refused where bytes stand between them, or sizes are out of all reason", () => {
    const frame = Buffer.concat(encodeFrame({ header: { id: 1 }, tensors: {} }));
    expect(() => framesOf([frame, Buffer.from("print('hello')")])).toThrow(/expected a frame/);
    const long = Buffer.from(frame);
    long.writeUInt32LE(2 ** 31, 4);
    expect(() => framesOf([long])).toThrow(/sensible size/);
    const shape = (dtype: string, size: number): Buffer => {
      const text = Buffer.from(JSON.stringify({ tensors: [{ name: "x", dtype, shape: [size] }] }));
      const head = Buffer.alloc(12);
      head.write("LNTL");
      head.writeUInt32LE(text.length, 4);
      return Buffer.concat([head, text]);
    };
    expect(() => framesOf([shape("float32", 2 ** 40)])).toThrow(/float32 \[1099511627776\]/);
    expect(() => framesOf([shape("complex", 1)])).toThrow(/complex/);
  });
});
