/** Continues shared prefixes through the latent block under N plans at once (docs/published-families.md §14). */
import { concatenated } from "../numeric/index.ts";
import { continuationMachine } from "./continuation-state.ts";
import { type Course, feedsOwn, goOn, newCourse, programOf, receive } from "./course.ts";
import { engineOf } from "./engine/engine-of.ts";
import type { Rows } from "./engine/types.ts";
import type { LatentModel } from "./latent-model.ts";
import type { SharedPrefix } from "./shared-prefix.ts";
import type { Continuation, SlotPlan } from "./slot-plan.ts";

/** Row i of n rows. */
const rowAt = (rows: Float32Array, i: number, n: number): Float32Array =>
  rows.subarray((i * rows.length) / n, ((i + 1) * rows.length) / n);

/** A head where it is applied: to what slots are about to be fed, or to the states behind them. */
function headSteps({ head, rules }: LatentModel) {
  const states = (which: readonly Course[]): Float32Array =>
    concatenated(which.map(({ row }) => row.feedback!));
  return {
    /** Replaces what slots are fed, and says whose. */
    async inputs(courses: readonly Course[]): Promise<Course[]> {
      if (head?.replaces !== "input") return [];
      const feeding = courses.filter((each) => feedsOwn(each, rules.static !== null));
      if (feeding.length === 0) return [];
      const slots = feeding.map(({ row }) => row.fed.at(-1)!.length);
      const vectors = await head.run(states(feeding), slots);
      for (const [i, { row }] of feeding.entries()) row.feedback = rowAt(vectors, i, feeding.length);
      return feeding;
    },
    /** Replaces the states behind slots, as LVR's forward pass does before it reads logits from them. */
    async outputs(read: readonly Course[]): Promise<void> {
      if (head?.replaces !== "state") return;
      const after = read.filter(
        ({ row: { feeding, fed } }) => feeding === "slot" && fed.at(-1)!.length >= head.from,
      );
      if (after.length === 0) return;
      const found = await head.run(states(after));
      for (const [i, each] of after.entries()) {
        each.row.feedback = rowAt(found.states, i, after.length);
        each.replace = {
          state: each.row.feedback,
          logits: found.logits && rowAt(found.logits, i, after.length),
        };
      }
    },
  };
}

/** Embeddings of the tokens of static blocks. */
async function staticWords({ network, rules }: LatentModel): Promise<Map<number, Float32Array>> {
  const ids = rules.static ?? [];
  if (ids.length === 0) return new Map();
  const rows = await engineOf(network).embed(ids);
  return new Map(ids.map((id, i) => [id, rowAt(rows, i, ids.length)]));
}

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
  const { network, rules, head, generation } = model;
  const n = plans[0]!.length;
  const machine = continuationMachine(model, limits, await staticWords(model));
  const courses = plans.flatMap((row, b) =>
    row.map((plan) => newCourse(machine.start(plan, shared.rows[b]!))),
  );
  const options = { cue: limits.cue, penalty: generation.repetitionPenalty };
  const course = {
    machine,
    cue: limits.cue,
    length: shared.prefix.length,
    watched: Boolean(head) || rules.stop !== null,
    makesInputs: head?.replaces === "input",
    ...(rules.head?.layer !== undefined && { layer: rules.head.layer }),
  };
  const heads = headSteps(model);
  const isLive = ({ row }: Course): boolean => row.feeding !== "nothing";
  const seen = shared.rows.map(({ prompt = [], written }) => [...prompt, ...written]);
  let forked: Rows | null = null;
  try {
    for (;;) {
      for (const each of courses) goOn(each, course);
      for (const each of await heads.inputs(courses.filter(isLive))) goOn(each, course, true);
      if (!courses.some(isLive)) break;
      forked ??= await engineOf(network).fork(shared.prefix, n, seen);
      const results = await forked.run(
        courses.map((each) => (isLive(each) ? programOf(each, course) : null)),
        options,
      );
      const read: Course[] = [];
      for (const [r, result] of results.entries()) {
        if (!result) continue;
        receive(courses[r]!, result, course);
        if (result.fed > 0) read.push(courses[r]!);
      }
      await heads.outputs(read.filter((each) => isLive(each) && !each.decided));
    }
  } finally {
    await forked?.release();
  }
  return plans.map((_, b) =>
    courses
      .slice(b * n, (b + 1) * n)
      .map(({ row: { result, fed } }) => ({ ...result, latents: fed.map(concatenated) })),
  );
}
