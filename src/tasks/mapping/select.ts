import { LintelError } from "../../util/index.ts";
import { globOf } from "./glob.ts";

/** One step of a path: a field (or fields, with `*`), then what is kept of the lists found there. */
interface Step {
  text: string;
  names: (field: string) => boolean;
  filter: { key: string; value: string } | { index: number } | null;
}

const stepPattern = /^([^[\]]+)(?:\[(?:(\d+)|([^=\]]+)=([^\]]*))\])?$/;

/** Paths whose steps are known: a mapping's few are read of every record. */
const known = new Map<string, Step[]>();
const mostKnown = 1000;

function stepsOf(path: string): Step[] {
  const before = known.get(path);
  if (before) return before;
  const steps = parsedSteps(path);
  if (known.size >= mostKnown) known.clear();
  known.set(path, steps);
  return steps;
}

function parsedSteps(path: string): Step[] {
  return path.split(".").map((text) => {
    const found = stepPattern.exec(text);
    if (!found) {
      throw new LintelError("usage", {
        where: `path ${JSON.stringify(path)} of a field mapping`,
        expected: 'steps such as "name", "image_*", "list[0]" or "turns[role=user]" with dots between them',
        got: JSON.stringify(text),
      });
    }
    const [, name, index, key, value] = found;
    const filter =
      index !== undefined ? { index: Number(index) } : key !== undefined ? { key, value: value! } : null;
    return { text: name!, names: globOf(name!), filter };
  });
}

/** Whether a value has fields: no list, no bytes. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** "image_2" before "image_10". */
const natural = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

/** A value at a path, and the name of the field that holds it. */
interface SelectedValue {
  name: string;
  value: unknown;
}

/** Where a path ends in a record, and how far it leads. */
interface PathWalk {
  held: SelectedValue[];
  /** The first step that no record there has a field for, and the fields that there are; undefined where all exist. */
  missing?: { step: string; there: string[] };
}

function walk(record: unknown, path: string): PathWalk {
  // A column of a flattened table may have dots in its own name.
  if (isRecord(record) && Object.hasOwn(record, path)) {
    const value = record[path];
    const list = Array.isArray(value) ? value.flat() : [value];
    return { held: list.map((each) => ({ name: path, value: each })) };
  }
  let found: SelectedValue[] = [{ name: "", value: record }];
  for (const { text, names, filter } of stepsOf(path)) {
    const next: SelectedValue[] = [];
    const there = new Set<string>();
    let known = false;
    let records = 0;
    for (const { value } of found) {
      if (!isRecord(value)) continue;
      records++;
      const keys = Object.keys(value).filter(names);
      if (keys.length > 0) known = true;
      else for (const key of Object.keys(value)) there.add(key);
      for (const key of keys.sort(natural)) {
        const held = value[key];
        const list = Array.isArray(held) ? held.flat() : [held];
        const kept = !filter
          ? list
          : "index" in filter
            ? list.slice(filter.index, filter.index + 1)
            : list.filter((each) => isRecord(each) && String(each[filter.key]) === filter.value);
        // One by one: lists of records can be longer than a call may have arguments.
        for (const each of kept) next.push({ name: key, value: each });
      }
    }
    if (records > 0 && !known) return { held: [], missing: { step: text, there: [...there] } };
    found = next;
  }
  return { held: found };
}

/**
 * The values at a path of a record with the names of the fields that hold them, in order, nulls included: lists are
 * walked into, absent fields give nothing.
 *
 * Throws `LintelError` "usage" for a path that is none.
 */
export const held = (record: unknown, path: string): SelectedValue[] => walk(record, path).held;

/**
 * The step of a path for which a record has no field, with the fields that are there; undefined where it has them all,
 * or nothing that could have fields.
 */
export const missingStep = (record: unknown, path: string): PathWalk["missing"] => walk(record, path).missing;

/**
 * The values at a path of a record, in order: lists are walked into, absent fields and nulls give nothing. `*` stands for
 * any text in a field's name; `[2]` takes one element of a list, `[role=user]` those whose field has that value.
 *
 * Throws `LintelError` "usage" for a path that is none.
 */
export const select = (record: unknown, path: string): unknown[] =>
  walk(record, path).held.flatMap(({ value }) => (value === null || value === undefined ? [] : [value]));

/** Whether a path reads the leaf of a record that is at `names`. */
export function covers(path: string, names: readonly string[]): boolean {
  if (path === names.join(".")) return true;
  const steps = stepsOf(path);
  return steps.length <= names.length && steps.every((step, i) => step.names(names[i]!));
}
