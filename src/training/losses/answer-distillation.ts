import { z } from "zod";
import { detach, logSoftmax, mul, reduceMean, reduceSum, scalar, softmax, sub } from "../../graph/index.ts";
import { defineLoss } from "./define.ts";

/**
 * No oracle is compared: what the model would write with own latents in its slots is drawn to what it would write with
 * oracles there (Kullback–Leibler divergence of the two distributions of every supervised token, at `temperature`; Hinton et
 * al. 2015), with gradient through the fed latents only.
 */
export const answerDistillation = defineLoss({
  kind: "answer-distillation",
  options: { temperature: z.number().positive() },
  distill: ({ student, teacher, logits }, { temperature }) => {
    const [own, oracle] = [student, teacher].map((states) => {
      const raw = logits(states);
      return mul(raw, scalar(raw, 1 / temperature));
    });
    const taught = detach(oracle!);
    const divergence = reduceSum(mul(softmax(taught), sub(logSoftmax(taught), logSoftmax(own!))), [-1]);
    const mean = reduceMean(divergence, [0]);
    return mul(mean, scalar(mean, temperature ** 2));
  },
});
