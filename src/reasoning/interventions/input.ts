/** Interventions on the input: the prompt's images or options change, and the block is the model's own. */
import { decodeImage, encodePng } from "../../formats/index.ts";
import { type Example, type ImageBytes, optionImages, type Picture } from "../../tasks/index.ts";
import { type Intervention, keepOwn, type Parameter, type Values } from "./types.ts";

/** Applies `change` to every image of an example's prompt; null where it has none. */
export async function mapImages(
  example: Example,
  change: (picture: Picture) => ImageBytes,
): Promise<ImageBytes[] | null> {
  if (example.images.length === 0) return null;
  const out: ImageBytes[] = [];
  for (const image of example.images) out.push(change(await decodeImage(image, `example ${example.id}`)));
  return out;
}

export const blankImage: Intervention = {
  description: "Replaces the prompt's images with gray images of the same sizes: the accuracy without sight.",
  role: "input",
  source: "docs/published-families.md §15.8 (image controls)",
  lacking: "no image",
  changesForm: true,
  input: async ({ example }) => {
    const images = await mapImages(example, ({ width, height }) =>
      encodePng({ width, height, pixels: new Uint8Array(width * height * 3).fill(128) }),
    );
    return images && { example: { ...example, images }, from: "gray images" };
  },
  plan: () => keepOwn,
};

export const otherImage: Intervention = {
  description: "Replaces the prompt's images with those of another example: the accuracy with wrong images.",
  role: "input",
  source: "docs/published-families.md §15.8 (image controls)",
  lacking: "no other example with as many images",
  changesForm: true,
  input: async ({ example, examples, random }) => {
    const others = examples.filter(
      ({ id, images }) => id !== example.id && images.length > 0 && images.length === example.images.length,
    );
    if (others.length === 0) return null;
    const other = random.pick(others);
    return { example: { ...example, images: other.images }, from: `images of example ${other.id}` };
  },
  plan: () => keepOwn,
};

export const noisyImage: Intervention = {
  description: "Adds Gaussian noise to every pixel of the prompt's images.",
  role: "input",
  source: "arXiv 2602.22766 (image → latents)",
  parameters: {
    s: {
      description: "standard deviation of the noise; 1 is the range of a pixel",
      example: 0.1,
      min: 0,
      max: 1,
    },
  },
  lacking: "no image",
  changesForm: true,
  input: async ({ example, random }, values) => {
    const images = await mapImages(example, ({ width, height, pixels }) =>
      encodePng({
        width,
        height,
        pixels: Uint8Array.from(pixels, (x) =>
          Math.max(0, Math.min(255, Math.round(x + 255 * (values.s as number) * random.normal()))),
        ),
      }),
    );
    return images && { example: { ...example, images }, from: `its images with noise of ${values.s}` };
  },
  plan: () => keepOwn,
};

export const imageTwice: Intervention = {
  description:
    "Shows every image of the prompt twice in a row: more visual tokens without further information.",
  role: "input",
  source: "LIVR (image twice)",
  lacking: "no image",
  changesForm: true,
  input: async ({ example }) => {
    const { question, images } = example;
    if (images.length === 0) return null;
    return {
      example: {
        ...example,
        question: question.replaceAll("<image>", "<image> <image>"),
        images: images.flatMap((image) => [image, image]),
      },
      from: "its images, each twice",
    };
  },
  plan: () => keepOwn,
};

export const captionOnly: Intervention = {
  description: "Replaces the prompt's images with their description in words.",
  role: "input",
  source: "docs/published-families.md §15.8 (image controls)",
  lacking: "no image, no description of its images in words, or blocks that read features of an image again",
  changesForm: true,
  input: async ({ example, rules }) => {
    const { question, images, caption } = example;
    if (images.length === 0 || !caption || rules?.picks) return null;
    // One description of all images replaces the first of them.
    const [before = "", ...after] = question.split("<image>");
    return {
      example: { ...example, question: `${before}${caption}${after.join("")}`, images: [] },
      from: "its description in words",
    };
  },
  plan: () => keepOwn,
};

export const reshuffled: Intervention = {
  description:
    "Permutes the options' images so that every one moves; answers are scored by what the chosen option shows.",
  role: "input",
  source: "docs/published-families.md §15.8 (options must be shuffled)",
  lacking: "the question does not show one image for each option",
  changesForm: true,
  input: async ({ example, random }) => {
    const at = optionImages(example);
    if (!at || at.length < 2) return null;
    // One random cycle moves every option.
    const cycle = random.shuffled(at.map((_, i) => i));
    const shows = at.map(() => 0);
    for (const [j, option] of cycle.entries()) shows[option] = cycle[(j + 1) % cycle.length]!;
    const images = [...example.images];
    for (const [i, old] of shows.entries()) images[at[i]!] = example.images[at[old]!]!;
    return {
      example: {
        ...example,
        images,
        answer: shows.indexOf(example.answer),
        counterfactuals: shows.map((old) => example.counterfactuals[old] ?? null),
      },
      from: `its options in the order ${shows.map((old) => example.options[old]).join(", ")}`,
      options: shows,
    };
  },
  plan: () => keepOwn,
};

/** The question with more behind its only image, or at its end, so that no image of several is taken for another. */
function besides(question: string, more: string): string {
  const at = question.indexOf("<image>");
  return at < 0 || at !== question.lastIndexOf("<image>")
    ? `${question} ${more}`
    : `${question.slice(0, at)}<image> ${more}${question.slice(at + 7)}`;
}

const block: Parameter = {
  description: "the latent block of the model's own, or none (its start marker suppressed)",
  example: "none",
  choices: ["own", "none"],
};
const blockOf = (values: Values) => (values.block === "none" ? { withoutBlock: true as const } : {});

export const helperInPrompt: Intervention = {
  description: "Shows the helper images in the prompt, beside those of the question, as ordinary input.",
  role: "input",
  source: "docs/published-families.md §19.3 (2): WM-VLM's check of the true helper as an image",
  parameters: { block },
  lacking: "no helper image",
  changesForm: true,
  input: async ({ example }, values) => {
    const { question, images, helpers } = example;
    if (helpers.length === 0) return null;
    const changed = {
      question: besides(question, helpers.map(() => "<image>").join(" ")),
      images: [...images, ...helpers],
    };
    return { example: { ...example, ...changed }, from: "its images and helpers", ...blockOf(values) };
  },
  plan: () => keepOwn,
};

export const helperInWords: Intervention = {
  description: "Tells in the prompt, beside its images, what the helper images show.",
  role: "input",
  source: "docs/published-families.md §19.3 (2)",
  parameters: { block },
  lacking: "no helper in words",
  changesForm: true,
  input: async ({ example }, values) => {
    const { question, helperText } = example;
    if (helperText === undefined) return null;
    const changed = { question: besides(question, helperText) };
    return { example: { ...example, ...changed }, from: "its helper in words", ...blockOf(values) };
  },
  plan: () => keepOwn,
};
