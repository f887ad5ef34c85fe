/** Continues shared prefixes through the latent block under N plans at once (docs/published-families.md §14). */
import { type ContinuationCache, MASK_VALUE, type StepMask } from "../qwen/index.ts";
import { compactRows, compactSize, gatherContinuations } from "./compact-batch.ts";
import { type ContinuationState, continuationMachine, type StepLogits } from "./continuation-state.ts";
import type { LatentModel } from "./latent-model.ts";
import type { SharedPrefix } from "./shared-prefix.ts";
import { type Continuation, maskedPartsOf, type SlotPlan } from "./slot-plan.ts";

/**
 * Continues every example of `shared` under each of its plans: `plans[b]` has the same number N of entries for every
 * example. Rows whose example opened no block are answered by what the prefix already wrote.
 *
 * `cue`: ids that precede the answer; `maxTokens` limits ids after the start marker.
 */
export async function continueFrom(
  model: LatentModel,
  shared: SharedPrefix,
  plans: readonly (readonly SlotPlan[])[],
  limits: { cue: readonly number[]; maxTokens: number },
): Promise<Continuation[][]> {
  const { network, rules, head } = model;
  const { vocabSize, hiddenSize: width } = network.config.text;
  const n = plans[0]!.length;
  const machine = continuationMachine(model, limits);
  const rows = plans.flatMap((row, b) => row.map((plan) => machine.start(plan, shared.rows[b]!)));

  /** Vectors [n, width] of these rows, one after the other. */
  const feedbackOf = (which: readonly ContinuationState[]): Float32Array =>
    joined(which.map((row) => row.feedback!));
  const vectorAt = (vectors: Float32Array, i: number): Float32Array =>
    vectors.subarray(i * width, (i + 1) * width);
  /** Applies a head that replaces what slots are fed, to the rows that are about to feed their own state. */
  const replaceInputs = async (): Promise<void> => {
    const feeding = active.filter(isWriting).filter(feedsOwn);
    if (head?.replaces !== "input" || feeding.length === 0) return;
    const slots = feeding.map((row) => row.fed.at(-1)!.length);
    const vectors = await head.run(feedbackOf(feeding), slots);
    for (const [i, row] of feeding.entries()) row.feedback = vectorAt(vectors, i);
  };
  /** Applies a head that replaces the states after slots, as LVR's forward pass does before it reads logits from them. */
  const replaceStates = async (
    read: readonly ContinuationState[],
  ): Promise<Map<ContinuationState, StepLogits>> => {
    if (head?.replaces !== "state") return new Map();
    const after = read.filter(({ feeding, fed }) => feeding === "slot" && fed.at(-1)!.length >= head.from);
    if (after.length === 0) return new Map();
    const { states, logits } = await head.run(feedbackOf(after));
    for (const [i, row] of after.entries()) row.feedback = vectorAt(states, i);
    return new Map(after.map((row, i) => [row, { logits, offset: i * vocabSize }]));
  };
  const feedsOwn = ({ feeding, plan, feedback }: ContinuationState): boolean =>
    feeding === "slot" && plan.kind === "own" && rules.static === null && feedback !== null;

  let suffix: ContinuationCache | null = null;
  const { batch } = shared.prefix;
  /** Rows of a step, the same number for every example; null: padding. */
  let active: readonly (ContinuationState | null)[] = rows;
  let positions = Int32Array.from(rows, (_, r) => shared.prefix.next[Math.floor(r / n)]!);
  const masked = rows.some(({ plan }) => maskedPartsOf(plan) !== null);
  const isWriting = (row: ContinuationState | null): row is ContinuationState =>
    row !== null && row.feeding !== "nothing";
  const isWord = ({ feeding }: ContinuationState) =>
    feeding === "token" || (feeding === "slot" && rules.static !== null);
  await replaceInputs();
  for (let place = 0; active.some(isWriting); place++) {
    const writing = active.map(isWriting);
    const fewer = compactSize(writing, batch);
    if (suffix && fewer !== null) {
      const kept = compactRows(writing, batch, fewer);
      suffix = gatherContinuations(suffix, batch, kept);
      positions = Int32Array.from(kept, (r) => positions[r]!);
      active = kept.map((r) => (writing[r] ? active[r]! : null));
    }
    const embeddings = network.embed(
      active.map((row) => (row !== null && isWord(row) ? row.token : rules.padId)),
    );
    for (const [r, row] of active.entries()) {
      if (row === null) continue;
      if (row.feeding === "slot") {
        const at = r * width;
        embeddings.set(machine.slotVector(row, embeddings.subarray(at, at + width)), at);
        row.result.slots.push(place);
      } else if (row.feeding === "token" && (row.token === rules.startId || row.token === rules.endId)) {
        row.markers.push(place);
      }
    }
    const blocked = masked ? blockedAt(place, active, shared.prefix.length) : undefined;
    const next = await network.step(shared.prefix, suffix, embeddings, positions, blocked);
    suffix = next.suffix;
    for (const [r, row] of active.entries()) {
      positions[r]!++;
      if (isWriting(row)) row.feedback = next.feedback.subarray(r * width, (r + 1) * width);
    }
    const replaced = await replaceStates(active.filter(isWriting));
    for (const [r, row] of active.entries()) {
      if (isWriting(row))
        machine.advance(row, replaced.get(row) ?? { logits: next.logits, offset: r * vocabSize });
    }
    await replaceInputs();
  }
  return plans.map((_, b) =>
    rows.slice(b * n, (b + 1) * n).map(({ result, fed }) => ({ ...result, latents: fed.map(joined) })),
  );
}

/** Vectors one after the other. */
function joined(vectors: readonly Float32Array[]): Float32Array {
  const width = vectors[0]?.length ?? 0;
  const out = new Float32Array(vectors.length * width);
  for (const [i, vector] of vectors.entries()) out.set(vector, i * width);
  return out;
}

/** Attention mask of the tokens fed at `place`: empty for slots and before the first end marker. */
function blockedAt(place: number, rows: readonly (ContinuationState | null)[], length: number): StepMask {
  const blocked: StepMask = {
    prefix: new Float32Array(rows.length * length),
    suffix: new Float32Array(rows.length * (place + 1)),
  };
  for (const [r, row] of rows.entries()) {
    const hidden = row && maskedPartsOf(row.plan);
    if (!hidden || row.feeding !== "token" || row.result.endings.length === 0) continue;
    if (hidden.includes("image")) {
      for (const p of row.from.layout.images) blocked.prefix[r * length + p] = MASK_VALUE;
    }
    const places = [
      ...(hidden.includes("slots") ? row.result.slots : []),
      ...(hidden.includes("markers") ? row.markers : []),
    ];
    // A token always sees itself: a row of attention without anything in it means nothing.
    for (const p of places) if (p !== place) blocked.suffix[r * (place + 1) + p] = MASK_VALUE;
  }
  return blocked;
}
