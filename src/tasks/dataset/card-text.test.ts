import { expect, it } from "vitest";
import { count, datasetCard, newTally } from "./card.ts";
import { cardCode, cardText } from "./card-text.ts";
import { figureOf } from "./figure.ts";

it("keeps Markdown, HTML and terminal escapes of examples from meaning anything", () => {
  expect(cardText("<script>x</script> [a](b) *c* `d`\n# e | \u001b[31m")).toBe(
    "\\<script\\>x\\</script\\> \\[a\\](b) \\*c\\* \\`d\\` # e \\| \\\\u001b\\[31m",
  );
  expect([cardCode("a"), cardCode("a`b``c"), cardCode("x\ny")]).toEqual(["`a`", "``` a`b``c ```", "`x y`"]);
  const tally = newTally();
  const attributes = { "<b>": "<img src=x onerror=y>" };
  count(tally, { options: ["a", "b"], answer: 0, attributes });
  const facts = { task: "toy`", title: "<h1>", description: "d", seed: 0, parameters: { p: "|" } };
  const figure = figureOf({
    question: "<image> <u>?",
    images: [new Uint8Array(0)],
    helpers: [],
    options: ["<i>", "b"],
    answer: 0,
  });
  const card = datasetCard({ ...facts, splits: [{ name: "eval", bytes: 1, tally }], figure });
  const [, body] = card.split("\n---\n");
  // Within code spans nothing means anything.
  expect(body!.replaceAll(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/g, "").match(/(?<!\\)</g)).toBeNull();
  expect(figure).toMatch(/^!\[image 1\]\(figure\/image-1\.png\) \\<u\\>\?/);
});
