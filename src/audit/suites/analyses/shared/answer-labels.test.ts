/** Latents that hold what the answer says, and not the letter in front of it. */
import { expect, it } from "vitest";
import { matrix } from "../../../../numeric/index.ts";
import { random } from "../../../../util/index.ts";
import { linearProbe } from "../../../measurements/index.ts";
import { decodable } from "../../prism.ts";
import { answerLabels } from "./answer-labels.ts";
import { classNumbers } from "./attributes.ts";

const WORDS = ["red", "green", "blue", "white"];
const LETTERS = ["A", "B", "C", "D"];
const N = 120;
const WIDTH = 8;

/** Questions whose options are letters, in an order of each one's own. */
function questions(seed: number) {
  const r = random(seed, "questions");
  return Array.from({ length: N }, (_, i) => {
    const optionTexts = r.shuffled(WORDS);
    return { id: String(i), options: LETTERS, optionTexts, answer: r.integer(4) };
  });
}

it("a probe by place finds latents that hold the place, one by words those that hold the words", () => {
  const examples = questions(1);
  const { options, words } = answerLabels(
    examples,
    examples.map((_, i) => i),
  );
  const places = classNumbers([...options.values()]);
  const said = classNumbers([...words!.values()]);
  const r = random(2, "latents");
  const latentsOf = (held: readonly number[]) =>
    matrix(
      Float64Array.from({ length: N * WIDTH }, (_, at) => {
        const [i, j] = [Math.floor(at / WIDTH), at % WIDTH];
        return Number(held[i] === j) + 0.3 * r.normal();
      }),
      N,
      WIDTH,
    );
  for (const [held, other] of [
    [places, said],
    [said, places],
  ] as const) {
    const latents = latentsOf(held);
    const found = linearProbe(latents, held, 0, null).value!;
    const missed = linearProbe(latents, other, 0, null).value!;
    expect(found.accuracy).toBeGreaterThan(0.9);
    expect(Math.abs(missed.accuracy - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / N));
    const [answer, byWords] = held === places ? [found, missed] : [missed, found];
    const evidence = (probes: unknown) => decodable({ result: () => probes });
    // With the words the conclusion no longer rests on where the answer stands.
    expect(evidence({ answer: { slots: answer }, words: { slots: byWords } }).state).toBe("holds");
    expect(evidence({ answer: { slots: answer }, words: { reason: "not known" } }).state).toBe(
      held === places ? "holds" : "undecided",
    );
  }
});

it("says nothing of words where they are the places, not known, or other words in every question", () => {
  const all = (examples: Parameters<typeof answerLabels>[0]) =>
    answerLabels(
      examples,
      examples.map((_, i) => i),
    );
  const same = questions(3).map((each) => ({ ...each, optionTexts: WORDS }));
  expect(all(same)).toMatchObject({ words: null, reason: "what an option says is its place: one label" });
  const letters = questions(3).map(({ optionTexts: _, ...each }) => each);
  expect(all(letters).reason).toMatch(/letters, which say nothing across questions/);
  const own = questions(3).map((each) => ({
    ...each,
    optionTexts: WORDS.map((word) => `${word} ${each.id}`),
  }));
  expect(all(own).reason).toBe(`${N} different answers; up to 12 can be told apart here`);
});
