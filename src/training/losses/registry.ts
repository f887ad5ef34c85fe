/** Every latent loss. The keys are the values of `kind`; a new loss is its file and one line here. */
import { answerDistillation } from "./answer-distillation.ts";
import { auxiliaryDecoder } from "./auxiliary-decoder.ts";
import { cells } from "./cells.ts";
import { codes } from "./codes.ts";
import { cosine } from "./cosine.ts";
import { distillation } from "./distillation.ts";
import { evidenceBound } from "./evidence-bound.ts";
import { flow } from "./flow.ts";
import { flowLikelihood } from "./flow-likelihood.ts";
import { infonce } from "./infonce.ts";
import { mixtureLikelihood } from "./mixture-likelihood.ts";
import { mse } from "./mse.ts";
import { policyGradient } from "./policy-gradient.ts";
import { smoothL1 } from "./smooth-l1.ts";

export const latentLosses = {
  mse,
  cosine,
  "smooth-l1": smoothL1,
  infonce,
  cells,
  codes,
  "mixture-likelihood": mixtureLikelihood,
  "evidence-bound": evidenceBound,
  flow,
  "flow-likelihood": flowLikelihood,
  distillation,
  "answer-distillation": answerDistillation,
  "auxiliary-decoder": auxiliaryDecoder,
  "policy-gradient": policyGradient,
};
