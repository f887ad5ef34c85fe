import { LintelError } from "../../util/index.ts";

/** One step of a path: a field (or fields, with `*`), then what is kept of the lists found there. */
interface Step {
  name: RegExp;
  filter: { key: string; value: string } | { index: number } | null;
}

const stepPattern = /^([^[\]]+)(?:\[(?:(\d+)|([^=\]]+)=([^\]]*))\])?$/;

function stepsOf(path: string): Step[] {
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
    const escaped = name!.replace(/[.+?^${}()|\\]/g, "\\$&").replaceAll("*", ".*");
    const filter =
      index !== undefined ? { index: Number(index) } : key !== undefined ? { key, value: value! } : null;
    return { name: new RegExp(`^${escaped}$`), filter };
  });
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** "image_2" before "image_10". */
const natural = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });

/**
 * The values at a path of a record, in order: lists are walked into, absent fields give nothing. `*` stands for any
 * text in a field's name; `[2]` takes one element of a list, `[role=user]` those whose field has that value.
 *
 * Throws `LintelError` "usage" for a path that is none.
 *
 * @example
 * select({ image_1: "a", image_2: "b" }, "image_*"); // ["a", "b"]
 * select({ data: [{ role: "user", text: "hi" }, { role: "system", text: "-" }] }, "data[role=user].text"); // ["hi"]
 */
export function select(record: unknown, path: string): unknown[] {
  let found: unknown[] = [record];
  for (const { name, filter } of stepsOf(path)) {
    const next: unknown[] = [];
    for (const value of found) {
      if (!isRecord(value)) continue;
      const keys = Object.keys(value).filter((key) => name.test(key));
      for (const key of keys.sort(natural)) {
        const held = value[key];
        const list = Array.isArray(held) ? held.flat() : [held];
        // One by one: lists of records can be longer than a call may have arguments.
        if (!filter) for (const each of list) next.push(each);
        else if ("index" in filter) next.push(...list.slice(filter.index, filter.index + 1));
        else
          for (const each of list)
            if (isRecord(each) && String(each[filter.key]) === filter.value) next.push(each);
      }
    }
    found = next.filter((value) => value !== null && value !== undefined);
  }
  return found;
}
