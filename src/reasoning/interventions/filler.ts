import { type Intervention, repeated } from "./types.ts";

export const filler: Intervention = {
  description:
    "as many ordinary text tokens (the prompt's last) as there are slots, without markers: a matched token budget",
  source: "arXiv 2605.21642 (matched token budget)",
  whole: true,
  plan: ({ filler: token, k }) => ({
    plan: { kind: "fixed", blocks: [repeated(token, k)], bare: true },
    from: "embedding of the prompt's last token",
  }),
};
