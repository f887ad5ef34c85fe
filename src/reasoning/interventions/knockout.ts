import type { Hidden } from "../plan.ts";
import type { Intervention } from "./types.ts";

const parts: Readonly<Record<string, readonly Hidden[]>> = {
  nothing: [],
  slots: ["slots"],
  markers: ["markers"],
  block: ["slots", "markers"],
  image: ["image"],
};

export const knockout: Intervention = {
  description: "own latents; from the end marker on, text cannot attend to a part of what came before",
  source: "Monet and LIVR (attention masks); docs/science.md",
  parameters: {
    part: { description: "what cannot be seen", example: "slots", choices: Object.keys(parts) },
  },
  whole: true,
  plan: (_, values) => ({
    plan: { kind: "own", hidden: parts[values.part as string]! },
    from: `its own hidden states, ${values.part} out of sight`,
  }),
};
