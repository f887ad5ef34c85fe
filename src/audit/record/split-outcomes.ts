/**
 * Outcomes of a split in little memory. Of texts and numbers statistics need next to nothing: what remains of an outcome is
 * equal in many examples and stands in memory once, and numbers are in columns beside it.
 */
import { createHash } from "node:crypto";
import type { Measured } from "../../statistics/index.ts";
import { ensure } from "../../util/index.ts";
import { divergenceSums, type OptionDivergence } from "../measurements/option-divergence.ts";
import { areAssumed } from "./answer-words.ts";
import { doseSums } from "./dose-sums.ts";
import { type NumberList, numberList } from "./numbers-pool.ts";
import { chanceOf, clusterOf, type Dose, type ExampleOutcomes, type Outcome } from "./outcomes.ts";
import type { DoseResult } from "./schema.ts";

/** Outcomes as statistics read them, in the order of the examples' ids. Groups are clusters (`images`) here. */
export interface SplitOutcomes {
  examples: readonly ExampleOutcomes[];
  /** How far the options' probabilities move from those under the reference. */
  divergence(intervention: string, reference: string): Measured<OptionDivergence>;
  /** Mean dose of an intervention. */
  dose(intervention: string): DoseResult | null;
}

/** A group is one cluster of the statistics, as equal images are. */
const inClusters = (example: ExampleOutcomes): ExampleOutcomes =>
  example.group === undefined ? example : { ...example, images: clusterOf(example)! };

/** Throws "input" for an example that comes twice, and for answers outside of its options. */
function check(
  { options, answer, outcomes }: ExampleOutcomes,
  id: string,
  next: string | undefined,
  split: string,
): void {
  const where = `outcomes of split "${split}", example "${id}"`;
  ensure(id !== next, "input", () => ({ where, expected: "one line", got: "two" }));
  ensure(options.length > 0 && options[answer] !== undefined, "input", () => ({
    where,
    expected: `a right answer among ${options.length} options`,
    got: `option ${answer}`,
  }));
  for (const [name, { choice, target }] of Object.entries(outcomes))
    ensure(
      (choice === null || options[choice] !== undefined) &&
        (target === undefined || options[target] !== undefined),
      "input",
      () => ({
        where: `${where}, intervention "${name}"`,
        expected: `choice and target among ${options.length} options`,
        got: `choice ${choice}, target ${target}`,
      }),
    );
}

const checkSome = (n: number, split: string): void =>
  ensure(n > 0, "input", () => ({
    where: `audit of split "${split}"`,
    expected: "outcomes of at least one example",
    got: "none",
  }));

/**
 * Outcomes in memory as those of a split: by id, so that the order of lines in a journal cannot change a bit of the result.
 *
 * Errors: "input" for no examples, an example twice, or an answer outside the options.
 *
 * @example
 * splitOf([{ example: "1", answer: 0, options: ["a", "b"], outcomes: {} }], "eval").examples.length; // 1
 */
export function splitOf(outcomes: readonly ExampleOutcomes[], split: string): SplitOutcomes {
  checkSome(outcomes.length, split);
  const sorted = [...outcomes].sort((a, b) => (a.example < b.example ? -1 : a.example > b.example ? 1 : 0));
  for (const [i, each] of sorted.entries()) check(each, each.example, sorted[i + 1]?.example, split);
  const examples = sorted.map(inClusters);
  return {
    examples,
    ...summed(examples.length, (place, name) => examples[place]!.outcomes[name]),
  };
}

type Numbers = Pick<Outcome, "optionLogProbabilities"> & { dose?: Dose | undefined };

/** Means of numbers that are at hand: over the examples in their order. */
function summed(
  n: number,
  at: (place: number, name: string) => Numbers | undefined,
): Pick<SplitOutcomes, "divergence" | "dose"> {
  return {
    divergence(intervention, reference) {
      const sums = divergenceSums();
      for (let place = 0; place < n; place++) {
        const [to, from] = [at(place, intervention), at(place, reference)];
        if (to && from) sums.add(from.optionLogProbabilities, to.optionLogProbabilities);
      }
      return sums.result();
    },
    dose(name) {
      const sums = doseSums();
      for (let place = 0; place < n; place++) sums.add(at(place, name)?.dose);
      return sums.result();
    },
  };
}

/** What every intervention is compared with. */
const references = ["own", "oracle"];

/** The same of examples that come one by one in the order of their ids: no number is kept. */
function summedInOrder(): Pick<SplitOutcomes, "divergence" | "dose"> & {
  add(outcomes: ExampleOutcomes["outcomes"]): void;
} {
  const pairs = new Map<string, ReturnType<typeof divergenceSums>>();
  const doses = new Map<string, ReturnType<typeof doseSums>>();
  const of = <T>(map: Map<string, T>, key: string, make: () => T): T => {
    const found = map.get(key) ?? make();
    map.set(key, found);
    return found;
  };
  const pair = (intervention: string, reference: string) =>
    of(pairs, JSON.stringify([intervention, reference]), divergenceSums);
  return {
    add(outcomes) {
      for (const [name, { optionLogProbabilities, dose }] of Object.entries(outcomes)) {
        of(doses, name, doseSums).add(dose);
        for (const reference of references)
          if (name !== reference && outcomes[reference])
            pair(name, reference).add(outcomes[reference].optionLogProbabilities, optionLogProbabilities);
      }
    },
    divergence: (intervention, reference) => pair(intervention, reference).result(),
    dose: (name) => of(doses, name, doseSums).result(),
  };
}

/**
 * Numbers of one intervention: where those of an example begin (0: it has no outcome), and the numbers: a head, the
 * log-probabilities, the dose. The head says how many the former are, plus one (0: none are known), and, times `HEAD`, whether
 * there is a dose (1), and with which reason (its place plus two).
 */
interface Columns {
  starts: NumberList;
  values: NumberList;
}
const HEAD = 2 ** 20;

const numbers = ["norm", "distance", "cosine", "mahalanobis"] as const satisfies (keyof Dose)[];

/** What stands of a text: of those that no option was read from, which of the example's outcomes has the same. */
function unreadTexts(outcomes: Readonly<Record<string, Outcome>>): (outcome: Outcome) => string {
  const texts: string[] = [];
  for (const { choice, lenient, text } of Object.values(outcomes))
    if ((choice === null || lenient === null) && !texts.includes(text)) texts.push(text);
  return ({ text }) => (texts.includes(text) ? String(texts.indexOf(text)) : "");
}

/** Two numbers that are equal for equal texts, and (in 2¹⁰⁶ to one) for no others. */
function hashes(text: string): [number, number] {
  const digest = createHash("sha1").update(text).digest();
  const of = (at: number): number => digest.readUIntBE(at, 6) * 32 + (digest[at + 6]! & 31);
  return [of(0), of(7)];
}

/** Different examples kept to be shared, at most: where every one is different, looking for equal ones only costs memory. */
const SHARED = 200_000;

/** Outcomes that are taken one by one. */
interface OutcomesInColumns {
  /** Whether it was taken: those that are to come in order and do not have to be taken again in any. */
  add(record: ExampleOutcomes): boolean;
  /** Ids in the order in which they came. */
  readonly ids: readonly string[];
  /** Interventions in the order in which they came. */
  readonly names: ReadonlySet<string>;
  /** Sum over the examples of what guessing gets, and whether options of one are made up. */
  readonly chance: number;
  readonly assumed: boolean;
  /** All that came, which is not added to any more. */
  split(name: string): SplitOutcomes;
}

/**
 * Takes outcomes one by one and keeps what statistics need of them: some 80 bytes an example, and where they are `unordered`
 * 80 for each of its outcomes.
 *
 * @param whole - Examples keep their ids and options, which measurements of latents need.
 * @param unordered - They come in another order than that of their ids: sums depend on it, so numbers are kept.
 *
 * @example
 * const columns = outcomesInColumns();
 * columns.add({ example: "1", answer: 0, options: ["a", "b"], outcomes: {} });
 * columns.split("eval").examples.length; // 1
 */
export function outcomesInColumns({ whole = false, unordered = false } = {}): OutcomesInColumns {
  const ids: string[] = [];
  const examples: ExampleOutcomes[] = [];
  const names = new Set<string>();
  const columns = new Map<string, Columns>();
  const known = new Map<string, Outcome>();
  const numbersOf = new Map<Outcome, number>();
  const shared = new Map<string, ExampleOutcomes>();
  const options = new Map<number, string[]>();
  const reasons: string[] = [];
  const images = { first: numberList(), second: numberList() };
  const sums = summedInOrder();
  let chance = 0;
  let assumed = false;

  /** The outcome without texts and numbers, equal ones as one object. */
  function slim({ choice, lenient, target, blocks, finish, same, looks }: Outcome, text: string): Outcome {
    const bare = { text, choice, lenient, blocks, target, finish, same };
    const key = JSON.stringify(bare);
    const found = looks ? undefined : known.get(key);
    if (found) return found;
    const made: Outcome = {
      ...(JSON.parse(key) as typeof bare),
      optionLogProbabilities: null,
      steps: blocks,
      endings: [],
      ...(looks && { looks }),
    } as Outcome;
    if (!looks) {
      known.set(key, made);
      numbersOf.set(made, known.size);
    }
    return made;
  }

  function keepNumbers(name: string, row: number, { optionLogProbabilities: logs, dose }: Outcome): void {
    const column = columns.get(name) ?? { starts: numberList({ whole: true }), values: numberList() };
    columns.set(name, column);
    const { starts, values } = column;
    while (starts.length < row) starts.push(0);
    starts.push(values.length + 1);
    if (dose?.reason !== undefined && !reasons.includes(dose.reason)) reasons.push(dose.reason);
    const about = dose ? (dose.reason === undefined ? 1 : 2 + reasons.indexOf(dose.reason)) : 0;
    values.push((logs ? logs.length + 1 : 0) + HEAD * about);
    for (const value of logs ?? []) values.push(value ?? Number.NaN);
    if (dose) for (const key of numbers) values.push(dose[key] ?? Number.NaN);
  }

  function sharedOptions(length: number): string[] {
    const found = options.get(length) ?? Array.from({ length }, (_, i) => String(i));
    options.set(length, found);
    return found;
  }

  /** The example, equal ones as one object. */
  function slimExample(record: ExampleOutcomes): ExampleOutcomes {
    const { example, answer, chance, group } = record;
    const textOf = unreadTexts(record.outcomes);
    const outcomes: Record<string, Outcome> = {};
    let key = `${answer} ${record.options.length} ${chance}`;
    let equal = !whole && group === undefined && Number.isInteger(answer);
    for (const [name, outcome] of Object.entries(record.outcomes)) {
      const made = slim(outcome, textOf(outcome));
      outcomes[name] = made;
      const number = numbersOf.get(made);
      if (number === undefined) equal = false;
      key += ` ${name}\n${number}`;
    }
    const found = equal ? shared.get(key) : undefined;
    if (found) return found;
    const made: ExampleOutcomes = {
      example: whole ? example : "",
      answer,
      options: whole ? record.options : sharedOptions(record.options.length),
      ...(chance !== undefined && { chance }),
      ...(group !== undefined && { group }),
      outcomes,
    };
    if (equal && shared.size < SHARED) shared.set(key, made);
    return made;
  }

  /** Where the log-probabilities of an outcome begin, how many there are (−1: none are known), and what is said of its dose. */
  function headOf({ starts, values }: Columns, row: number): { at: number; length: number; about: number } {
    const at = starts.at(row);
    const head = values.at(at - 1);
    return { at, length: (head % HEAD) - 1, about: Math.floor(head / HEAD) };
  }

  function dose(row: number, name: string): Dose | undefined {
    const column = columns.get(name)!;
    const { at, length, about } = headOf(column, row);
    if (about === 0) return undefined;
    const number = (i: number): number | null => {
      const value = column.values.at(at + Math.max(0, length) + i);
      return Number.isNaN(value) ? null : value;
    };
    return {
      norm: number(0),
      distance: number(1),
      cosine: number(2),
      mahalanobis: number(3),
      ...(about > 1 && { reason: reasons[about - 2]! }),
    };
  }

  function logs(row: number, name: string): number[] | null {
    const column = columns.get(name)!;
    const { at, length } = headOf(column, row);
    if (length < 0) return null;
    const found = new Array<number>(length);
    for (let i = 0; i < length; i++) found[i] = column.values.at(at + i);
    return found;
  }

  return {
    ids,
    names,
    get chance() {
      return chance;
    },
    get assumed() {
      return assumed;
    },
    add(record) {
      const row = ids.length;
      if (!unordered && row > 0 && record.example < ids[row - 1]!) return false;
      if (!unordered) sums.add(record.outcomes);
      for (const [name, outcome] of Object.entries(record.outcomes)) {
        names.add(name);
        if (unordered) keepNumbers(name, row, outcome);
      }
      const [first, second] = record.images === undefined ? [-1, -1] : hashes(record.images);
      images.first.push(first);
      images.second.push(second);
      examples.push(slimExample(record));
      ids.push(record.example);
      chance += chanceOf(record);
      assumed ||= areAssumed(record.options);
      return true;
    },
    split(name) {
      checkSome(ids.length, name);
      const repeated = repeatedIn(images.first);
      const order = Uint32Array.from({ length: ids.length }, (_, row) => row);
      if (unordered) order.sort((a, b) => (ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : a - b));
      const inOrder = Array.from(order, (row, place): ExampleOutcomes => {
        const each = examples[row]!;
        check(each, ids[row]!, ids[order[place + 1]!], name);
        if (each.group !== undefined) return inClusters(each);
        // Images that no other example has are no cluster.
        const first = images.first.at(row);
        return first !== -1 && repeated.has(first)
          ? { ...each, images: `${first} ${images.second.at(row)}` }
          : each;
      });
      return {
        examples: inOrder,
        ...(unordered
          ? summed(order.length, (place, name) => {
              const row = order[place]!;
              if ((columns.get(name)?.starts.at(row) ?? 0) === 0) return undefined;
              return { optionLogProbabilities: logs(row, name), dose: dose(row, name) };
            })
          : sums),
      };
    },
  };
}

/**
 * Outcomes that are read once, from wherever they are, as those of a split: `splitOf` for many.
 *
 * @example
 * splitInColumns([{ example: "1", answer: 0, options: ["a", "b"], outcomes: {} }], "eval").examples.length; // 1
 */
export function splitInColumns(outcomes: readonly ExampleOutcomes[], split: string): SplitOutcomes {
  const ordered = outcomes.every(({ example }, i) => i === 0 || outcomes[i - 1]!.example <= example);
  const columns = outcomesInColumns({ whole: true, unordered: !ordered });
  for (const each of outcomes) columns.add(each);
  return columns.split(split);
}

/** Numbers that are in a list twice and more. */
function repeatedIn(list: NumberList): Set<number> {
  const sorted = Float64Array.from({ length: list.length }, (_, i) => list.at(i)).sort();
  const found = new Set<number>();
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) found.add(sorted[i]!);
  return found;
}
