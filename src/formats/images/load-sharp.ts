import type Sharp from "sharp";
import { notLoaded } from "../../util/index.ts";

/**
 * The image library `sharp`, loaded when it is first needed: it is native code that most runs never use.
 *
 * Errors: "installation" where it does not load, with the cause and the cure.
 *
 * @example
 * typeof (await loadSharp()); // "function"
 */
export async function loadSharp(): Promise<typeof Sharp> {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw notLoaded("sharp", cause);
  }
}
