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
import { greedy, type Repetition } from "./greedy.ts";
import type { LatentModel } from "./latent-model.ts";
import { filterPromptBlocks, isPromptSlot } from "./prompt-blocks.ts";
import { endsWith, notText, type PrefixRow } from "./shared-prefix.ts";
import { type Continuation, givenOf, isBare, type SlotPlan } from "./slot-plan.ts";
import { isNear } from "./stop-vector.ts";

export interface ContinuationState {
  plan: SlotPlan;
  from: PrefixRow;
  /** What the next step feeds: a token, or the next slot of the current block. */
  feeding: "token" | "slot" | "nothing";
  token: number;
  /** BlockObservation a block: its start marker, a slot or (static dialects) a word of it was written last. */
  open: boolean;
  state: BlockState;
  /** Rest of the prompt, not read yet. */
  script: number[];
  /** Ids that may be written. */
  limit: number;
  /** Number of next ids that must be text, neither marker nor cue nor end (`suppressed` plans with `words`). */
  words: number;
  /** The hidden state after the last token read: the input of a slot. */
  feedback: Float32Array | null;
  /** What was fed in the last slot; at a start marker that the model wrote, the hidden state that wrote it. */
  last: Float32Array | null;
  /** Vectors fed, block by block. */
  fed: Float32Array[][];
  /** Positions of the markers that were fed. */
  markers: number[];
  repetition: Repetition;
  result: Omit<Continuation, "latents">;
}

/** Logits after the last token read: [V] from `offset` on. */
export interface StepLogits {
  logits: Float32Array;
  offset: number;
}

export interface DecodeLimits {
  cue: readonly number[];
  maxTokens: number;
}

/** Transitions of continuations. */
export interface ContinuationMachine {
  /** A row before its first step. */
  start(plan: SlotPlan, from: PrefixRow): ContinuationState;
  /** Vector for the slot that a row is about to feed, kept in its record; `word` is the embedding of its token. */
  slotVector(row: ContinuationState, word: Float32Array): Float32Array;
  /** After a step: what the row does next. */
  advance(row: ContinuationState, step: StepLogits): void;
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

/** Transitions of continuations under the rules of `model`. */
export function continuationMachine(
  model: LatentModel,
  { cue, maxTokens }: DecodeLimits,
): ContinuationMachine {
  const { network, rules, eos, stopVector, generation } = model;
  const { vocabSize, hiddenSize: width } = network.config.text;
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
    row.repetition.seen.add(id);
  };
  const write = (row: ContinuationState, id: number): void => {
    row.feeding = "token";
    record(row, id);
  };
  const writeSlot = (row: ContinuationState, id: number): void => {
    row.feeding = "slot";
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
    const id = row.script.shift()!;
    if (isPromptSlot(rules, id)) {
      if (!row.open) open(row);
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
  const best = (
    row: ContinuationState,
    { logits, offset }: StepLogits,
    forbidden: readonly (number | null)[] = [],
  ): number => greedy(logits, offset, vocabSize, row.repetition, forbidden);
  const isFull = ({ result, limit }: ContinuationState): boolean => result.ids.length >= limit;

  /** Outside of blocks: the next token, which may open one. */
  const decodeText = (row: ContinuationState, step: StepLogits, barred: readonly (number | null)[]): void => {
    const { plan, result } = row;
    if (!result.answerLogits && endsWith(textOf(row), cue)) {
      result.answerLogits = step.logits.slice(step.offset, step.offset + vocabSize);
      result.answerAt = result.ids.length;
    }
    const forbidden = [...barred];
    if (plan.kind === "suppressed") forbidden.push(rules.startId);
    if (row.words-- > 0) forbidden.push(...notText(model, cue, textOf(row)));
    if (isBare(plan)) forbidden.push(rules.endId);
    const id = best(row, step, forbidden);
    if (eos.includes(id) || isFull(row)) finish(row, eos.includes(id) ? "eos" : "length");
    else if (id === rules.startId && !rules.placeholders) begin(row);
    else {
      if (id === rules.endId) countEnd(rules, row.state);
      write(row, id);
    }
  };

  /** BlockObservation a block. Whether the row has moved; otherwise the block is closed and the next word is free. */
  const decodeBlock = (row: ContinuationState, step: StepLogits): boolean => {
    const { plan, result, state } = row;
    const slots = row.fed.at(-1)!.length;
    const given = countOf(plan, result.blocks - 1);
    if (plan.kind === "skip") {
      close(row, "skipped");
      if (rules.endId !== null) write(row, rules.endId);
      return rules.endId !== null;
    }
    if (isBare(plan) && slots < given!) {
      writeSlot(row, rules.padId);
      return true;
    }
    if (isBare(plan) || rules.placeholders) {
      close(row, "count");
      return false;
    }
    const sampled = listens ? best(row, step) : -1;
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
      write(row, move.id);
    }
    return true;
  };

  return {
    start(plan, from) {
      const { written, script = [], prompt = [] } = from;
      const fills = plan.kind === "own" || plan.kind === "fixed";
      const words = plan.kind === "suppressed" ? (plan.words ?? 0) : 0;
      // Longer blocks than the model's own leave as much room for words.
      const longer = plan.kind === "own" ? Math.max(0, (plan.steps ?? 0) - rules.k) : 0;
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
        limit: maxTokens + script.length + longer,
        words,
        feedback: from.feedback ?? null,
        last: null,
        fed: [],
        markers: [],
        repetition: { penalty: generation.repetitionPenalty, seen: new Set([...prompt, ...written]) },
        result: newResult(),
      };
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

    slotVector(row, word) {
      const given = givenOf(row.plan, row.result.blocks - 1);
      const block = row.fed.at(-1)!;
      let vector = rules.static ? word : row.feedback;
      if (given) vector = given.subarray(block.length * width, (block.length + 1) * width);
      ensure(vector, "runtime", () => ({
        where: "the start marker of a latent block",
        expected: "the hidden state that wrote it",
        got: "a prefix without it, which was not made by decodeToBlock",
      }));
      row.last = vector.slice();
      block.push(row.last);
      return row.last;
    },

    advance(row, step) {
      if (row.script.length > 0) {
        replayPrompt(row);
        return;
      }
      if (row.open && decodeBlock(row, step)) return;
      const justClosed = row.feeding === "slot" && isBare(row.plan);
      decodeText(row, step, justClosed ? [rules.startId] : []);
    },
  };
}
