import { createHash } from "node:crypto";
import { decodePng } from "../../src/formats/index.ts";
import type { Example, ImageBytes } from "../../src/tasks/index.ts";

/** SHA-256 of everything in the examples with images as pixels: PNG bytes may change with zlib, pixels may not. */
export function pixelHash(examples: Iterable<Example>): string {
  const hash = createHash("sha256");
  const known = new Map<ImageBytes, string>();
  const picture = (bytes: ImageBytes): string => {
    let digest = known.get(bytes);
    if (!digest) {
      const { width, height, pixels } = decodePng(bytes)!;
      digest = createHash("sha256").update(`${width}x${height}`).update(pixels).digest("hex");
      known.set(bytes, digest);
    }
    return digest;
  };
  for (const { images, helpers, counterfactuals, ...rest } of examples) {
    const all = [images, helpers, ...counterfactuals.map((each) => each ?? [])].map((each) =>
      each.map(picture),
    );
    hash.update(JSON.stringify([rest, all]));
  }
  return hash.digest("hex");
}

/** What a model is shown: two examples of equal content are the same question about the same pictures. */
export function contentHash({ question, images }: Example): string {
  const hash = createHash("sha256").update(question);
  // Equal pictures have equal bytes within one process, as the encoder has no state.
  for (const bytes of images) hash.update(bytes);
  return hash.digest("base64");
}
