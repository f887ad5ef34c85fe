/** Every latent loss. The keys are the values of `kind`; a new loss is its file and one line here. */
import { cells } from "./cells.ts";
import { codes } from "./codes.ts";
import { cosine } from "./cosine.ts";
import { distillation } from "./distillation.ts";
import { flow } from "./flow.ts";
import { infonce } from "./infonce.ts";
import { mse } from "./mse.ts";
import { smoothL1 } from "./smooth-l1.ts";

export const latentLosses = { mse, cosine, "smooth-l1": smoothL1, infonce, cells, codes, flow, distillation };
