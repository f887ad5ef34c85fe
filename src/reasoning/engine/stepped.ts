/** The engine over a network in this process that makes one step at a time. */
import {
  type ContinuationCache,
  extendPrefix,
  MASK_VALUE,
  type PrefixCache,
  type QwenModel,
  type StepMask,
} from "../../qwen/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import { greedy } from "../greedy.ts";
import { endsWith, promptLayouts } from "../prompt-layout.ts";
import { branchRows } from "./branch-rows.ts";
import { compactRows, compactSize, gatherContinuations } from "./compact-batch.ts";
import { likeliestOf } from "./likeliest.ts";
import { prefixRows, withoutColumns } from "./prefix-rows.ts";
import type {
  Engine,
  Feed,
  Likely,
  OpenPrompts,
  Prefix,
  Program,
  ProgramEnd,
  RowResult,
  RunOptions,
} from "./types.ts";

/** Logits of the whole vocabulary that are held at once, in rows of states. */
const LENS_ROWS = 32;

/** A row between programs. */
interface Row {
  seen: Set<number>;
  done: boolean;
  /** Logits [V] from `offset` on and hidden state after the last thing read; none before the first step of a fork. */
  after: { logits: Float32Array; offset: number; state: Float32Array; inner?: Float32Array } | null;
  /** Vectors of a block of the network's own that have not been fed yet. */
  block: Float32Array[];
}

/** A row within a run. */
interface Running {
  row: Row;
  program: Program;
  next: Feed | null;
  recorded: number[];
  own: Float32Array[];
  written: number[];
  fed: number;
  end: ProgramEnd | null;
  id: number | null;
  cueAt: number | null;
  cueLogits: Float32Array | null;
  finite: boolean;
}

const allFinite = (values: Float32Array, offset: number, count: number): boolean => {
  for (let i = offset; i < offset + count; i++) if (!Number.isFinite(values[i])) return false;
  return true;
};

/** Whether a row is about to read a block of which the network makes at least some, and that is not made yet. */
function beginsBlock({ row, program, fed, next }: Running): boolean {
  if (row.block.length > 0 || next?.vector === undefined) return false;
  const end = program.feed.findIndex(({ vector }, i) => i > fed && vector === undefined);
  return program.feed.slice(fed, end < 0 ? undefined : end).some(({ vector }) => vector === "branch");
}

/** Choices of a row under the rules of its program. */
function choices(vocabSize: number, { cue, penalty }: RunOptions) {
  const after = ({ row }: Running): NonNullable<Row["after"]> => {
    ensure(row.after, "input", () => ({
      where: "a row of a fork",
      expected: "something to read before the first choice",
      got: "none",
    }));
    return row.after;
  };
  return {
    after,
    choose(running: Running, forbidden: readonly (number | null)[]): number {
      const { logits, offset } = after(running);
      const id = greedy(logits, offset, vocabSize, { penalty, seen: running.row.seen }, forbidden);
      if (!Number.isFinite(logits[offset + id])) running.finite = false;
      return id;
    },
    look(running: Running): void {
      const wanted = running.program.cue;
      if (!wanted || running.cueAt !== null || !endsWith([...wanted.tail, ...running.recorded], cue)) return;
      const { logits, offset } = after(running);
      running.cueAt = running.recorded.length;
      running.cueLogits = logits.slice(offset, offset + vocabSize);
    },
  };
}

/** What a row reads next, or how its program has ended. */
function settle(running: Running, { choose, look }: ReturnType<typeof choices>): void {
  const { program, fed, written } = running;
  running.next = program.feed[fed] ?? null;
  if (running.next) return;
  if (!program.text) {
    running.end = "fed";
    return;
  }
  look(running);
  const { forbid, final, stop, limit } = program.text;
  const id = choose(running, forbid);
  running.end = final.includes(id)
    ? "final"
    : stop.includes(id)
      ? "stop"
      : written.length >= limit
        ? "limit"
        : null;
  if (running.end) running.id = id;
  else running.next = { id };
}

/** Columns of the tokens fed at `place` that they cannot see. */
function blockedAt(place: number, active: readonly (Running | null)[], length: number): StepMask {
  const blocked: StepMask = {
    prefix: new Float32Array(active.length * length),
    suffix: new Float32Array(active.length * (place + 1)),
  };
  for (const [r, running] of active.entries()) {
    for (const column of (running?.next && running.program.hide) || []) {
      const own = column - length;
      if (own < 0) blocked.prefix[r * length + column] = MASK_VALUE;
      // A token always sees itself: a row of attention without anything in it means nothing.
      else if (own < place) blocked.suffix[r * (place + 1) + own] = MASK_VALUE;
    }
  }
  return blocked;
}

/** Rows over a prefix; `n` for each example. `onStep` is told which rows of a step have read something. */
function steppedRows(
  network: QwenModel,
  prefix: PrefixCache,
  rows: readonly Row[],
  onStep: (read: readonly boolean[], suffix: ContinuationCache, positions: Int32Array) => void = () =>
    undefined,
) {
  const { vocabSize, hiddenSize: width } = network.config.text;
  const { batch } = prefix;
  const n = rows.length / batch;
  let suffix: ContinuationCache | null = null;
  /** Rows of a step, the same number for every example; null: padding. */
  let active: readonly (Row | null)[] = rows;
  let positions = Int32Array.from(rows, (_, r) => prefix.next[Math.floor(r / n)]!);
  let masked = false;
  let place = 0;

  /** Makes the blocks that rows are fed next from the network's branch. */
  const makeBlocks = async (reading: readonly (Running | null)[]): Promise<void> => {
    const wanted = reading.flatMap((each, at) =>
      each && beginsBlock(each) ? [{ at, row: each.row, hide: each.program.hide ?? [] }] : [],
    );
    if (wanted.length === 0) return;
    const { branch } = network;
    ensure(branch, "input", () => ({
      where: "a feed of a row",
      expected: "a vector, or a network with a branch that makes blocks",
      got: "a block, and a network without one",
    }));
    const size = { active: active.length, positions };
    const made = await branch!.make(branchRows(branch!.layers, prefix, suffix, wanted, size));
    const block = made.length / wanted.length;
    for (const [i, { row }] of wanted.entries())
      for (let from = i * block; from < (i + 1) * block; from += width)
        row.block.push(made.slice(from, from + width));
  };

  const step = async (running: ReadonlyMap<Row, Running>): Promise<void> => {
    const reads = (row: Row | null): Running | null => {
      const found = row && running.get(row);
      return found?.next ? found : null;
    };
    const writing = active.map((row) => reads(row) !== null);
    const fewer = compactSize(writing, batch);
    if (suffix && fewer !== null) {
      const kept = compactRows(writing, batch, fewer);
      suffix = gatherContinuations(suffix, batch, kept);
      positions = Int32Array.from(kept, (r) => positions[r]!);
      active = kept.map((r) => (writing[r] ? active[r]! : null));
    }
    const reading = active.map(reads);
    await makeBlocks(reading);
    const embeddings = network.embed(reading.map((each) => each?.next?.id ?? 0));
    for (const [r, each] of reading.entries()) {
      const vector = each?.next?.vector;
      // Behind a word another block begins.
      if (each && vector === undefined) each.row.block.length = 0;
      // Families with picked features are refused when a model is put together.
      if (!each || vector === undefined || vector === "picked") continue;
      // A given vector stands for the one that the block has there.
      const made = each.row.block.shift();
      const fed = vector === "own" ? each.row.after!.state : vector === "branch" ? made! : vector;
      if (vector === "own" || vector === "branch") each.own.push(fed.slice());
      embeddings.set(fed, r * width);
    }
    const blocked = masked ? blockedAt(place, reading, prefix.length) : undefined;
    const out = await network.step(prefix, suffix, embeddings, positions, blocked);
    suffix = out.suffix;
    place++;
    for (const [r, each] of reading.entries()) {
      if (!each) continue;
      const { id } = each.next!;
      each.row.after = {
        logits: out.logits,
        offset: r * vocabSize,
        state: out.feedback.subarray(r * width, (r + 1) * width),
        ...(out.inner && { inner: out.inner.subarray(r * width, (r + 1) * width) }),
      };
      each.row.seen.add(id);
      each.recorded.push(id);
      if (each.fed < each.program.feed.length) each.fed++;
      else each.written.push(id);
    }
    onStep(
      reading.map((each) => each !== null),
      suffix,
      positions,
    );
  };

  return {
    async run(programs: readonly (Program | null)[], options: RunOptions): Promise<(RowResult | null)[]> {
      const rules = choices(vocabSize, options);
      const running = new Map<Row, Running>();
      for (const [r, program] of programs.entries()) {
        const row = rows[r]!;
        row.done ||= program === null;
        if (program && row.done) throw notAgain(r);
        if (!program) continue;
        const { state, logits } = program.replace ?? {};
        if (state && logits) row.after = { logits, offset: 0, state };
        masked ||= program.hide !== null;
        running.set(row, {
          row,
          program,
          next: null,
          recorded: [],
          own: [],
          written: [],
          fed: 0,
          end: null,
          id: null,
          cueAt: null,
          cueLogits: null,
          finite: true,
        });
      }
      const all = [...running.values()];
      for (;;) {
        for (const each of all) {
          if (each.end) each.next = null;
          else settle(each, rules);
        }
        if (all.some(({ end }) => end === "fed" || end === "stop") || all.every(({ end }) => end)) break;
        await step(running);
      }
      return rows.map((row) => {
        const each = running.get(row);
        if (!each) return null;
        const { program, end } = each;
        row.done = end === "final" || end === "limit";
        if (end && program.choose.length > 0) rules.look(each);
        const chosen = end ? program.choose.map((forbidden) => rules.choose(each, forbidden)) : [];
        const { written, id, fed, own, cueAt, cueLogits, finite } = each;
        const last = program.layer === undefined ? row.after?.state : row.after?.inner;
        ensure(!program.state || program.layer === undefined || last, "input", () => ({
          where: `the state after layer ${program.layer} of a row`,
          expected: "a network made with `innerLayer`, and something that was read",
          got: "none",
        }));
        const state = (program.state && last) || null;
        return { end: end ?? "more", written, id, fed, own, cueAt, cueLogits, chosen, state, finite };
      });
    },
    async release(): Promise<void> {
      suffix = null;
    },
  };
}

const notAgain = (row: number): LintelError =>
  new LintelError("input", {
    where: `row ${row} of a run`,
    expected: "no program: it is done for good",
    got: "one",
  });

/** The engine over `network`, which stays the caller's. */
export function steppedEngine(network: QwenModel): Engine {
  const { config } = network;
  const { vocabSize, hiddenSize: width } = config.text;
  const { replay, lens } = network;
  return {
    config,
    embed: async (ids) => network.embed(ids),
    async open(prompts, { dropImages = false } = {}): Promise<OpenPrompts> {
      const filled = await network.prefill(prompts);
      const { logits, feedback } = filled;
      const starts = prompts.flatMap((prompt) => network.branch?.start(prompt) ?? []);
      const read = starts.length > 0 ? { ...filled.prefix, starts } : filled.prefix;
      const prefix = dropImages
        ? withoutColumns(
            read,
            promptLayouts({ network }, prompts).map(({ images }) => images),
          )
        : read;
      const rows = prompts.map(
        ({ ids }, b): Row => ({
          seen: new Set(ids),
          done: false,
          after: { logits, offset: b * vocabSize, state: feedback.subarray(b * width, (b + 1) * width) },
          block: [],
        }),
      );
      const valid: boolean[][] = prompts.map(() => []);
      let last: { suffix: ContinuationCache; next: Int32Array } | null = null;
      const next = prefix.next.slice();
      const opened = steppedRows(network, prefix, rows, (read, suffix, positions) => {
        for (const [b, did] of read.entries()) {
          valid[b]!.push(did);
          if (did) next[b]!++;
          positions[b] = next[b]!;
        }
        last = { suffix, next };
      });
      return {
        ...opened,
        finite: prompts.map(
          (_, b) => allFinite(logits, b * vocabSize, vocabSize) && allFinite(feedback, b * width, width),
        ),
        end: async () => (last ? extendPrefix(prefix, last.suffix, valid, last.next) : prefix),
      };
    },
    async states(prompts) {
      const { layers } = await network.prefill(prompts);
      return layers?.at(-1) ?? null;
    },
    async fork(prefix, n, seen) {
      const rows = seen.flatMap((ids) =>
        Array.from({ length: n }, (): Row => ({ seen: new Set(ids), done: false, after: null, block: [] })),
      );
      return steppedRows(network, prefix as PrefixCache, rows, (_, __, positions) => {
        for (const r of positions.keys()) positions[r]!++;
      });
    },
    drop: async () => undefined,
    select: (prefix: Prefix, which) => prefixRows(prefix as PrefixCache, which),
    ...(replay && { replay: (prefix, rows, options) => replay(prefix as PrefixCache, rows, options) }),
    ...(lens && {
      async likeliest(states, count, normed = false) {
        const found: Likely[][] = [];
        for (let at = 0; at < states.length; at += LENS_ROWS * width) {
          const some = states.slice(at, at + LENS_ROWS * width);
          found.push(...likeliestOf(await lens(some, normed), vocabSize, count));
        }
        return found;
      },
    }),
  };
}
