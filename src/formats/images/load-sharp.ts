import type Sharp from "sharp";
import { notLoaded } from "../../util/index.ts";

/** What libvips may decode; SVG (also packed, or behind comments), PDF and other programs' formats are no images of data. */
const READ = ["Png", "Jpeg", "Webp", "Nsgif", "Tiff", "Heif"].map((name) => `VipsForeignLoad${name}`);

/**
 * The image library `sharp`, loaded when it is first needed: it is native code that most runs never use. In the whole process it
 * decodes PNG, JPEG, WebP, GIF, TIFF and AVIF alone.
 *
 * Errors: "installation" where it does not load, with the cause and the cure.
 *
 * @example
 * typeof (await loadSharp()); // "function"
 */
export async function loadSharp(): Promise<typeof Sharp> {
  try {
    const sharp = (await import("sharp")).default;
    sharp.block({ operation: ["VipsForeignLoad"] });
    sharp.unblock({ operation: READ });
    return sharp;
  } catch (cause) {
    throw notLoaded("sharp", cause);
  }
}
