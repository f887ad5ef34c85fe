import { describe, expect, it } from "vitest";
import { createGraph, createSession, float32, input, int64, output, type Tensor } from "../../graph/index.ts";
import { parameterInputs } from "../../nn/index.ts";
import {
  fitLatentBuffers,
  headGraph,
  pickCodes,
  plainLatentConfig,
  rowsInSpace,
  whitening,
} from "../../reasoning/index.ts";
import { random } from "../../util/index.ts";
import { codes } from "../losses/codes.ts";
import { type LatentLoss, lossRecord } from "../losses/index.ts";
import { randomSet, weightsOf } from "../random-set.fixture.ts";
import { distinctOracles } from "../stages.ts";
import { applyRationalePolicy, hiddenKeys, plainStage, stageAt, valueAt } from "./index.ts";

const [N, D] = [4, 6];
const r = random(0, "parts");
const matrix = (): number[][] => Array.from({ length: N }, () => Array.from({ length: D }, () => r.normal()));
const [p, t] = [matrix(), matrix()];
const flat = (m: number[][]) => float32(Float32Array.from(m.flat()), [m.length, m[0]!.length]);

async function lossOf(loss: LatentLoss, same = new Float32Array(N * N)) {
  const g = createGraph("loss");
  const { source } = parameterInputs(g, "float32");
  const [state, target] = ["p", "t"].map((name) => input(g, name, "float32", [N, D])) as [Tensor, Tensor];
  const site = {
    ...{ graph: g, dtype: "float32" as const, head: plainLatentConfig.head },
    headGraph: headGraph({ parameter: source, buffer: source }, plainLatentConfig, D),
    ...{ state, target, features: target, batch: N, slots: 1, negatives: 1 },
    predicted: () => state,
    wanted: () => target,
  };
  const made = lossRecord(loss).loss!(site, loss);
  output("loss", made);
  const session = await createSession(g, { threads: 1 });
  const out = await session.run({
    p: flat(p),
    t: flat(t),
    sameBlock: float32(same, [N, N]),
    negativeRow: int64([1, 2, 3, 0], [N]),
    negativeMask: float32(new Float32Array(N).fill(Math.LN2), [N, 1]),
  });
  await session.release();
  return Number(out.loss!.data[0]);
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const logSumExp = (x: number[]) => Math.log(x.reduce((sum, v) => sum + Math.exp(v), 0));
const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;

describe("latent losses are what their definitions say", () => {
  it("cosine", async () => {
    expect(await lossOf({ kind: "cosine" })).toBeCloseTo(1 - mean(p.map((row, i) => cosine(row, t[i]!))), 5);
  });

  it("smooth L1", async () => {
    const beta = 0.5;
    const each = p.flatMap((row, i) =>
      row.map((x, d) => {
        const e = Math.abs(x - t[i]![d]!);
        return e < beta ? (0.5 * e * e) / beta : e - 0.5 * beta;
      }),
    );
    expect(await lossOf({ kind: "smooth-l1", beta })).toBeCloseTo(mean(each), 4);
  });

  it("contrast in both directions, hard negatives counted twice", async () => {
    const tau = 0.3;
    const logits = p.map((row) => t.map((other) => cosine(row, other) / tau));
    const columns = t.map((_, j) => logits.map((row) => row[j]!));
    const plain = mean(columns.map((column, j) => logSumExp(column) - logits[j]![j]!));
    const forward = (extra: (i: number) => number[]) =>
      mean(logits.map((row, i) => logSumExp([...row, ...extra(i)]) - row[i]!));
    expect(await lossOf({ kind: "infonce", temperature: tau, hardNegatives: false })).toBeCloseTo(
      (plain + forward(() => [])) / 2,
      4,
    );
    const hard = (i: number) => [cosine(p[i]!, t[(i + 1) % N]!) / tau + Math.LN2];
    expect(await lossOf({ kind: "infonce", temperature: tau, hardNegatives: true })).toBeCloseTo(
      (plain + forward(hard)) / 2,
      4,
    );
  });

  it("contrast leaves out blocks of equal content", async () => {
    const tau = 0.3;
    const without = new Float32Array(N * N);
    without[1] = without[N] = -1e9;
    const whole = await lossOf({ kind: "infonce", temperature: tau, hardNegatives: false });
    expect(await lossOf({ kind: "infonce", temperature: tau, hardNegatives: false }, without)).toBeLessThan(
      whole,
    );
  });
});

describe("fitted tensors", () => {
  it("whitening makes the covariance the identity, and its way back is one", () => {
    const rows = Float32Array.from(
      { length: 500 * D },
      (_, i) => r.normal() * (1 + (i % D)) + (i % 2 ? 3 : 0),
    );
    const centre = Array.from({ length: D }, (_, d) =>
      mean(Array.from({ length: 500 }, (_, i) => rows[i * D + d]!)),
    );
    const { whiten, coloring } = whitening(rows, D, centre);
    for (let a = 0; a < D; a++) {
      for (let b = 0; b < D; b++) {
        const product = dot(
          Array.from({ length: D }, (_, k) => whiten[a * D + k]!),
          Array.from({ length: D }, (_, k) => coloring[k * D + b]!),
        );
        expect(product).toBeCloseTo(a === b ? 1 : 0, 10);
      }
    }
    const white = Array.from({ length: 500 }, (_, i) =>
      Array.from({ length: D }, (_, a) =>
        dot(
          Array.from({ length: D }, (_, k) => whiten[a * D + k]!),
          Array.from({ length: D }, (_, k) => rows[i * D + k]! - centre[k]!),
        ),
      ),
    );
    for (let a = 0; a < D; a++) {
      const variance = mean(white.map((row) => row[a]! ** 2));
      // The ridge takes a little where there is little variance.
      expect(variance).toBeGreaterThan(0.8);
      expect(variance).toBeLessThan(1.01);
    }
  });

  it("codes of as many kinds of rows as there are codes are these rows", () => {
    const kinds = [
      [1, 0],
      [0, 2],
      [-3, 1],
    ];
    const rows = Float32Array.from(Array.from({ length: 60 }, (_, i) => kinds[i % 3]!).flat());
    const codes = pickCodes(rows, 2, 3, random(1, "codes"));
    const found = [0, 1, 2].map((c) =>
      [...codes.subarray(2 * c, 2 * c + 2)].map((x) => Math.round(x)).join(),
    );
    expect(found.sort()).toEqual(kinds.map(String).sort());
  });

  it("are the same each time they are fitted, and give every oracle its nearest code", () => {
    const config = {
      head: { kind: "codebook", codes: 5, groups: 2, fed: "soft" },
      space: { kind: "standardised" },
    } as const;
    const set = randomSet(16, 6);
    const made = [0, 1].map(() => {
      const { buffers } = weightsOf(16, 1, config);
      fitLatentBuffers(buffers, config, distinctOracles(set), 0);
      const buffer = (name: string) => buffers.views.get(`latent_head.${name}`)!;
      const intoSpace = (rows: Float32Array) => rowsInSpace(config.space, rows, 16, buffer);
      const { of } = codes.prepare!({ config, set, buffer, intoSpace }) as { of: Int32Array };
      return { codes: of, buffers: buffers.flat };
    });
    expect(made[0]!.codes).toEqual(made[1]!.codes);
    expect(made[0]!.buffers).toEqual(made[1]!.buffers);
    expect(new Set(made[0]!.codes).size).toBe(5);
  });
});

describe("stages", () => {
  it("take their share of the steps, from first to last", () => {
    const stages = [
      { ...plainStage, share: 4 },
      { ...plainStage, share: 1 },
    ];
    const at = Array.from({ length: 10 }, (_, step) => stageAt(stages, step, 10));
    expect(at.map(({ index }) => index)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(at.map(({ progress }) => progress)).toEqual([...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => n / 7), 0, 1]);
    expect(stageAt(stages, 0, 1).index).toBe(0);
  });

  it("follow their curves", () => {
    expect(valueAt({ kind: "step", at: 0.5, before: 1, after: 2 }, 0.49)).toBe(1);
    expect(valueAt({ kind: "step", at: 0.5, before: 1, after: 2 }, 0.5)).toBe(2);
    expect(valueAt({ kind: "linear", from: 2, to: 4 }, 0.5)).toBe(3);
  });
});

describe("views", () => {
  // image, word, start, two slots, end, word, (target)
  const sequence = { ids: Int32Array.of(9, 1, 2, 8, 8, 3, 1, 1), beforeSlot: Int32Array.of(2, 3) };
  const hide = (from: "answer" | "question") =>
    hiddenKeys(sequence, { kind: "hidden-image", from, share: 1 }, 9).map(([q]) => q);

  it("hide images from what comes after the block, or from all text but markers and slots", () => {
    expect(hide("answer")).toEqual([5, 6]);
    expect(hide("question")).toEqual([1, 5, 6]);
  });

  it("hide about their share of the images", () => {
    const many = {
      ids: Int32Array.from([...Array(400).fill(9), 2, 8, 3, 1]),
      beforeSlot: Int32Array.of(400),
    };
    const view = { kind: "hidden-image", from: "answer", share: 0.25 } as const;
    const pairs = hiddenKeys(many, view, 9, { random: random(0, "view") });
    expect(Math.abs(pairs.length - 100)).toBeLessThan(30);
  });
});

it("a plan that is required is missed by name", () => {
  const example = { id: "train-000007" } as Parameters<typeof applyRationalePolicy>[0][number];
  expect(() => applyRationalePolicy([example], "required")).toThrow(
    "example train-000007: expected a rationale",
  );
  expect(applyRationalePolicy([{ ...example, reasoning: ["a", "b"] }], "dropped")[0]).toEqual(example);
});

it("a state is written in place of what the dataset has, and missed by name", () => {
  const example = { id: "train-000007" } as Parameters<typeof applyRationalePolicy>[0][number];
  const helperText = "the board is 1 2";
  const reasoningOf = (reasoning: object) =>
    applyRationalePolicy([{ ...example, helperText, ...reasoning }], "state")[0]!.reasoning;
  expect(reasoningOf({})).toEqual([helperText]);
  expect(reasoningOf({ reasoning: ["turned by 90", "so it fits"] })).toEqual([helperText]);
  expect(() => applyRationalePolicy([example], "state")).toThrow(
    "example train-000007: expected its helper in words",
  );
});
