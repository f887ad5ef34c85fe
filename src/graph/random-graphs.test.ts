import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSession, evaluateDim, float32 } from "./index.ts";
import { encodeModel } from "./onnx/encode.ts";
import { build, type Step, steps } from "./random-graphs.fixture.ts";

describe("random graphs", () => {
  it("are accepted by ONNX Runtime, with the shapes that were inferred", async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (program, M, N) => {
          const g = build(program, { M, N });
          const session = await createSession(g, { threads: 1 });
          try {
            const values = await session.run({
              x: float32(
                Float32Array.from({ length: M * N }, (_, i) => Math.sin(i)),
                [M, N],
              ),
              y: float32(
                Float32Array.from({ length: N * 3 }, (_, i) => Math.cos(i)),
                [N, 3],
              ),
            });
            for (const [name, t] of g.outputs) {
              expect(values[name]!.shape, name).toEqual(t.shape.map((dim) => evaluateDim(dim, { M, N })));
              expect(values[name]!.dtype).toBe(t.dtype);
            }
          } finally {
            await session.release();
          }
        },
      ),
      { numRuns: 1000, seed: 1 },
    );
  });

  it("are encoded alike when they are built alike, and otherwise not", () => {
    const sum = (program: Step[]) =>
      createHash("sha256")
        .update(encodeModel(build(program, { M: 2, N: 2 })))
        .digest("hex");
    fc.assert(
      fc.property(steps, (program) => {
        expect(sum(program)).toBe(sum(structuredClone(program)));
      }),
      { numRuns: 50, seed: 2 },
    );
    expect(sum([{ kind: 0, a: 0, b: 0 }])).not.toBe(sum([{ kind: 1, a: 0, b: 0 }]));
  });
});
