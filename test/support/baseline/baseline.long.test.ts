import { describe, expect, it } from "vitest";
import { encodePng } from "../../../src/formats/index.ts";
import type { Example } from "../../../src/tasks/types.ts";
import { random } from "../../../src/util/index.ts";
import { type Choice, crossFit, optionsReader, questionReader } from "./index.ts";

const letters = ["a", "b", "c", "d"];

/** Examples that give nothing away, changed by `leak`. */
function examples(count: number, leak: (example: Example, i: number) => Partial<Example>): Example[] {
  const r = random(0, "test of baselines");
  const noise = (): Uint8Array => {
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, () => (r.integer(3) ? 40 : 220));
    return encodePng({ width: 8, height: 8, pixels });
  };
  return Array.from({ length: count }, (_, i): Example => {
    const example: Example = {
      id: String(i),
      question: `<image> which of these ${r.pick(["things", "shapes"])} is ${r.pick(["left", "right"])} ?`,
      images: [noise(), noise(), noise(), noise(), noise()],
      options: letters,
      answer: i % 4,
      helpers: [],
      counterfactuals: [null, null, null, null],
      attributes: {},
    };
    return { ...example, ...leak(example, i) };
  });
}

const reader = { question: () => questionReader, options: optionsReader } as const;
const accuracy = (kind: keyof typeof reader, all: Example[]): number =>
  crossFit(all.map(reader[kind]())).accuracy;

describe("crossFit", () => {
  it.each(["question", "options"] as const)("finds nothing in the %s where there is nothing", (kind) => {
    expect(
      Math.abs(
        accuracy(
          kind,
          examples(1200, () => ({})),
        ) - 0.25,
      ),
    ).toBeLessThan(0.04);
  });

  it("finds a word of the question that tells the answer in a tenth of the examples", () => {
    const leaking = examples(1200, ({ question, answer }, i) =>
      i % 10 === 0 ? { question: `${question} hint${answer}` } : {},
    );
    expect(accuracy("question", leaking)).toBeGreaterThan(0.29);
    expect(Math.abs(accuracy("options", leaking) - 0.25)).toBeLessThan(0.04);
  });

  it("finds a place that is right more often, and an option whose words are", () => {
    const placed = examples(1200, (_, i) => (i % 5 === 0 ? { answer: 2 } : {}));
    expect(accuracy("question", placed)).toBeGreaterThan(0.32);
    expect(accuracy("options", placed)).toBeGreaterThan(0.32);
    const r = random(1, "words");
    const worded = examples(1200, ({ answer }) => {
      const options = r.shuffled(["red", "green", "blue", "black", "white"]).slice(0, 4);
      // "red" is right whenever it is there and this draw says so.
      if (r.integer(3) === 0 && options.includes("red")) {
        const other = options.indexOf("red");
        [options[answer], options[other]] = [options[other]!, options[answer]!];
      }
      return { options, images: [], question: "which ?" };
    });
    expect(accuracy("options", worded)).toBeGreaterThan(0.29);
  });

  it("finds pixels of the right option that are a little brighter", () => {
    const leaking = examples(1200, ({ images, answer }) => ({
      images: images.map((bytes, i) => {
        if (i !== answer + 1) return bytes;
        const r = random(i, "bright", bytes.length, bytes[60] ?? 0);
        const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, () => (r.integer(3) ? 60 : 240));
        return encodePng({ width: 8, height: 8, pixels });
      }),
    }));
    expect(accuracy("options", leaking)).toBeGreaterThan(0.4);
  });

  it("finds that the right option is the one that the others were made from", () => {
    const r = random(2, "central");
    const leaking = examples(1200, ({ answer }) => {
      const base = Array.from({ length: 8 * 8 }, (): number => (r.integer(2) ? 30 : 230));
      const picture = (values: number[]): Uint8Array =>
        encodePng({ width: 8, height: 8, pixels: Uint8Array.from(values.flatMap((v) => [v, v, v])) });
      const changed = (): number[] => {
        const copy = [...base];
        const at = r.integer(64);
        copy[at] = 260 - copy[at]!;
        return copy;
      };
      return { images: [picture(base), ...letters.map((_, j) => picture(j === answer ? base : changed()))] };
    });
    expect(accuracy("options", leaking)).toBeGreaterThan(0.9);
  });

  it("gives probabilities in order, chance for any number of options, and bits", () => {
    const told: Choice[] = Array.from({ length: 100 }, (_, i) => ({
      answer: i % (i % 2 ? 2 : 5),
      options: Array.from({ length: i % 2 ? 2 : 5 }, (_, j) => ({
        sparse: j === i % (i % 2 ? 2 : 5) ? [3] : [4],
      })),
    }));
    const { accuracy: share, chance, bits, probabilities } = crossFit(told, { epochs: 20 });
    expect(share).toBe(1);
    expect(chance).toBeCloseTo(0.35, 12);
    expect(bits).toBeLessThan(0.2);
    expect(bits).toBeCloseTo(probabilities.reduce((sum, p) => sum - Math.log2(p), 0) / 100, 12);
  });

  it("counts ties as guesses", () => {
    const blank: Choice[] = Array.from({ length: 10 }, () => ({
      answer: 0,
      options: [{ sparse: [] }, { sparse: [] }],
    }));
    expect(crossFit(blank)).toMatchObject({ accuracy: 0.5, bits: 1 });
  });

  it("refuses what it cannot fit", () => {
    expect(() => crossFit([])).toThrow("at least 5 examples");
    const wrong = Array.from({ length: 9 }, () => ({ answer: 0, options: [{ sparse: [9000] }] }));
    expect(() => crossFit(wrong)).toThrow("features of one size");
  });
});
