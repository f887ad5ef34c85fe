import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parse } from "yaml";
import { LintelError, nearest, random } from "../../util/index.ts";
import { exampleId } from "../draw.ts";
import type { Attribute, Example, Split } from "../types.ts";
import { imagesOf, type Place, placeOf } from "./images.ts";
import { answerIndex, drawnOptions, optionsInText, optionTexts, rawAnswer } from "./options.ts";
import { readyMappings } from "./ready.ts";
import { chooseSplit, recordsOf, sourceOf } from "./records.ts";
import { type Mapping, mappingSchema } from "./schema.ts";
import { select } from "./select.ts";

/**
 * A field mapping: a ready one by name, or a YAML file. Throws `LintelError` "usage" for a name that is neither, and
 * for a file that is no mapping (the key is named).
 *
 * @example
 * (await loadMapping("viscot-mc")).question; // "question"
 */
export async function loadMapping(nameOrFile: string): Promise<Mapping> {
  const ready = Object.hasOwn(readyMappings, nameOrFile);
  let text: string;
  try {
    text = ready
      ? readyMappings[nameOrFile as keyof typeof readyMappings]
      : await readFile(nameOrFile, "utf8");
  } catch (cause) {
    const names = Object.keys(readyMappings);
    throw new LintelError("usage", {
      where: "field mapping",
      expected: `a YAML file, or one of ${names.join(", ")}`,
      got: JSON.stringify(nameOrFile),
      attempt: nearest(nameOrFile, names, 1)[0],
      cause,
    });
  }
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (cause) {
    throw new LintelError("usage", {
      where: nameOrFile,
      expected: "YAML",
      got: (cause as Error).message,
      cause,
    });
  }
  const result = mappingSchema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new LintelError("usage", {
    where: `${nameOrFile}, ${issue!.path.join(".") || "top level"}`,
    expected: "a field mapping (docs/data.md)",
    got: issue!.message,
  });
}

export interface ReadMappedOptions {
  /** Which of the splits that file names tell; "train" or the first if left out. */
  split?: string | undefined;
  limit?: number;
  /** For the options drawn from other answers. */
  seed?: number;
}

/** As many answers are gathered for options to be drawn from. */
const POOL = 2000;

function questionOf(record: unknown, mapping: Mapping, images: number, where: string): string {
  const { field, replace = [] } =
    typeof mapping.question === "string" ? { field: mapping.question } : mapping.question;
  const texts = select(record, field).filter((value) => typeof value === "string");
  if (texts.length === 0) {
    throw new LintelError("dataset", { where, expected: `a text in ${field}`, got: "none" });
  }
  let question = texts.join("\n");
  for (const { pattern, with: text } of replace)
    question = question.replaceAll(new RegExp(pattern, "g"), text);
  const inText = typeof mapping.options === "object" && "inText" in mapping.options;
  if (inText && (mapping.options as { inText: string }).inText === field)
    question = optionsInText(question).before;
  const marks = question.split("<image>").length - 1;
  if (marks === images) return question;
  // Without marks, or with another number of them, images stand first, as chat templates put them.
  return "<image> ".repeat(images) + question.replaceAll("<image>", "").trim();
}

function attributesOf(record: unknown, mapping: Mapping): Record<string, Attribute> {
  const entries = Object.entries(mapping.attributes ?? {}).flatMap(([name, path]) => {
    const [value] = select(record, path);
    if (typeof value === "bigint") return [[name, Number(value)] as const];
    const flat = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    return flat ? [[name, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** Options and the place of the right one. */
function choiceOf(
  record: unknown,
  mapping: Mapping,
  pool: readonly string[],
  where: string,
  seed: number,
): { options: string[]; answer: number } {
  const { options: source } = mapping;
  const raw = rawAnswer(record, mapping.answer, where);
  if (typeof source === "object" && "fromAnswers" in source) {
    return drawnOptions(String(raw), pool, source.fromAnswers, random(seed, "options", where));
  }
  const options =
    typeof source === "string"
      ? optionTexts(select(record, source).flat())
      : "values" in source
        ? source.values
        : optionsInText(select(record, source.inText).join("\n")).options;
  const form = typeof mapping.answer === "string" ? undefined : mapping.answer.form;
  return { options, answer: answerIndex(raw, options, form, where) };
}

async function exampleOf(
  record: unknown,
  mapping: Mapping,
  place: Place,
  at: { where: string; id: string; pool: readonly string[]; seed: number },
): Promise<Example> {
  const named = mapping.id === undefined ? undefined : select(record, mapping.id)[0];
  const id = named === undefined ? at.id : String(named);
  const where = `${at.where}: example ${id}`;
  const images = await imagesOf(record, mapping.images, place, `${where}, images`);
  const { options, answer } = choiceOf(record, mapping, at.pool, where, at.seed);
  if (options.length < 2) {
    throw new LintelError("dataset", {
      where,
      expected: "at least two options",
      got: options.length === 0 ? "none" : JSON.stringify(options[0]),
    });
  }
  return {
    id,
    question: questionOf(record, mapping, images.length, where),
    images,
    options,
    answer,
    helpers: mapping.helpers ? await imagesOf(record, mapping.helpers, place, `${where}, helpers`) : [],
    counterfactuals: options.map(() => null),
    attributes: attributesOf(record, mapping),
  };
}

/**
 * Reads a dataset made elsewhere (Parquet, JSONL, JSON, CSV; a file or a directory) by a field mapping. Options of open
 * answers are drawn from the answers of the other examples. Images are bytes or files within the dataset; nothing else
 * is read, and nothing is executed. Throws `LintelError` "usage" for a wrong mapping, "dataset" for missing splits,
 * unreadable files, and records that the mapping does not fit (named by their number or id).
 *
 * @example
 * const { writeFileSync, mkdtempSync } = await import("node:fs");
 * const dir = mkdtempSync("/tmp/lintel-example-");
 * const record = { question: "Is it?", img_path: "a.png", options: ["A. yes", "B. no"], answer: "B", bbox: [0, 0, 1, 1] };
 * writeFileSync(`${dir}/test.jsonl`, JSON.stringify(record));
 * writeFileSync(`${dir}/a.png`, Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==", "base64"));
 * (await readMapped(dir, "viscot-mc")).examples[0].answer; // 1
 */
export async function readMapped(
  path: string,
  nameOrFile: string,
  options: ReadMappedOptions = {},
): Promise<Split> {
  const mapping = await loadMapping(nameOrFile);
  const { limit = Number.POSITIVE_INFINITY, seed = 0 } = options;
  const source = await sourceOf(path, mapping.files);
  const { name, files } = chooseSplit(source, options.split);
  const place = placeOf(source.root, mapping);

  const pool = new Set<string>();
  if (typeof mapping.options === "object" && "fromAnswers" in mapping.options) {
    let seen = 0;
    for (const file of files) {
      for await (const record of recordsOf(file, mapping.records)) {
        if (seen++ >= POOL) break;
        pool.add(String(rawAnswer(record, mapping.answer, `${file}, record ${seen - 1}`)));
      }
    }
  }
  const answers = [...pool];
  const examples: Example[] = [];
  const ids = new Set<string>();
  for (const file of files) {
    if (examples.length >= limit) break;
    for await (const record of recordsOf(file, mapping.records)) {
      if (examples.length >= limit) break;
      const id = exampleId(name, examples.length);
      const example = await exampleOf(record, mapping, place, { where: file, id, pool: answers, seed });
      // Ids of elsewhere need not be unique (a map with several questions); here they must be.
      if (ids.has(example.id)) example.id = `${example.id} (${id})`;
      ids.add(example.id);
      examples.push(example);
    }
  }
  return { name, task: basename(nameOrFile).replace(/\.ya?ml$/, ""), examples };
}
