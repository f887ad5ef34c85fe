import { asOwn, fixed, type Intervention } from "./types.ts";

export const adversarial: Intervention = {
  description:
    "own + the perturbation of size e that lowers the log-odds of the model's own answer most (projected gradient); size: root mean square in units of the deviation of own latents",
  source: "white-box perturbation studies",
  parameters: { e: { description: "size of the perturbation", example: 0.3, min: 0 } },
  needs: ["split", "adversary"],
  lacking: "no latents that a gradient could be taken by",
  plan: ({ own, adversarial: found }, values) => {
    const e = values.e as number;
    if (e === 0 && own.length > 0) return asOwn;
    return fixed(found.get(e) ?? [], `its own latents, moved by ${e} against its answer`);
  },
};
