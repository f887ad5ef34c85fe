/** docs/cases.md (`answer-article-a`): the article "a" of an option's text is not option A. */
import { describe, expect, it } from "vitest";
import { carefulChoice, familyNamed, familyOnBenchmark } from "../../families/index.ts";

const letters = ["A", "B", "C", "D"];
const texts = ["a cat", "a red hat", "the dog", "blue"];
const replies = [
  ...["B", "B.", "B. a red hat", "**B. a red hat**", "B, a red hat", "The answer is B because it is a hat"],
  ...["<answer> B. a red hat </answer>", "\\boxed{\\text{B. a red hat}}", "Option B is right, not option A"],
  ...["The correct answer is **B**, a red hat", "It is a red hat.", "答案是B", "选B。", "$B$"],
];
/** What a family's own code does not read, or reads otherwise: the first character, another format, no texts. */
const otherwise: Record<string, (reply: string) => string | null | undefined> = {
  "It is a red hat.": () => "a",
};

describe("replies that say B are read as B", () => {
  it.each(replies)("%s", (reply) => {
    expect(carefulChoice(reply, letters, texts)).toBe(1);
    expect(carefulChoice(reply, letters, texts)).toBe(1);
    for (const name of ["lantern", "monet", "skila", "base", "covt", "swimbird"])
      for (const benchmark of ["vstar", "blink", "viscot-mc", "mmvp", "hr-bench", undefined]) {
        const { readAnswer } = familyOnBenchmark(familyNamed(name), benchmark);
        const read = readAnswer(reply, letters, texts);
        // LanteRn's own function takes the first letter that stands alone, here "a", which equals no option; and no text.
        const theirs = name === "lantern" && (otherwise[reply] || /答案|选/.test(reply)) ? null : 1;
        expect([name, benchmark, read]).toEqual([name, benchmark, theirs]);
      }
  });

  it("LVR takes the first character, as its own code does, and the lenient reader does not follow", () => {
    const { readAnswer } = familyNamed("lvr");
    expect(readAnswer("Answer: B", letters, texts)).toBe(0);
    expect(readAnswer("B. a red hat", letters, texts)).toBe(1);
    expect(carefulChoice("Answer: B", letters, texts)).toBe(1);
  });
});

describe("the reader is that of the benchmark", () => {
  const lantern = familyNamed("lantern");
  it("LanteRn: texts are compared on BLINK and VisCoT, not on V*; Tetris has another", () => {
    expect(familyOnBenchmark(lantern, "blink").readAnswer("the dogs", letters, texts)).toBe(2);
    expect(familyOnBenchmark(lantern, "vstar").readAnswer("the dogs", letters, texts)).toBeNull();
    expect(familyOnBenchmark(lantern, "tetris").readAnswer("b. a red hat", ["a", "b"], texts)).toBe(0);
    expect(familyOnBenchmark(lantern, "vstar").answers.default).toBe("lantern-letter");
    expect(familyOnBenchmark(lantern, "toString")).toBe(lantern);
    expect(familyOnBenchmark(lantern, undefined)).toBe(lantern);
  });
});
