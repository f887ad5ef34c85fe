/** Bottlenecks: what of the images the text may look at while a model learns. */
export type View =
  | { kind: "whole" }
  /**
   * Image tokens are hidden from text, each with the probability `share` (1: a bottleneck; less: dropout of image
   * tokens). From "answer": from what comes after the first block on; "question": from what comes after the first image on,
   * markers and slots excepted (LIVR's mask). Latents always see everything, and nothing is hidden when the model is tested.
   */
  | { kind: "hidden-image"; from: "answer" | "question"; share: number };

export const wholeView: View = { kind: "whole" };
