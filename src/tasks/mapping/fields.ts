/** Which fields of the records a mapping names: those that are not there, and those that it does not use. */
import { LintelError, nearest } from "../../util/index.ts";
import type { Mapping } from "./schema.ts";
import { covers, isRecord, missingStep } from "./select.ts";

/** A path that a mapping reads, and the key of the mapping that names it. */
interface Named {
  key: string;
  path: string;
  /** Without it there is no question. */
  core: boolean;
}

type FieldSource = NonNullable<Mapping["helpers"]>;

function ofImages(key: string, source: FieldSource, core: boolean): Named[] {
  if (typeof source === "string") return [{ key, path: source, core }];
  if (Array.isArray(source)) return source.map((path) => ({ key, path, core }));
  if ("template" in source)
    return [...source.template.matchAll(/\{([^{}]+)\}/g)].map(([, path]) => ({ key, path: path!, core }));
  if ("crop" in source) return [source.of, source.crop].map((path) => ({ key, path, core }));
  if ("steps" in source)
    return [source.steps, `${source.steps}.${source.text}`, `${source.steps}.${source.image}`].map(
      (path) => ({
        key,
        path,
        core,
      }),
    );
  // A table has base64 images, paths, or both.
  const { base64, index, path } = source;
  return [
    { key, path: base64, core: core && path === undefined },
    ...(index === undefined ? [] : [{ key, path: index, core: false }]),
    ...(path === undefined ? [] : [{ key, path, core: false }]),
  ];
}

const fieldOf = (answer: Mapping["answer"]): string =>
  typeof answer === "string" ? answer : "map" in answer ? answer.map : answer.field;

/** The paths that a mapping reads of a record. */
function namedPaths(mapping: Mapping): Named[] {
  const { question, options, answer, edits, group, id, hint, caption, helperText, helpers, images } = mapping;
  const more = (key: string, path: string | undefined): Named[] =>
    path === undefined ? [] : [{ key, path, core: false }];
  const listed =
    typeof options === "string"
      ? [options]
      : "fields" in options
        ? options.fields
        : "inText" in options
          ? [options.inText]
          : [];
  return [
    { key: "question", path: typeof question === "string" ? question : question.field, core: true },
    ...ofImages("images", images, mapping.withoutImages === "leave-out"),
    ...listed.map((path) => ({
      key: "options",
      path,
      core: typeof options === "string" || "inText" in options,
    })),
    { key: "answer", path: fieldOf(answer), core: true },
    ...more("id", id),
    ...more("hint", hint),
    ...more("caption", caption),
    ...more("helperText", helperText),
    ...more("group", typeof group === "object" ? group.field : group),
    ...(helpers === undefined ? [] : ofImages("helpers", helpers, false)),
    ...(edits === undefined
      ? []
      : [
          ...more("edits", edits.of),
          ...[edits.kind, fieldOf(edits.answer)].flatMap((path) => more("edits", `${edits.of}.${path}`)),
          ...ofImages("edits", edits.images, false).map((each) => ({
            ...each,
            path: `${edits.of}.${each.path}`,
          })),
        ]),
    ...Object.entries(mapping.attributes ?? {}).flatMap(([name, path]) => more(`attributes.${name}`, path)),
  ];
}

/** The maximum number of leaves that are listed. */
const mostLeaves = 200;
const deepest = 4;

/** The leaves of a record: names from the top; an image ({bytes, path}) is one. */
function* leavesOf(value: unknown, names: readonly string[] = []): Generator<readonly string[]> {
  const list = Array.isArray(value) ? value.flat() : [value];
  const records = list.filter(isRecord);
  const isImage = records.some((each) => Object.keys(each).every((key) => key === "bytes" || key === "path"));
  if (names.length > 0 && (records.length === 0 || isImage || names.length >= deepest)) {
    if (list.some((each) => each !== null && each !== undefined && each !== "")) yield names;
    return;
  }
  for (const each of records)
    for (const [key, inside] of Object.entries(each)) yield* leavesOf(inside, [...names, key]);
}

/** What is seen of a file's fields, record by record. */
interface FieldReader {
  add(record: unknown): void;
  /** Whether every path that must be there has been seen. */
  complete(): boolean;
  /** Throws "usage" with the nearest name where a path of the mapping is in no record. */
  check(where: string): void;
  /** Fields with a value in some record that no path of the mapping reads. */
  unused(): string[];
}

/**
 * Watches records for the fields that a mapping names. Of a ready mapping only question, images, options and answer must be
 * there; of one of the user's own, all that it does not call `optional`.
 */
export function fieldReader(mapping: Mapping, { ready }: { ready: boolean }): FieldReader {
  const named = namedPaths(mapping);
  const needed = named.filter(({ path, core }) => core || (!ready && !mapping.optional.includes(path)));
  const absent = new Map(needed.map((each) => [each.path, { ...each, there: new Set<string>(), step: "" }]));
  const leaves = new Map<string, boolean>();
  const fields =
    typeof mapping.options === "object" && "fields" in mapping.options ? mapping.options.fields : null;
  let listed = 0;
  let seen = 0;
  return {
    add(record) {
      seen++;
      for (const [path, each] of absent) {
        const missing = missingStep(record, path);
        if (!missing) absent.delete(path);
        else {
          each.step = missing.step;
          for (const name of missing.there) each.there.add(name);
        }
      }
      if (fields && listed < 2) listed = fields.filter((path) => !missingStep(record, path)).length;
      for (const names of leavesOf(record)) {
        const leaf = names.join(".");
        if (leaves.has(leaf) || leaves.size >= mostLeaves) continue;
        leaves.set(
          leaf,
          named.some(({ path }) => covers(path, names)),
        );
      }
    },
    complete: () => absent.size === 0 && (!fields || listed >= 2),
    check(where) {
      if (seen === 0) return;
      const [wrong] = absent.values();
      if (wrong) {
        const there = [...wrong.there];
        const near = nearest(wrong.step, there);
        const optional = wrong.core ? "" : `, or "optional: [${wrong.path}]" in the mapping`;
        throw new LintelError("usage", {
          where: `${where}, ${wrong.key} of the mapping`,
          expected: `a field ${JSON.stringify(wrong.path)} in some record`,
          got: there.length === 0 ? "none" : `only ${there.slice(0, 40).join(", ")}`,
          ...((near !== undefined || optional) && {
            attempt: `${near === undefined ? "another name" : JSON.stringify(near)}${optional}`,
          }),
        });
      }
      if (fields && listed < 2)
        throw new LintelError("usage", {
          where: `${where}, options of the mapping`,
          expected: `at least two of the fields ${fields.join(", ")}`,
          got: `only ${[...leaves.keys()].slice(0, 40).join(", ")}`,
        });
    },
    unused: () => [...leaves].flatMap(([leaf, used]) => (used ? [] : [leaf])),
  };
}
