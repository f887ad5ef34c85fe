/** Interventions on attention: own latents, with a part of the sequence hidden from what follows. */
import type { MaskedPart } from "../slot-plan.ts";
import { type Intervention, keepOwn } from "./types.ts";

const parts: Readonly<Record<string, readonly MaskedPart[]>> = {
  nothing: [],
  slots: ["slots"],
  markers: ["markers"],
  block: ["slots", "markers"],
  image: ["image"],
};

export const knockout: Intervention = {
  description:
    "Feeds own latents; from the end marker on, text cannot attend to the named part of the sequence.",
  role: "attention",
  source: "Monet and LIVR (attention masks); docs/science.md",
  parameters: {
    part: { description: "part that is masked", example: "slots", choices: Object.keys(parts) },
  },
  changesForm: true,
  plan: (_, values) => ({
    plan: { kind: "own", hidden: parts[values.part as string]! },
    from: `its own hidden states, ${values.part} out of sight`,
  }),
};

export const dropImage: Intervention = {
  description:
    "Drops the keys and values of the images once the prompt is read; text, latents and answer are generated without them.",
  role: "attention",
  source: "CVRR (visual cache dropped before decoding)",
  lacking: "no image, or blocks that read features of it again",
  changesForm: true,
  input: async ({ example, rules }) =>
    example.images.length > 0 && !rules?.picks
      ? { example, from: "its images, dropped once they were read", dropImages: true }
      : null,
  plan: () => keepOwn,
};
