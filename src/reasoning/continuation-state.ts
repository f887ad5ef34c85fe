/** The state of one continuation, and its transitions. */
import { ensure } from "../util/index.ts";
import {
  type BlockState,
  countEnd,
  type Ending,
  initialState,
  nextMove,
  openState,
} from "./block-machine.ts";
import type { Feed, NamedLogits, TextRules } from "./engine/types.ts";
import type { LatentModel } from "./latent-model.ts";
import { filterPromptBlocks, isPromptSlot } from "./prompt-blocks.ts";
import { notText, type PrefixRow } from "./shared-prefix.ts";
import { type Continuation, givenOf, isBare, maskedPartsOf, putAt, type SlotPlan } from "./slot-plan.ts";
import { isNear } from "./stop-vector.ts";

export interface ContinuationState {
  plan: SlotPlan;
  from: PrefixRow;
  /** What the next step feeds: a token, the next slot of the current block, or a picked feature before it. */
  feeding: "token" | "slot" | "picked" | "nothing";
  token: number;
  /** BlockObservation a block: its start marker, a slot or (static dialects) a word of it was written last. */
  open: boolean;
  state: BlockState;
  /** Rest of the prompt, not read yet. */
  script: number[];
  /** Slots at the head of `script`, where only their places tell them from words. */
  spelled: number;
  /** Features still to be picked before the next slot. */
  picks: number;
  /** Words that the dialect writes next, whatever the model would. */
  forced: number[];
  /** Ids that may be written. */
  limit: number;
  /** Number of next ids that must be text, neither marker nor cue nor end (`suppressed` plans with `words`). */
  words: number;
  /** The hidden state after the last token read, the input of a slot; null where only the engine knows it. */
  feedback: Float32Array | null;
  /** What was fed in the last slot; at a start marker that the model wrote, the hidden state that wrote it. */
  last: Float32Array | null;
  /** Vectors fed, block by block. */
  fed: Float32Array[][];
  /** Positions of the markers that were fed. */
  markers: number[];
  result: Omit<Continuation, "latents">;
}

/** What has to be known of the logits behind all that a row has read before it can go on. */
export interface Question {
  /** Ids that the greedy choice leaves out. */
  forbid: readonly (number | null)[];
  /** Words may be written by the same rule, as long as these allow. */
  text: Omit<TextRules, "forbid"> | null;
  /** The answer's cue is looked for, behind these ids and what is fed. */
  tail: readonly number[] | null;
}

export interface Reply {
  /** Words written and read already. */
  written: readonly number[];
  /** The choice behind them; null where text is to go on. */
  id: number | null;
  /** Where the cue was complete, counted in ids of the row, and the logits there. */
  cue: { at: number; logits: NamedLogits } | null;
}

interface DecodeLimits {
  cue: readonly number[];
  maxTokens: number;
}

/** Transitions of continuations. */
export interface ContinuationMachine {
  /** A row before its first step. */
  start(plan: SlotPlan, from: PrefixRow): ContinuationState;
  /** What the row feeds next, entered in its record. */
  feed(row: ContinuationState): Feed;
  /** Behind what was fed: what the row does next, by the answers to its questions. */
  advance(row: ContinuationState): Generator<Question, void, Reply>;
}

const newResult = (): ContinuationState["result"] => ({
  ids: [],
  blocks: 0,
  endings: [],
  answerLogits: null,
  finish: null,
  slots: [],
  answerAt: null,
});

/** Transitions of continuations under the rules of `model`. `words`: embeddings of static tokens. */
export function continuationMachine(
  model: LatentModel,
  { cue, maxTokens }: DecodeLimits,
  words: ReadonlyMap<number, Float32Array> = new Map(),
): ContinuationMachine {
  const { network, rules, eos, stopVector } = model;
  const { hiddenSize: width } = network.config.text;
  /** Whether it matters what the model would write within a block. */
  const listens =
    rules.allowSampledEnd || rules.recordSampled || rules.eosEnds || rules.startRestarts || !rules.bounded;

  const countOf = (plan: SlotPlan, block: number): number | null => {
    if (plan.kind === "own") return plan.steps ?? null;
    const given = givenOf(plan, block);
    return given && given.length / width;
  };
  const record = (row: ContinuationState, id: number): void => {
    row.token = id;
    row.result.ids.push(id);
  };
  const write = (row: ContinuationState, id: number): void => {
    row.feeding = "token";
    record(row, id);
  };
  const writeSlot = (row: ContinuationState, id: number): void => {
    row.feeding = "slot";
    if (rules.made === "branch" && !rules.apart) row.limit++;
    record(row, id);
  };
  const finish = (row: ContinuationState, why: "eos" | "length"): void => {
    row.feeding = "nothing";
    row.result.finish = why;
  };
  const open = (row: ContinuationState): void => {
    row.open = true;
    row.result.blocks++;
    row.fed.push([]);
    openState(rules, row.state);
  };
  const close = (row: ContinuationState, ending: Ending): void => {
    row.open = false;
    row.result.endings.push(ending);
  };

  /** A block begins with its start marker, or with its first slot where the plan has no markers. */
  const begin = (row: ContinuationState): void => {
    open(row);
    row.last = row.feedback;
    if (isBare(row.plan)) writeSlot(row, rules.padId);
    else if (rules.startUsesHidden && row.plan.kind !== "skip") {
      if (rules.kIncludesStart) row.state.count++;
      writeSlot(row, rules.startId!);
    } else write(row, rules.startId!);
  };

  /** The next id of the prompt is read, as slot, marker or word. */
  const replayPrompt = (row: ContinuationState): void => {
    const isSlot = rules.spelled || rules.apart ? row.spelled > 0 : isPromptSlot(rules, row.script[0]!);
    if (isSlot && !row.open) open(row);
    if (isSlot && row.picks > 0) {
      row.picks--;
      row.limit++;
      row.feeding = "picked";
      record(row, network.config.tokens.image);
      return;
    }
    const id = row.script.shift()!;
    row.spelled--;
    if (isSlot) {
      row.picks = rules.picks ?? 0;
      writeSlot(row, id);
      return;
    }
    if (row.open) close(row, row.plan.kind === "skip" ? "skipped" : "count");
    if (id === rules.startId) {
      begin(row);
      // Where the marker ends the prompt there is no state yet that its family would compare.
      row.last = null;
    } else write(row, id);
  };

  /** Text that could hold the cue: without a start marker before it, it may have begun before the block. */
  const textOf = ({ from, result: { ids } }: ContinuationState): readonly number[] =>
    rules.startId !== null && ids[0] === rules.startId ? ids : [...from.written.slice(-cue.length), ...ids];
  const isFull = ({ result, limit }: ContinuationState): boolean => result.ids.length >= limit;
  const isMarker = (id: number): boolean => id === rules.startId || id === rules.endId;
  const hasAllBlocks = ({ result }: ContinuationState): boolean =>
    result.blocks >= (rules.maxBlocks ?? Number.POSITIVE_INFINITY);
  /** Whether a start marker is more than a word. */
  const startMeans = (row: ContinuationState): boolean =>
    !rules.placeholders && !(rules.furtherStarts === "words" && hasAllBlocks(row));

  /** What dialects with blocks in a row write behind an end marker. */
  const forceNext = (row: ContinuationState): void => {
    if (rules.afterBlocks) row.forced.push(...(hasAllBlocks(row) ? rules.afterBlocks : [rules.startId!]));
  };

  /** Words outside of blocks, up to a token that may open one. */
  function* decodeText(
    row: ContinuationState,
    barred: readonly (number | null)[],
  ): Generator<Question, void, Reply> {
    const { plan, result } = row;
    for (;;) {
      const once = barred.length > 0 || row.words > 0;
      const forbid = [...barred];
      if (plan.kind === "suppressed") forbid.push(rules.startId);
      if (row.words-- > 0) forbid.push(...notText(model, cue, textOf(row)));
      if (isBare(plan)) forbid.push(rules.endId);
      const stop = [
        ...(startMeans(row) && rules.startId !== null ? [rules.startId] : []),
        // What is hidden changes with every marker, and so does what blocks in a row write next.
        ...(rules.endId !== null && (rules.afterBlocks || maskedPartsOf(plan)?.includes("markers"))
          ? [rules.endId]
          : []),
      ];
      const limit = Math.max(0, row.limit - result.ids.length);
      const reply = yield {
        forbid,
        text: once ? null : { stop, final: eos, limit },
        tail: result.answerLogits ? null : textOf(row),
      };
      for (const id of reply.written) {
        if (isMarker(id)) row.markers.push(result.ids.length);
        if (id === rules.endId) countEnd(rules, row.state);
        record(row, id);
      }
      if (reply.cue) {
        result.answerLogits = reply.cue.logits;
        result.answerAt = reply.cue.at;
      }
      const { id } = reply;
      if (id === null) continue;
      if (eos.includes(id) || isFull(row)) finish(row, eos.includes(id) ? "eos" : "length");
      else if (id === rules.startId && startMeans(row)) {
        if (hasAllBlocks(row)) finish(row, "eos");
        else begin(row);
      } else {
        if (id === rules.endId) countEnd(rules, row.state);
        write(row, id);
        if (id === rules.endId && hasAllBlocks(row)) forceNext(row);
      }
      return;
    }
  }

  /** BlockObservation a block. Whether the row has moved; otherwise the block is closed and the next word is free. */
  function* decodeBlock(row: ContinuationState): Generator<Question, boolean, Reply> {
    const { plan, result, state } = row;
    const slots = row.fed.at(-1)!.length;
    const given = countOf(plan, result.blocks - 1);
    if (plan.kind === "skip") {
      close(row, "skipped");
      if (rules.endId === null) return false;
      if (rules.made === "branch") row.limit++;
      write(row, rules.endId);
      forceNext(row);
      return true;
    }
    if (isBare(plan) && slots < given!) {
      writeSlot(row, rules.padId);
      return true;
    }
    if (isBare(plan) || rules.placeholders) {
      close(row, "count");
      return false;
    }
    const sampled = listens ? (yield { forbid: [], text: null, tail: null }).id! : -1;
    const near = rules.stop !== null && row.last !== null && isNear(rules.stop, row.last, stopVector!);
    const move = nextMove(rules, state, {
      sampled,
      eos: eos.includes(sampled),
      slots,
      given,
      near,
      full: isFull(row),
    });
    if (move.do === "slot") writeSlot(row, move.record);
    else if (move.do === "word") write(row, move.id);
    else if (move.do === "restart") {
      close(row, "restart");
      begin(row);
    } else if (move.do === "stop") {
      close(row, move.ending);
      finish(row, move.ending);
    } else {
      close(row, move.ending);
      if (move.id === null) return false;
      if (rules.made === "branch") row.limit++;
      write(row, move.id);
      if (move.id !== rules.endId) return true;
      if (slots >= rules.k) row.forced.push(...(rules.afterLimit ?? []));
      forceNext(row);
    }
    return true;
  }

  return {
    start(plan, from) {
      const { written, script = [] } = from;
      const fills = plan.kind === "own" || plan.kind === "fixed";
      const words = plan.kind === "suppressed" ? (plan.words ?? 0) : 0;
      // Longer blocks than the model's own leave as much room for words.
      const longer = plan.kind === "own" && !rules.apart ? Math.max(0, (plan.steps ?? 0) - rules.k) : 0;
      const row: ContinuationState = {
        plan,
        from,
        feeding: "nothing",
        token: rules.padId,
        open: false,
        state: initialState(rules, written),
        script: filterPromptBlocks(rules, script, {
          markers: plan.kind !== "suppressed" && !isBare(plan),
          slots: (block) => (fills ? (countOf(plan, block) ?? Number.POSITIVE_INFINITY) : 0),
        }),
        spelled: 0,
        picks: rules.picks ?? 0,
        forced: [],
        // What is written before such a block counts, too.
        limit: maxTokens + script.length + longer - (rules.made === "branch" ? written.length : 0),
        words,
        // What the prompt ends with is nothing that words read again are fed.
        feedback: rules.apart ? null : (from.feedback ?? null),
        last: null,
        fed: [],
        markers: [],
        result: newResult(),
      };
      const filled = rules.apart ? (fills ? script.length : 0) : (rules.spelled?.length ?? 0);
      row.spelled = row.script.length - script.length + filled;
      if (from.state !== "block") return { ...row, script: [] };
      const opens = plan.kind !== "suppressed" && !rules.placeholders;
      if (row.script.length > 0) replayPrompt(row);
      else if (opens) begin(row);
      else {
        const next = row.words-- > 0 ? from.word : from.instead;
        if (next === null || next === undefined || eos.includes(next)) row.result.finish = "eos";
        else write(row, next);
      }
      return row;
    },

    feed(row) {
      const { feeding, token: id, result } = row;
      const place = result.ids.length - 1;
      if (feeding === "token") {
        if (isMarker(id)) row.markers.push(place);
        return { id };
      }
      if (feeding === "picked") {
        result.picked = [...(result.picked ?? []), place];
        return { id, vector: "picked" };
      }
      result.slots.push(place);
      const block = row.fed.at(-1)!;
      const given =
        putAt(row.plan, block.length) ??
        givenOf(row.plan, result.blocks - 1)?.slice(block.length * width, (block.length + 1) * width);
      const word = rules.static && !given ? words.get(id)?.slice() : undefined;
      const known = given ?? word ?? row.feedback?.slice();
      ensure(known || place > 0 || rules.apart, "runtime", () => ({
        where: "the start marker of a latent block",
        expected: "the hidden state that wrote it",
        got: "a prefix without it, which was not made by decodeToBlock",
      }));
      row.last = known ?? new Float32Array(width);
      block.push(row.last);
      if (word) return { id };
      return { id, vector: known ?? (rules.made === "branch" ? "branch" : "own") };
    },

    *advance(row) {
      if (row.script.length > 0) {
        replayPrompt(row);
        return;
      }
      const next = row.forced.shift();
      if (next !== undefined) {
        if (isFull(row)) finish(row, "length");
        else if (next === rules.startId) begin(row);
        else write(row, next);
        return;
      }
      if (row.open && (yield* decodeBlock(row))) return;
      const justClosed = row.feeding === "slot" && isBare(row.plan);
      yield* decodeText(row, justClosed ? [rules.startId] : []);
    },
  };
}
