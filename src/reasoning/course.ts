/** One continuation on its way: what it is about to read, what it asks behind that, and what an engine has answered. */
import type { ContinuationMachine, ContinuationState, Question, Reply } from "./continuation-state.ts";
import type { Feed, Program, RowResult } from "./engine/types.ts";
import { maskedPartsOf } from "./slot-plan.ts";

export interface Course {
  row: ContinuationState;
  /** To be read, and the vectors among them that only the engine knows. */
  feed: Feed[];
  own: Float32Array[];
  /** Parts are hidden from what is to be read. */
  hidden: boolean;
  /** The row has decided what it reads next; otherwise its moves are in progress. */
  decided: boolean;
  moves: Generator<Question, void, Reply> | null;
  question: Question | null;
  /** It goes on only when the feed has been read. */
  waits: boolean;
  /** What a head made of the last state; the engine has not been told yet. */
  replace: Program["replace"] | null;
}

/** What courses are under. */
interface CourseRules {
  machine: ContinuationMachine;
  cue: readonly number[];
  /** Columns of the prefix. */
  length: number;
  /** Hidden states have to be known slot by slot: for a head, or a vector that ends blocks. */
  watched: boolean;
  /** A head makes what slots are fed. */
  makesInputs: boolean;
  /** Of the state after this layer behind slots; absent: of the last state. */
  layer?: number;
}

export const newCourse = (row: ContinuationState): Course => ({
  row,
  feed: [],
  own: [],
  hidden: false,
  decided: true,
  moves: null,
  question: null,
  waits: false,
  replace: null,
});

/** Whether a row is about to feed its own hidden state. */
export const feedsOwn = ({ decided, row: { feeding, plan, feedback } }: Course, isStatic: boolean): boolean =>
  decided && feeding === "slot" && plan.kind === "own" && !isStatic && feedback !== null;

/** Parts of the sequence are hidden from words behind the first block. */
const hides = ({ plan, result }: ContinuationState): boolean =>
  maskedPartsOf(plan) !== null && result.endings.length > 0;

/** Takes a row's next moves, with the answer to its question; it has then decided, or asks again. */
function move(course: Course, rules: CourseRules, answer?: Reply): void {
  course.moves ??= rules.machine.advance(course.row);
  // A generator's first `next` takes no answer.
  const found = answer ? course.moves.next(answer) : course.moves.next(undefined as never);
  course.question = found.done ? null : found.value;
  if (!found.done) return;
  course.moves = null;
  course.decided = true;
}

/**
 * Lets a row go on as far as nothing of the network has to be known: what it reads is collected. `made`: a head has made
 * what the next slot is fed.
 */
export function goOn(course: Course, rules: CourseRules, made = false): void {
  const { row } = course;
  let input = made;
  while (row.feeding !== "nothing" && !course.question && !course.waits) {
    if (!course.decided) {
      move(course, rules);
      continue;
    }
    if (rules.makesInputs && !input && feedsOwn(course, false)) return;
    const hidden = row.feeding === "token" && hides(row);
    if (course.feed.length > 0 && hidden !== course.hidden) {
      course.waits = true;
      return;
    }
    const feed = rules.machine.feed(row);
    if (feed.vector === "own" || feed.vector === "branch") course.own.push(row.fed.at(-1)!.at(-1)!);
    course.feed.push(feed);
    course.hidden = hidden;
    course.decided = false;
    row.feedback = null;
    input = false;
    course.waits = rules.watched && row.open;
  }
}

/** Columns that are hidden from what a course reads next. */
function hiddenColumns({ row }: Course, length: number): number[] {
  const hidden = maskedPartsOf(row.plan)!;
  const own = [
    ...(hidden.includes("slots") ? [...row.result.slots, ...(row.result.picked ?? [])] : []),
    ...(hidden.includes("markers") ? row.markers : []),
  ];
  return [...(hidden.includes("image") ? row.from.layout.images : []), ...own.map((place) => length + place)];
}

/** Whether the feed has to be read on its own: words behind it do not see what it sees. */
const apart = (course: Course): boolean =>
  course.question?.text != null && course.feed.length > 0 && hides(course.row) !== course.hidden;

/** What the engine is to do for a course. */
export function programOf(course: Course, { cue, length, watched, layer }: CourseRules): Program {
  const { row, feed } = course;
  const question = apart(course) ? null : course.question;
  const hidden = feed.length > 0 ? course.hidden : hides(row);
  const { tail } = question ?? { tail: null };
  const masked = maskedPartsOf(row.plan) !== null;
  return {
    ...(course.replace && { replace: course.replace }),
    feed: [...feed],
    hide: masked ? (hidden ? hiddenColumns(course, length) : []) : null,
    text: question?.text ? { ...question.text, forbid: question.forbid } : null,
    choose: question && !question.text ? [question.forbid] : [],
    cue: tail && {
      tail: tail.slice(0, tail.length - feed.length).slice(-cue.length),
      named: row.from.named ?? [],
    },
    // Once something else has been read, the state of an inner layer is gone: it is asked for where a slot is read.
    state: watched && (layer === undefined || feed.length > 0),
    ...(row.plan.kind === "own" && row.plan.depth !== undefined && { steps: row.plan.depth }),
    ...(layer !== undefined && feed.length > 0 && row.feeding === "slot" && { layer }),
  };
}

/** Enters what the engine did for a course; it then goes on with `goOn`. */
export function receive(course: Course, result: RowResult, rules: CourseRules): void {
  const { row, question } = course;
  const alone = apart(course);
  course.replace = null;
  const before = row.result.ids.length - course.feed.length;
  for (const vector of result.own) course.own.shift()!.set(vector);
  course.feed.splice(0, result.fed);
  if (result.state) row.feedback = result.state;
  const { end, written, id, chosen, cueAt, cueLogits } = result;
  if (course.feed.length > 0) return;
  course.waits = false;
  if (!question || alone) return;
  const cue = cueAt === null ? null : { at: before + cueAt, logits: cueLogits! };
  move(course, rules, { written, id: end === "more" ? null : (id ?? chosen[0]!), cue });
}
