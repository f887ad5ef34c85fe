import { expect, test } from "vitest";
import { random } from "../util/index.ts";
import { inSpanOf, productsOf } from "./row-span.ts";
import { type Features, type Question, trainChoice } from "./softmax-choice.ts";

const WIDTH = 90;
const ROWS = 40;

function planted(): { features: Features; questions: Question[] } {
  const r = random(0, "row span");
  const values = Float32Array.from({ length: ROWS * WIDTH }, () => r.normal() / Math.sqrt(WIDTH));
  // A row twice, and one of zeros: they add nothing to the span.
  values.copyWithin(3 * WIDTH, 2 * WIDTH, 3 * WIDTH);
  values.fill(0, 5 * WIDTH, 6 * WIDTH);
  const one = Float32Array.of(1);
  const candidates = [0, 1, 2].map((token) => ({ tokens: Int32Array.of(token), weights: one }));
  const questions = Array.from({ length: ROWS }, (_, i) => {
    const answer = r.integer(3);
    values[i * WIDTH + answer]! += 1;
    return { candidates, answer };
  });
  return { features: { width: WIDTH, values }, questions };
}

test("rows keep their products in the span of some of them", () => {
  const { features } = planted();
  const products = productsOf(features)!;
  const taught = Array.from({ length: 30 }, (_, i) => i);
  const { width, values } = inSpanOf(products, taught);
  expect(width).toBe(30);
  for (const i of taught)
    for (let j = 0; j < ROWS; j++) {
      let product = 0;
      for (let k = 0; k < width; k++) product += values[i * width + k]! * values[j * width + k]!;
      expect(Math.abs(product - products[i * ROWS + j]!)).toBeLessThan(1e-5);
    }
});

test("a reader is the same whether it is trained in the span of its rows or in all columns", () => {
  const { features, questions } = planted();
  const rows = Array.from({ length: 30 }, (_, i) => (7 * i) % 30);
  // More rows than columns, of which none is trained on: there is no narrower span to use.
  const long = new Float32Array((WIDTH + ROWS) * WIDTH);
  long.set(features.values);
  const all = { width: WIDTH, values: long };
  expect(productsOf(all)).toBe(null);
  const narrow = trainChoice(features, questions, rows, 3);
  const wide = trainChoice(all, questions, rows, 3);
  const apart = new Set<number>();
  for (let row = 0; row < ROWS; row++) {
    const [p, q] = [narrow(row), wide(row)];
    for (const [j, each] of p.entries()) expect(Math.abs(each - q[j]!)).toBeLessThan(1e-4);
    apart.add(Math.round(1000 * p[0]!));
  }
  // It learned something: rows are told apart.
  expect(apart.size).toBeGreaterThan(5);
});
