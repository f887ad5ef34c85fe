/** Checks that data matches what a model was trained on: vocabulary and image sizes. */
import { imageSize } from "../formats/index.ts";
import { type Tokenizer, unknownWords } from "../qwen/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure, LintelError } from "../util/index.ts";

/** Pixels of the images that a model was trained on: compactSize and most. In config.json, "lintel", "pixels". */
type PixelRange = readonly [number, number];

/** Images of more than twice the pixels, or less than half, are of another rendering. */
const FACTOR = 2;

const pixelsOf = (image: Uint8Array): number | null => {
  const size = imageSize(image);
  return size && size.width * size.height;
};

/**
 * Fewest and most pixels of the images of examples; null without images of known size.
 *
 * @example
 * pixelRange([...tasks.crop.generate("eval", 2, 0)]); // [648 * 648, 648 * 648]
 */
export function pixelRange(examples: readonly Example[]): PixelRange | null {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const image of new Set(examples.flatMap(({ images }) => images))) {
    const pixels = pixelsOf(image);
    if (pixels === null) continue;
    least = Math.min(least, pixels);
    most = Math.max(most, pixels);
  }
  return most > 0 ? [least, most] : null;
}

/** The range that a checkpoint says it was trained on; null for those that say none. */
function trainedRange(config: Readonly<Record<string, unknown>>): PixelRange | null {
  const { pixels } = (config.lintel ?? {}) as { pixels?: unknown };
  const fine = Array.isArray(pixels) && pixels.length === 2 && pixels.every((each) => Number.isFinite(each));
  return fine ? (pixels as unknown as PixelRange) : null;
}

interface CompatibilityCheck {
  /** What has the vocabulary, in errors: the checkpoint's directory. */
  model: string;
  tokenizer: Tokenizer;
  /** Its config.json. */
  config: Readonly<Record<string, unknown>>;
  /** Where the examples are from, in errors. */
  data: string;
}

/**
 * Whether words decide nothing: models of the self-test (config.json, "lintel", "known") were written by hand to read colours
 * alone, so that files in any form can be tried on them.
 *
 * @example
 * ignoresWords({ lintel: { known: "reads-latents" } }); // true
 */
export const ignoresWords = (config: Readonly<Record<string, unknown>>): boolean =>
  typeof (config.lintel as { known?: unknown } | undefined)?.known === "string";

/**
 * Throws "dataset" where examples have words in question or options (or `more`, by example) that the vocabulary has not,
 * naming the first of them and their number, or images of another size than the model was trained on.
 */
export function checkCompatibility(
  { model, tokenizer, config, data }: CompatibilityCheck,
  examples: readonly Example[],
  more: (example: Example) => readonly string[] = () => [],
): void {
  const texts = function* (): Generator<string> {
    for (const example of examples) {
      yield example.question.replaceAll("<image>", " ");
      yield* example.options;
      yield* more(example);
    }
  };
  const unknown = ignoresWords(config) ? [] : unknownWords(tokenizer, texts());
  ensure(unknown.length === 0, "dataset", () => ({
    where: data,
    id: "E_VOCABULARY",
    expected: `words of the vocabulary of ${model} (${tokenizer.size} tokens)`,
    got: `${unknown.length} that it does not have: ${unknown
      .slice(0, 5)
      .map((word) => JSON.stringify(word.slice(0, 40)))
      .join(", ")}${unknown.length > 5 ? ", …" : ""}`,
    attempt:
      "data generated with the same task and parameters as the model's training data, or a model trained on such data",
  }));
  const range = trainedRange(config);
  if (!range) return;
  const [least, most] = range;
  for (const { id, images } of examples)
    for (const image of images) {
      const size = imageSize(image);
      const pixels = size && size.width * size.height;
      if (!size || !pixels || (pixels * FACTOR >= least && pixels <= most * FACTOR)) continue;
      const trained = least === most ? `${least}` : `${least} to ${most}`;
      throw new LintelError("dataset", {
        where: `${data}, example ${id}`,
        expected: `images of about ${trained} pixels, on which ${model} was trained`,
        got: `${size.width} × ${size.height}`,
        attempt: "data of the same rendering: --set rendering=pocket or rendering=full when it is generated",
      });
    }
}
