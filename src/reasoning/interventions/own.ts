import { asOwn, type Intervention } from "./types.ts";

export const own: Intervention = {
  description: "the model's own hidden states",
  source: "the model as it is",
  plan: () => asOwn,
};
