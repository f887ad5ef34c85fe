import { expect, it } from "vitest";
import { encodePng, isTransparent } from "../../formats/index.ts";
import type { Example } from "../../tasks/index.ts";
import { prepareImages } from "./prepare-images.ts";

/** A list of which each image is read anew at each look, as those of a dataset's files are. */
function filed(images: readonly Uint8Array[]): { list: Uint8Array[] } {
  const list: Uint8Array[] = [];
  for (const [i, image] of images.entries())
    Object.defineProperty(list, i, { get: () => image.slice(), enumerable: true, configurable: true });
  return { list };
}

const solid = encodePng({ width: 1, height: 1, pixels: Uint8Array.of(1, 2, 3) });

it("lays images of files on white, and leaves the others in their files", async () => {
  const sharp = (await import("sharp")).default;
  const clear = await sharp({
    create: { width: 2, height: 2, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
  })
    .png()
    .toBuffer();
  const images = filed([clear, solid]);
  const example = { id: "a", images: images.list, helpers: filed([clear]).list } as unknown as Example;
  const { examples, transparent } = await prepareImages([example], "white");
  const [shown] = examples;
  expect(await Promise.all([...shown!.images, ...shown!.helpers].map(isTransparent))).toEqual([
    false,
    false,
    false,
  ]);
  expect(transparent).toEqual({ images: 2, examples: 1 });
  expect(shown!.images[1]).toEqual(solid);
  // An example of which nothing is transparent stays as it is: its images are not kept in memory.
  const plain = { id: "b", images: filed([solid]).list, helpers: [] } as unknown as Example;
  expect((await prepareImages([plain], "white")).examples[0]).toBe(plain);
});
