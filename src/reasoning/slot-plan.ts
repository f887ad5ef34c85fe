/** The contents of the slots of a continuation, and the continuation itself. */
import type { Ending } from "./block-machine.ts";
import type { NamedLogits } from "./engine/types.ts";

/** Parts of the sequence that the text after the first block may be kept from. */
export type MaskedPart = "slots" | "markers" | "image";

/** Contents of the slots. */
export type SlotPlan =
  /**
   * `hidden`: from the first end marker on, text cannot attend to these. `steps`: number of slots of a block, whatever
   * the dialect or the model would have; at least one. `depth`: steps that a branch takes for the block, where it takes steps. `put`: vectors in the place of own ones, by slot of every block; the
   * model makes the slots behind them from its own states.
   */
  | {
      kind: "own";
      hidden?: readonly MaskedPart[];
      steps?: number;
      depth?: number;
      put?: readonly { slot: number; vector: Float32Array }[];
    }
  /** Start marker, end marker, nothing between. */
  | { kind: "skip" }
  /**
   * No block: the start marker is never written and text goes on. `words`: number of first ids that must be text,
   * neither a marker nor the answer's cue nor the end.
   */
  | { kind: "suppressed"; words?: number }
  /**
   * Given vectors for each block, [K·D] or fewer slots; a further block takes the last again, as LanteRn's injection
   * does. A block has as many slots as are given, whatever the model would write in it; of static tokens and
   * placeholders at most as many as there are. `bare`: the slots without their two markers.
   */
  | { kind: "fixed"; blocks: readonly Float32Array[]; bare?: boolean; hidden?: readonly MaskedPart[] };

export interface Continuation {
  /** Ids written from the start marker on (slots as the id that is recorded there), end of text not among them. */
  ids: number[];
  /** Vectors fed in the slots, one [K·D] array per block. */
  latents: Float32Array[];
  blocks: number;
  endings: Ending[];
  /** Logits at the first answer position, right after the cue; null where the text never reached it. */
  answerLogits: NamedLogits | null;
  /** Why the text ended: end of text, or the limit of ids. null where the answer came without a block. */
  finish: "eos" | "length" | null;
  /** Positions of latents in `ids`. */
  slots: number[];
  /** Positions of picked features in `ids`, whose ids are image tokens. */
  picked?: number[];
  /** How many of `ids` had been read when the answer was chosen; null where it never was. */
  answerAt: number | null;
}

/** Whether the slots have no markers. */
export const isBare = (plan: SlotPlan): boolean => plan.kind === "fixed" && plan.bare === true;

/** What a plan hides from the text after the block; null where the plain attention is meant. */
export const maskedPartsOf = (plan: SlotPlan): readonly MaskedPart[] | null =>
  ("hidden" in plan && plan.hidden) || null;

/** The vector that replaces the model's own in a slot; null where it feeds its own. */
export const putAt = (plan: SlotPlan, slot: number): Float32Array | null =>
  (plan.kind === "own" && plan.put?.find((each) => each.slot === slot)?.vector) || null;

/** Given vectors of a block; null where the model feeds its own. */
export const givenOf = (plan: SlotPlan, block: number): Float32Array | null =>
  plan.kind === "fixed" ? plan.blocks[Math.min(block, plan.blocks.length - 1)]! : null;
