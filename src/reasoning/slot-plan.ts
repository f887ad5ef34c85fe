/** What stands in the slots of a continuation, and what is kept of it. */
import type { Ending } from "./block-machine.ts";

/** Parts of the sequence that the text after the first block may be kept from. */
export type MaskedPart = "slots" | "markers" | "image";

/** What stands in the slots. */
export type SlotPlan =
  /**
   * `hidden`: from the first end marker on, text cannot attend to these. `steps`: a block has so many slots, whatever
   * the dialect or the model would have; one at least.
   */
  | { kind: "own"; hidden?: readonly MaskedPart[]; steps?: number }
  /** Start marker, end marker, nothing between. */
  | { kind: "skip" }
  /**
   * No block at all: the start marker is never written, text goes on without. `words`: the first so many ids are text,
   * neither a marker nor the answer's cue nor the end.
   */
  | { kind: "suppressed"; words?: number }
  /**
   * Given vectors for each block, [K·D] or fewer slots; a further block takes the last again, as LanteRn's injection
   * does. A block has as many slots as are given, whatever the model would write in it; of static tokens and
   * placeholders at most as many as there are. `bare`: the slots stand without their two markers.
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
  answerLogits: Float32Array | null;
  /** Why the text ended: end of text, or the limit of ids. null where the answer came without a block. */
  finish: "eos" | "length" | null;
  /** Places in `ids` where latents stand. */
  slots: number[];
  /** How many of `ids` had been read when the answer was chosen; null where it never was. */
  answerAt: number | null;
}

/** Whether the slots stand without markers. */
export const isBare = (plan: SlotPlan): boolean => plan.kind === "fixed" && plan.bare === true;

/** What a plan hides from the text after the block; null where the plain attention is meant. */
export const maskedPartsOf = (plan: SlotPlan): readonly MaskedPart[] | null =>
  ("hidden" in plan && plan.hidden) || null;

/** Given vectors of a block; null where the model's own stand. */
export const givenOf = (plan: SlotPlan, block: number): Float32Array | null =>
  plan.kind === "fixed" ? plan.blocks[Math.min(block, plan.blocks.length - 1)]! : null;
