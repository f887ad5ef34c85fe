import { describe, expect, it } from "vitest";
import { inverseFrequencies, ropeIndex } from "../qwen/index.ts";
import { resolveParameters, tasks } from "../tasks/index.ts";
import { lookBacks, starts } from "./initialize.ts";
import { createPocket, pocketShape } from "./pocket-model.ts";

const { tetris } = tasks;

/** A pocket model of Tetris by words with four heads, and a question of its data. */
async function pocket(tokens: "one" | "four") {
  const parameters = resolveParameters("tetris", tetris.parameters, {
    rendering: "pocket",
    by: "words",
    tokens,
  });
  const examples = [...tetris.generate("train", 2, 0, parameters)];
  const facts = tetris.pocket(parameters);
  const model = await createPocket(examples, facts, 0, { ...pocketShape, heads: 4, layers: 3 });
  return { model, example: examples[0]! };
}

/** Score that biases of queries and keys alone give a token `back` places behind, in one head of a layer. */
function positionScore({ config, decoder }: Awaited<ReturnType<typeof pocket>>["model"], layer: number) {
  const { headDim, ropeTheta } = config.text;
  const frequencies = inverseFrequencies(ropeTheta, headDim);
  const half = headDim / 2;
  const bias = (part: string) => decoder.views.get(`model.layers.${layer}.self_attn.${part}.bias`)!;
  return (head: number, back: number): number => {
    const [q, k] = ["q_proj", "k_proj"].map((part) =>
      bias(part).subarray(head * headDim, (head + 1) * headDim),
    ) as [Float32Array, Float32Array];
    let sum = 0;
    for (const [i, f] of frequencies.entries()) {
      const [qa, qb, ka, kb] = [q[i]!, q[half + i]!, k[i]!, k[half + i]!];
      sum += (qa * ka + qb * kb) * Math.cos(f * back) + (qa * kb - qb * ka) * Math.sin(f * back);
    }
    return sum / Math.sqrt(headDim);
  };
}

/** Of the first 9 tokens behind, those that a head scores within one of the best. */
const seen = (score: (head: number, back: number) => number, head: number): number[] => {
  const scores = Array.from({ length: 9 }, (_, back) => score(head, back));
  const best = Math.max(...scores);
  return [...scores.keys()].filter((back) => scores[back]! > best - 1);
};

describe("a matching start", () => {
  it("looks one or two tokens back where a panel is one token", async () => {
    const { model } = await pocket("one");
    const score = positionScore(model, 0);
    for (let head = 0; head < 4; head++) expect(seen(score, head)).toEqual([1, 2]);
    expect(model.tokenizer.applyChatTemplate([{ role: "user", content: [{ type: "image" }] }])).not.toContain(
      "<|vision_end|>",
    );
  });

  it("looks at each of four slots from what is read behind them, and at a panel of four tokens from its letter", async () => {
    const { model, example } = await pocket("four");
    const score = positionScore(model, 0);
    expect(Array.from({ length: 4 }, (_, head) => seen(score, head))).toEqual([[2], [3], [4], [5]]);
    expect(lookBacks(starts.matching.offset, 4)).toEqual([2, 3, 4, 5]);
    // The letter "a" stands behind the marker that closes its panel.
    expect(example.question).toMatch(/<image> ?a\b/);
    const prompt = model.tokenizer.applyChatTemplate([
      { role: "user", content: [{ type: "image" }, { type: "text", text: " a" }] },
    ]);
    expect(prompt).toContain("<|image_pad|><|vision_end|> a");
    const { image, visionStart, visionEnd } = model.config.tokens;
    const ids = [visionStart, image, image, image, image, visionEnd, model.tokenizer.idOf("a")!];
    const { positions } = ropeIndex(
      { ids: [ids], mask: [ids.map(() => 1)], grids: [[1, 4, 4]] },
      model.config,
    );
    const temporal = positions.subarray(0, ids.length);
    expect([...temporal.subarray(1, 5)].map((at) => temporal[6]! - at)).toEqual([3, 3, 3, 3]);
  });

  it("holds off the nearest tokens in later layers: of a block's neighbours none is taken for a panel", async () => {
    for (const [tokens, near] of [
      ["one", 3],
      ["four", 6],
    ] as const) {
      const score = positionScore((await pocket(tokens)).model, 1);
      const far = Math.min(...Array.from({ length: 12 }, (_, i) => score(0, near + 3 + i)));
      for (let back = 1; back <= near; back++) expect(score(0, back)).toBeLessThan(far - 2);
    }
  });
});
