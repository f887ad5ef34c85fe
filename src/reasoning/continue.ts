/** Continuing shared prefixes through the latent block under N plans at once. FAMILIES.md §14, one state machine. */
import { BLOCKED, type Blocked, type Suffix } from "../qwen/index.ts";
import type { LatentModel } from "./model.ts";
import { argmax, endsWith, type PrefixRow, type SharedPrefix } from "./prefix.ts";

/** Parts of the sequence that the text after the first block may be kept from. */
export type Hidden = "slots" | "markers" | "image";

/** What stands in the slots. */
export type Plan =
  /** `hidden`: from the first end marker on, text cannot attend to these. */
  | { kind: "own"; hidden?: readonly Hidden[] }
  /** Start marker, end marker, nothing between. */
  | { kind: "skip" }
  /** No block at all: the start marker is never written, text goes on without. */
  | { kind: "suppressed" }
  /**
   * Given vectors for each block, [K·D] or fewer slots; a further block takes the last again, as LanteRn's injection
   * does. `bare`: the slots stand without their two markers.
   */
  | { kind: "fixed"; blocks: readonly Float32Array[]; bare?: boolean; hidden?: readonly Hidden[] };

/** Why a block ended. LanteRn's only end by "count"; the others belong to dialects in which the model may end one. */
export type Ending = "count" | "sampled-end" | "skipped" | "eos" | "length";

export interface Continuation {
  /** Ids written from the start marker on (slots as the pad id), end of text not among them. */
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

interface Row {
  /** What the next step feeds: a token, or slot `slot` of the current block. */
  feeding: "token" | "slot" | "nothing";
  token: number;
  slot: number;
  /** The own hidden state that this slot would get. */
  feedback: Float32Array | null;
  /** Places of the markers that were fed. */
  markers: number[];
  result: Continuation;
}

const isBare = (plan: Plan): boolean => plan.kind === "fixed" && plan.bare === true;

/**
 * Continues every example of `shared` under each of its plans: `plans[b]` has the same number N of entries for every
 * example. Rows whose example opened no block are answered by what the prefix already wrote.
 *
 * `cue`: ids after which the answer stands; `maxTokens` limits ids after the start marker.
 *
 * @example
 * const config = pocketConfig({
 *   vocabSize: 24,
 *   hiddenSize: 32,
 *   layers: 1,
 *   heads: 2,
 *   extra: { latent_size: 1, lvr_start_id: 7 },
 * });
 * const weights = Object.fromEntries(
 *   [...expectedTensors(config)].map(([name, shape]) => {
 *     const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
 *     return [name, { dtype: "float32", shape, data }];
 *   }),
 * );
 * const tokenizer = createTokenizer(pocketTokenizer(["a", "b"]), "example");
 * const processor = parseProcessorConfig({ patch_size: 6, min_pixels: 144 }, "example");
 * const model = assembleModel({ config, weights, tokenizer, processor, eos: [0] });
 * const prompt = { ids: tokenizer.encode("a b"), visuals: new Float32Array(0), grids: [] };
 * const limits = { cue: [], maxTokens: 8 };
 * const { prefix } = await decodeToBlock(model, [prompt], limits);
 * const opened = { prefix, rows: [{ written: [], state: "block", answerLogits: null, instead: null }] };
 * const [[own, skip]] = await continueFrom(model, opened, [[{ kind: "own" }, { kind: "skip" }]], limits);
 * [own.ids.length, skip.ids.length]; // [3, 2]: start, latent, end; start, end
 */
export async function continueFrom(
  model: LatentModel,
  shared: SharedPrefix,
  plans: readonly (readonly Plan[])[],
  { cue, maxTokens }: { cue: readonly number[]; maxTokens: number },
): Promise<Continuation[][]> {
  const { network, rules, eos } = model;
  const { vocabSize, hiddenSize: width } = network.config.text;
  const { k } = rules;
  const n = plans[0]!.length;
  const planOf = (r: number): Plan => plans[Math.floor(r / n)]![r % n]!;
  const prefixOf = (r: number): PrefixRow => shared.rows[Math.floor(r / n)]!;

  /** Slots of the current block. */
  const countOf = (r: number, row: Row): number => {
    const plan = planOf(r);
    if (plan.kind !== "fixed") return k;
    return plan.blocks[Math.min(row.result.blocks, plan.blocks.length) - 1]!.length / width;
  };

  /** Vector for the slot that a row is about to feed; kept in its record. */
  const slotVector = (r: number, row: Row): Float32Array => {
    const plan = planOf(r);
    const block = row.result.blocks - 1;
    const given = plan.kind === "fixed" ? plan.blocks[Math.min(block, plan.blocks.length - 1)]! : null;
    const vector = given ? given.subarray(row.slot * width, (row.slot + 1) * width) : row.feedback!;
    row.result.latents[block]!.set(vector, row.slot * width);
    return vector;
  };

  const write = (row: Row, id: number): void => {
    row.feeding = "token";
    row.token = id;
    row.result.ids.push(id);
  };

  /** The start marker has been read (or is left out): the block begins. */
  const openBlock = (r: number, row: Row): void => {
    const { result } = row;
    result.blocks++;
    if (planOf(r).kind === "skip") {
      result.endings.push("skipped");
      result.latents.push(new Float32Array(0));
      write(row, rules.endId);
      return;
    }
    result.latents.push(new Float32Array(countOf(r, row) * width));
    row.feeding = "slot";
    row.slot = 0;
    result.ids.push(rules.padId);
  };

  const rows = plans.flatMap((row, b) =>
    row.map((plan): Row => {
      const { state, instead } = shared.rows[b]!;
      const result: Continuation = {
        ids: [],
        latents: [],
        blocks: 0,
        endings: [],
        answerLogits: null,
        finish: null,
        slots: [],
        answerAt: null,
      };
      const made: Row = {
        feeding: "nothing",
        token: rules.padId,
        slot: 0,
        feedback: null,
        markers: [],
        result,
      };
      if (state !== "block") return made;
      if (plan.kind !== "suppressed") {
        if (!isBare(plan)) write(made, rules.startId);
        return made;
      }
      if (instead === null || eos.includes(instead)) result.finish = "eos";
      else write(made, instead);
      return made;
    }),
  );
  for (const [r, row] of rows.entries()) {
    if (isBare(planOf(r)) && prefixOf(r).state === "block") openBlock(r, row);
  }

  /** Text that could hold the cue: without a start marker before it, it may have begun before the block. */
  const textOf = (r: number, { result: { ids } }: Row): readonly number[] =>
    ids[0] === rules.startId ? ids : [...prefixOf(r).written.slice(-cue.length), ...ids];

  /** After a step: what does this row do next? */
  const advance = (r: number, row: Row, logits: Float32Array): void => {
    const { result } = row;
    const plan = planOf(r);
    const forbidden: number[] = [];
    if (plan.kind === "suppressed") forbidden.push(rules.startId);
    if (row.feeding === "token" && row.token === rules.startId) {
      openBlock(r, row);
      return;
    }
    if (row.feeding === "slot") {
      row.slot++;
      if (row.slot < countOf(r, row)) {
        result.ids.push(rules.padId);
        return;
      }
      result.endings.push("count");
      if (!isBare(plan)) {
        write(row, rules.endId);
        return;
      }
      forbidden.push(rules.startId);
    }
    if (isBare(plan)) forbidden.push(rules.endId);
    if (!result.answerLogits && endsWith(textOf(r, row), cue)) {
      result.answerLogits = logits.slice(r * vocabSize, (r + 1) * vocabSize);
      result.answerAt = result.ids.length;
    }
    const id = argmax(logits, r * vocabSize, vocabSize, forbidden);
    if (eos.includes(id) || result.ids.length >= maxTokens) {
      row.feeding = "nothing";
      result.finish = eos.includes(id) ? "eos" : "length";
      return;
    }
    if (id === rules.startId && isBare(plan)) openBlock(r, row);
    else write(row, id);
  };

  /** What the model's own head makes of the states that these rows are about to feed. */
  const throughHead = async (feeding: readonly Row[]): Promise<void> => {
    if (!model.feed || feeding.length === 0) return;
    const hidden = new Float32Array(feeding.length * width);
    for (const [i, row] of feeding.entries()) hidden.set(row.feedback!, i * width);
    const fed = await model.feed.run(
      hidden,
      feeding.map(({ slot }) => slot),
    );
    for (const [i, row] of feeding.entries()) row.feedback = fed.subarray(i * width, (i + 1) * width);
  };

  let suffix: Suffix | null = null;
  const positions = Int32Array.from(rows, (_, r) => shared.prefix.next[Math.floor(r / n)]!);
  const embeddings = new Float32Array(rows.length * width);
  const masked = rows.some((_, r) => hiddenOf(planOf(r)) !== null);
  for (let place = 0; rows.some((row) => row.feeding !== "nothing"); place++) {
    const words = network.embed(rows.map((row) => (row.feeding === "token" ? row.token : rules.padId)));
    embeddings.set(words);
    for (const [r, row] of rows.entries()) {
      if (row.feeding === "slot") {
        embeddings.set(slotVector(r, row), r * width);
        row.result.slots.push(place);
      } else if (row.feeding === "token" && (row.token === rules.startId || row.token === rules.endId)) {
        row.markers.push(place);
      }
    }
    const blocked = masked ? blockedAt(place, rows, planOf, prefixOf, shared.prefix.length) : undefined;
    const next = await network.step(shared.prefix, suffix, embeddings, positions, blocked);
    suffix = next.suffix;
    for (const [r, row] of rows.entries()) {
      positions[r]!++;
      if (row.feeding === "nothing") continue;
      row.feedback = next.feedback.subarray(r * width, (r + 1) * width);
      advance(r, row, next.logits);
    }
    await throughHead(rows.filter((row, r) => row.feeding === "slot" && planOf(r).kind === "own"));
  }
  return plans.map((_, b) => rows.slice(b * n, (b + 1) * n).map((row) => row.result));
}

/** What a plan hides from the text after the block; null where the plain attention is meant. */
const hiddenOf = (plan: Plan): readonly Hidden[] | null => ("hidden" in plan && plan.hidden) || null;

/** What the tokens fed at `place` may not look at: nothing for slots and for what comes before the first end marker. */
function blockedAt(
  place: number,
  rows: readonly Row[],
  planOf: (r: number) => Plan,
  prefixOf: (r: number) => PrefixRow,
  length: number,
): Blocked {
  const blocked: Blocked = {
    prefix: new Float32Array(rows.length * length),
    suffix: new Float32Array(rows.length * (place + 1)),
  };
  for (const [r, row] of rows.entries()) {
    const hidden = hiddenOf(planOf(r));
    if (!hidden || row.feeding !== "token" || row.result.endings.length === 0) continue;
    if (hidden.includes("image")) {
      for (const p of prefixOf(r).layout.images) blocked.prefix[r * length + p] = BLOCKED;
    }
    const places = [
      ...(hidden.includes("slots") ? row.result.slots : []),
      ...(hidden.includes("markers") ? row.markers : []),
    ];
    // A token always sees itself: a row of attention without anything in it means nothing.
    for (const p of places) if (p !== place) blocked.suffix[r * (place + 1) + p] = BLOCKED;
  }
  return blocked;
}
