/** Accuracy with own, oracle and zero latents during training. */
import {
  continueFrom,
  decodeToBlock,
  type LatentModel,
  oraclesOf,
  promptOf,
  readContinuation,
  type SlotPlan,
} from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import type { FollowedLatents } from "./followed-latents.ts";

type AccuracyByLatents = Partial<Record<"own" | "oracle" | "zeros", number>>;

/** Maximum number of new tokens of a reply. */
const MAX_TOKENS = 32;

/** Accuracy on `examples` and their latents; only accuracy with `own` for a model without latent blocks. */
export async function evaluateAccuracy(
  model: LatentModel,
  examples: readonly Example[],
  latents: boolean,
): Promise<{ accuracy: AccuracyByLatents; latents: FollowedLatents | null }> {
  const prompts = await Promise.all(examples.map((example) => promptOf(model, example)));
  const cue = model.tokenizer.encode(model.family.answerCue);
  const limits = { cue, maxTokens: MAX_TOKENS };
  const shared = await decodeToBlock(model, prompts, limits);
  const width = model.network.config.text.hiddenSize;
  const names = latents ? (["own", "oracle", "zeros"] as const) : (["own"] as const);
  const plans: SlotPlan[][] = [];
  for (const example of examples) {
    const all: Record<"own" | "oracle" | "zeros", SlotPlan> = {
      own: { kind: "own" },
      oracle: { kind: "fixed", blocks: latents ? await oraclesOf(model, example) : [] },
      zeros: { kind: "fixed", blocks: [new Float32Array(model.rules.k * width)] },
    };
    plans.push(names.map((name) => all[name]));
  }
  const results = await continueFrom(model, shared, plans, limits);
  const right = names.map(() => 0);
  for (const [b, example] of examples.entries()) {
    for (const [j] of names.entries()) {
      const { choice } = readContinuation(model, shared.rows[b]!, results[b]![j]!, example.options, example);
      if (choice === example.answer) right[j]!++;
    }
  }
  const accuracy = Object.fromEntries(names.map((name, j) => [name, right[j]! / examples.length]));
  const first = (j: number) => results.map((each) => each[j]!.latents[0] ?? null);
  return { accuracy, latents: latents ? { own: first(0), oracle: first(1) } : null };
}
