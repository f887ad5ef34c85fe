/** Stages of a training: losses, slots and visibility may change from one to the next. */
import { type Curve, constant } from "./schedule.ts";
import { oracleSlots, type Slots } from "./slots.ts";
import { type View, wholeView } from "./view.ts";

export interface Stage {
  /** Fraction of all steps, relative to the sum over the recipe's stages. */
  share: number;
  /** The model writes blocks and answer, or the answer alone ("base first"). */
  response: "latents" | "text";
  /** Weight of the cross-entropy over text. */
  textWeight: Curve;
  /** Factor on the recipe's γ. */
  latentFactor: Curve;
  slots: Slots;
  view: View;
  /** "head": the decoder stays as it is, and only the head is trained; absent: everything. */
  trains?: "head";
}

/** Teacher forcing with constant weights: the only stage of most recipes. */
export const plainStage: Stage = {
  share: 1,
  response: "latents",
  textWeight: constant(1),
  latentFactor: constant(1),
  slots: oracleSlots,
  view: wholeView,
};

/** A stage, its number, and the progress through it. */
interface StageAt {
  stage: Stage;
  index: number;
  /** 0 at its first step, 1 at its last. */
  progress: number;
}

/**
 * The stage of step `step` (from 0) of `steps`. Stages of rounded length 0 are skipped.
 *
 * @example
 * stageAt([{ ...plainStage, share: 3 }, { ...plainStage, share: 1 }], 75, 100).index; // 1
 */
export function stageAt(stages: readonly Stage[], step: number, steps: number): StageAt {
  const total = stages.reduce((sum, { share }) => sum + share, 0);
  let begun = 0;
  let start = 0;
  for (const [index, stage] of stages.entries()) {
    begun += stage.share;
    const end = index === stages.length - 1 ? steps : Math.round((begun / total) * steps);
    if (step < end) {
      const length = end - start;
      return { stage, index, progress: length > 1 ? (step - start) / (length - 1) : 1 };
    }
    start = end;
  }
  return { stage: stages.at(-1)!, index: stages.length - 1, progress: 1 };
}
