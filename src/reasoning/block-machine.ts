/** The state machine of a latent block (docs/published-families.md §14): the next move, from the family's rules. */
import type { BlockRules } from "../families/index.ts";

/**
 * Why a block ended. "count": after as many latents as it has; "sampled-end": the model wrote the end marker;
 * "distance": what was fed came near a learned vector; "restart": the model wrote a start marker within it; "skipped": the
 * plan leaves it empty; "eos", "length": the text ended within it.
 */
export type Ending = "count" | "sampled-end" | "distance" | "restart" | "skipped" | "eos" | "length";

/** Progress within a block, and what the dialect keeps over the whole text. */
export interface BlockState {
  /** Latents counted towards `k`. */
  count: number;
  /** Only `counters: "text"`: end markers written so far, and whether a block has ended. */
  ends: number;
  ended: boolean;
}

/** Input of the state machine after the start marker or a slot has been read. */
interface BlockObservation {
  /** What the model would write next. */
  sampled: number;
  /** `sampled` ends the text. */
  eos: boolean;
  /** Slots fed in this block. */
  slots: number;
  /** Slots that a plan fills; null where the dialect decides. */
  given: number | null;
  /** What was fed last is near the vector of `stop`. */
  near: boolean;
  /** The limit of ids is reached. */
  full: boolean;
}

type Move =
  /** Another latent, recorded as `record`. */
  | { do: "slot"; record: number }
  /** A word within the block (static dialects). */
  | { do: "word"; id: number }
  /** The block ends: `id` is written, or where it is null what was sampled. */
  | { do: "close"; ending: Ending; id: number | null }
  /** Another start marker within the block. */
  | { do: "restart" }
  /** The text ends within the block. */
  | { do: "stop"; ending: "eos" | "length" };

/** An end marker has been written, in a block or not: whether it counts as the end of one. `counters: "text"` counts over the whole text. */
export function countEnd(rules: BlockRules, state: BlockState): boolean {
  state.ends++;
  if (rules.counters === "block" || state.ends === 1) {
    state.ended = true;
    return true;
  }
  return false;
}

/** Blocks whose length nothing but the model limits. */
const endless = (rules: BlockRules, { ended }: BlockState): boolean =>
  !rules.bounded || (rules.counters === "text" && ended);

/** Blocks of a plan are as long as the plan says, and end as the dialect's blocks end. */
function given(rules: BlockRules, count: number, { sampled, eos, slots }: BlockObservation): Move {
  if (slots >= count)
    return { do: "close", ending: "count", id: rules.forceEnd || rules.allowSampledEnd ? rules.endId : null };
  const ended = (rules.allowSampledEnd && sampled === rules.endId) || (rules.eosEnds && eos);
  return { do: "slot", record: rules.recordSampled && !ended ? sampled : rules.padId };
}

/** Static tokens are written like words; those that a plan has no vector for are left out. */
function staticMove(rules: BlockRules, ids: readonly number[], within: BlockObservation): Move {
  const { sampled, eos, slots, given: count, full } = within;
  if (sampled === rules.endId) return { do: "close", ending: "sampled-end", id: sampled };
  if (eos) return { do: "stop", ending: "eos" };
  if (full) return { do: "stop", ending: "length" };
  if (!ids.includes(sampled)) return { do: "word", id: sampled };
  return count !== null && slots >= count
    ? { do: "close", ending: "count", id: rules.endId }
    : { do: "slot", record: sampled };
}

/** The next move within a block; counts in `state`. */
export function nextMove(rules: BlockRules, state: BlockState, within: BlockObservation): Move {
  const { sampled, eos, near, full } = within;
  if (rules.static) return staticMove(rules, rules.static, within);
  if (within.given !== null) return given(rules, within.given, within);
  if (rules.startRestarts && sampled === rules.startId) return { do: "restart" };
  let record = rules.recordSampled ? sampled : rules.padId;
  if (rules.allowSampledEnd && sampled === rules.endId) {
    if (countEnd(rules, state)) return { do: "close", ending: "sampled-end", id: sampled };
    // An end marker that no longer counts is recorded like any other id, and a latent is fed.
    record = sampled;
  }
  if (near) return { do: "close", ending: "distance", id: null };
  if (!endless(rules, state)) {
    if (state.count >= rules.k) {
      state.ended = true;
      return { do: "close", ending: "count", id: rules.forceEnd ? rules.endId : null };
    }
    state.count++;
  } else if (full) return { do: "stop", ending: "length" };
  if (rules.eosEnds && eos) return { do: "stop", ending: "eos" };
  return { do: "slot", record };
}

/**
 * The state of a row that has written `ids` and opened no block yet.
 *
 * @example
 * initialState(blockRules({ startId: 1, padId: 2, endId: 3, k: 1 }), [3]).ends; // 0: only Mirage counts these
 */
export function initialState(rules: BlockRules, ids: readonly number[]): BlockState {
  const ends = rules.counters === "text" ? ids.filter((id) => id === rules.endId).length : 0;
  return { count: 0, ends, ended: ends > 0 };
}

/** A block begins: its counters start anew, unless the dialect never resets them. */
export function openState(rules: BlockRules, state: BlockState): void {
  if (rules.counters === "text") return;
  state.count = 0;
  state.ended = false;
}
