/** Vision features of images, computed once per image content and kept, in memory or on disk: the tower is frozen. */
import { createHash } from "node:crypto";
import { decodeImage, openScratch } from "../formats/index.ts";
import { textPlaces } from "../numeric/index.ts";
import type { EncodedImage, Grid, ProcessedImage, QwenModel } from "../qwen/index.ts";
import type { ImageBytes, Picture } from "../tasks/index.ts";
import { LintelError } from "../util/index.ts";
import type { TokenGrid } from "./engine/types.ts";

export interface ImageFeatures extends EncodedImage {
  /** Index of the image in the store; equal content, equal index. */
  index: number;
  /** Patches [t, h, w]; null where the architecture has no such grid. */
  grid: Grid | null;
  /** Rows and columns of its tokens where they are a raster of the whole picture without patches of such a grid. */
  raster?: TokenGrid | null;
  /** The number by which an engine keeps it. */
  kept?: number;
  /** Size of the picture before preprocessing, in pixels: the coordinates of boxes. */
  width: number;
  height: number;
}

export interface FeatureStore {
  /** Features of images, in order. Images that were seen before cost a look-up. */
  get(images: readonly ImageBytes[]): Promise<ImageFeatures[]>;
  /** Features of a picture that is in no dataset (a random crop); not kept. */
  of(pictures: readonly Picture[]): Promise<Float32Array[]>;
  /** Number of different images seen. */
  readonly size: number;
}

/** Bytes of features that stay in memory. */
export const FEATURES_IN_MEMORY = 16 * 2 ** 20;
/** Those of an image without its rows. */
const FEATURES = 512;

/** Images given to the vision tower in one run at most, … */
const CHUNK = 256;
/** … and pairs of patches within images, which attention holds scores of: 256 MiB for 16 heads. */
const CHUNK_PAIRS = 1 << 22;

/** What makes features of pictures: prepares each by itself, and encodes several at once. */
interface ImageEncoder<I> {
  process(picture: Picture): I;
  /** Numbers that attention within an image costs. */
  cost(image: I): number;
  features(images: readonly I[]): Promise<(EncodedImage & Pick<ImageFeatures, "grid" | "raster" | "kept">)[]>;
}

/** A store over a model's vision tower and image processor. */
export const createFeatureStore = (
  model: Pick<QwenModel, "features">,
  process: (picture: Picture) => ProcessedImage,
): FeatureStore =>
  featureStoreOf({
    process,
    cost: ({ grid }) => grid.reduce((a, b) => a * b) ** 2,
    features: async (images) =>
      (await model.features(images)).map((each, i) => ({ ...each, grid: images[i]!.grid })),
  });

/** A store over what encodes images. */
export function featureStoreOf<I>(encoder: ImageEncoder<I>): FeatureStore {
  const known = textPlaces();
  const stored = openScratch<ImageFeatures>({ inMemory: FEATURES_IN_MEMORY });
  const keyOf = (bytes: ImageBytes) => createHash("sha1").update(bytes).digest("base64");

  async function compute(missing: Map<string, ImageBytes>): Promise<void> {
    let chunk: { key: string; image: I; size: Pick<Picture, "width" | "height"> }[] = [];
    let pairs = 0;
    const encode = async (): Promise<void> => {
      const encoded = await encoder.features(chunk.map(({ image }) => image));
      for (const [i, { key, size }] of chunk.entries()) {
        const features = { index: known.size, ...size, ...encoded[i]! };
        const { rows, deep = [], cells } = features;
        const numbers = [rows, ...deep, ...(cells ? [cells] : [])].reduce(
          (sum, { length }) => sum + length,
          0,
        );
        if (known.add(key)) stored.put(features, FEATURES + Float32Array.BYTES_PER_ELEMENT * numbers);
      }
      chunk = [];
      pairs = 0;
    };
    for (const [key, bytes] of missing) {
      const picture = await decode(bytes);
      const { width, height } = picture.full ?? picture;
      const image = encoder.process(picture);
      const more = encoder.cost(image);
      if (chunk.length === CHUNK || (chunk.length > 0 && pairs + more > CHUNK_PAIRS)) await encode();
      chunk.push({ key, image, size: { width, height } });
      pairs += more;
    }
    if (chunk.length > 0) await encode();
  }

  return {
    async get(images) {
      const keys = images.map(keyOf);
      const missing = new Map<string, ImageBytes>();
      for (const [i, key] of keys.entries()) if (known.placeOf(key) < 0) missing.set(key, images[i]!);
      if (missing.size > 0) await compute(missing);
      return keys.map((key) => stored.get(known.placeOf(key)));
    },
    of: async (pictures) => (await encoder.features(pictures.map(encoder.process))).map(({ rows }) => rows),
    get size() {
      return known.size;
    },
  };
}

async function decode(bytes: ImageBytes): ReturnType<typeof decodeImage> {
  try {
    return await decodeImage(bytes, "image", "input", { mayShrink: true });
  } catch (cause) {
    if (cause instanceof LintelError && cause.code === "installation") throw cause;
    throw new LintelError("dataset", {
      where: "an image of the dataset",
      expected: "a picture that decodes",
      got: (cause as Error).message,
      cause,
    });
  }
}
