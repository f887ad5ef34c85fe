import { join } from "node:path";
import { contentsOf, ensureDirectory, writeFileAtomic } from "../../formats/index.ts";
import type { Example } from "../types.ts";
import { cardText } from "./card-text.ts";

const folder = "figure";

/** The pictures of an example by the names that the card's figure gives them. */
const pictures = ({ images, helpers }: Pick<Example, "images" | "helpers">) => [
  ...images.map((bytes, i) => ({ name: `image-${i + 1}.png`, bytes })),
  ...helpers.map((bytes, i) => ({ name: `helper-${i + 1}.png`, bytes })),
];

/**
 * The figure of a dataset card: an example in Markdown, its pictures where the question has them, then the question.
 */
export function figureOf({
  question,
  images,
  helpers,
  options,
  answer,
}: Pick<Example, "question" | "images" | "helpers" | "options" | "answer">): string {
  let next = 0;
  const [first = "", ...rest] = question.split("<image>").map(cardText);
  const asked = rest.reduce((text, part) => {
    next++;
    return `${text}${next <= images.length ? `![image ${next}](${folder}/image-${next}.png)` : cardText("<image>")}${part}`;
  }, first);
  const shown = helpers.map((_, i) => `![helper ${i + 1}](${folder}/helper-${i + 1}.png)`).join(" ");
  return [
    asked,
    `Options: ${options.map(cardText).join(", ")}. Answer: ${cardText(options[answer] ?? "")}.`,
    ...(helpers.length > 0 ? [`Helper: ${shown}`] : []),
  ].join("\n\n");
}

/** Writes the pictures of a figure beside its card, where a killed attempt leaves no trace. Errors: "output". */
export async function writeFigure(root: string, example: Pick<Example, "images" | "helpers">): Promise<void> {
  await ensureDirectory(join(root, folder));
  await contentsOf(join(root, folder), { clear: true });
  for (const { name, bytes } of pictures(example)) await writeFileAtomic(join(root, folder, name), bytes);
}
