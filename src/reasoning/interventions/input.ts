/** Interventions on the input: the prompt's images or options change, and the block is the model's own. */
import { decodeImage, encodePng } from "../../formats/index.ts";
import { type Example, type ImageBytes, optionImages, type Picture } from "../../tasks/index.ts";
import { type Intervention, keepOwn } from "./types.ts";

/** Applies `change` to every image of an example's prompt; null where it has none. */
async function mapImages(
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
  lacking: "no image, or no description of its images in words",
  changesForm: true,
  input: async ({ example }) => {
    const { question, images, caption } = example;
    if (images.length === 0 || !caption) return null;
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
