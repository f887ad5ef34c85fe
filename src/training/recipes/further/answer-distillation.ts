import { ownSlots, plainStage } from "../../components/index.ts";
import { defineRecipe } from "../define.ts";

export const answerDistillation = defineRecipe({
  description:
    "what the model writes with own latents is drawn to what it writes with oracles; the gradient passes through the fed latents",
  source:
    "after self-distillation of answers (CODI, arXiv 2502.21074); one model is teacher and student here",
  rationale: "bare",
  loss: { kind: "answer-distillation", temperature: 1 },
  latentWeight: 1,
  stages: [{ ...plainStage, slots: ownSlots({ gradient: true }) }],
});
