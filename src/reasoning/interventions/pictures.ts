import { decodeImage } from "../../formats/index.ts";
import type { Example, ImageBytes, Picture } from "../../tasks/index.ts";

/** Every image of an example's prompt changed; null where it has none. */
export async function mapImages(
  example: Example,
  change: (picture: Picture) => ImageBytes,
): Promise<ImageBytes[] | null> {
  if (example.images.length === 0) return null;
  const out: ImageBytes[] = [];
  for (const image of example.images) out.push(change(await decodeImage(image, `example ${example.id}`)));
  return out;
}
