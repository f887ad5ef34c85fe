import { fixed, type Intervention } from "./types.ts";

export const randomCropped: Intervention = {
  description: "features of a random sub-region of an input image, compressed like an oracle",
  source: "arXiv 2605.18445",
  needs: ["crop"],
  lacking: "no image",
  plan: ({ crop }) => fixed(crop ? [crop] : [], "a random region of an input image"),
};
