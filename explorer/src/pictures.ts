/** Images of the page as pixels, as models read them. */
import type { SampleImage } from "../../src/explorer/types.ts";

export interface Picture {
  width: number;
  height: number;
  /** RGB, three bytes per pixel. */
  pixels: Uint8Array;
}

/** The pixels of an image of the page. */
export async function pictureOf({ uri }: Pick<SampleImage, "uri">): Promise<Picture> {
  const image = new Image();
  image.src = uri;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const ink = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" })!;
  ink.drawImage(image, 0, 0);
  const { data } = ink.getImageData(0, 0, canvas.width, canvas.height);
  const pixels = new Uint8Array(canvas.width * canvas.height * 3);
  for (let i = 0, j = 0; i < data.length; i += 4) {
    pixels[j++] = data[i]!;
    pixels[j++] = data[i + 1]!;
    pixels[j++] = data[i + 2]!;
  }
  return { width: canvas.width, height: canvas.height, pixels };
}
