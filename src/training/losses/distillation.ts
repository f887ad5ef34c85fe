import { cosineDistance } from "./cosine.ts";
import { defineLoss } from "./define.ts";

/**
 * No oracle is compared: states before supervised text with own latents in the slots are pulled to those with oracle
 * latents (1 − cosine; after Monet's alignment of observation tokens), with gradient through the fed latents only.
 */
export const distillation = defineLoss({
  kind: "distillation",
  options: {},
  distill: ({ student, teacher }) => cosineDistance(student, teacher),
});
