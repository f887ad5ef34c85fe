import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { parse } from "yaml";
import { ensure, LintelError, nearest, random } from "../../util/index.ts";
import { exampleId } from "../draw.ts";
import { reachesGoal } from "../plan.ts";
import type { Attribute, Example, Skipped, Split } from "../types.ts";
import { captionOf, editsOf } from "./edits.ts";
import { chooseSplit, sourceOf } from "./files.ts";
import { imagesOf, type Place, placeOf, regionsOf } from "./images.ts";
import { orderOf, withListedOptions } from "./listed.ts";
import { answerIndex, drawnOptions, mapOf, optionsInText, optionTexts, rawAnswer } from "./options.ts";
import { readyMappings } from "./ready.ts";
import { recordsOf } from "./records.ts";
import { type Mapping, mappingSchema } from "./schema.ts";
import { select } from "./select.ts";
import { reasoningOf, stepsOf } from "./steps.ts";

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
  /** Which of the splits that file names tell; if left out "train" or the first, of an audit the mapping's. */
  split?: string | undefined;
  limit?: number;
  /** For the options drawn from other answers. */
  seed?: number;
  /** For an audit: options are listed in the question, and the split to be tested is read. */
  audit?: boolean;
  /** For an audit: options are listed in the order that this seed draws; null: as they stand, whatever the mapping says. */
  shuffleOptions?: number | null | undefined;
  /** Told of every record that does not fit; without it, the first is an error. */
  onSkipped?: (skipped: Skipped) => void;
}

/** What was read, and how options were ordered. */
export interface MappedSplit extends Split {
  /** Seed of the order in which options are listed; null where they stand as in the file. */
  optionSeed: number | null;
}

/** Splits that are there to be tested, in the order in which an audit looks for them. */
const tested = ["eval", "validation", "valid", "val", "dev", "test"];

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
    const map = mapOf(record, mapping.answer, where);
    // A plan of another map that reaches the goal of this one, too, is no wrong option.
    const fits = (other: string): boolean => !map || !reachesGoal(map, other);
    return drawnOptions(String(raw), pool, source.fromAnswers, random(seed, "options", where), fits);
  }
  const options =
    typeof source === "string"
      ? optionTexts(select(record, source).flat())
      : "values" in source
        ? source.values
        : "fields" in source
          ? optionTexts(
              source.fields.flatMap((field) => select(record, field)).filter((value) => value !== ""),
            )
          : optionsInText(select(record, source.inText).join("\n")).options;
  const { answer } = mapping;
  const form = typeof answer === "string" || "map" in answer ? undefined : answer.form;
  return { options, answer: answerIndex(raw, options, form, where) };
}

function groupOf(record: unknown, { group }: Mapping, where: string): string | undefined {
  if (group === undefined) return undefined;
  const { field, each } = typeof group === "string" ? { field: group, each: null } : group;
  const [value] = select(record, field);
  if (each === null) return value === undefined ? undefined : String(value);
  const number = Number(value);
  ensure(Number.isInteger(number) && number >= 1, "dataset", () => ({
    where,
    expected: `a whole number from 1 on in ${field}`,
    got: JSON.stringify(String(value)),
  }));
  return String(Math.ceil(number / each));
}

async function exampleOf(
  record: unknown,
  mapping: Mapping,
  place: Place,
  at: { where: string; id: string; pool: readonly string[]; seed: number },
): Promise<Example> {
  if (record instanceof LintelError) throw record;
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
  const group = groupOf(record, mapping, where);
  const regions = regionsOf(record, mapping, where);
  const steps = stepsOf(mapping);
  const map = mapOf(record, mapping.answer, where);
  const caption = captionOf(record, mapping, where);
  const edits = await editsOf(record, mapping, place, { options, images: images.length, where });
  return {
    id,
    question: questionOf(record, mapping, images.length, where),
    images,
    options,
    answer,
    helpers: mapping.helpers ? await imagesOf(record, mapping.helpers, place, `${where}, helpers`) : [],
    counterfactuals: options.map(() => null),
    attributes: attributesOf(record, mapping),
    ...(group !== undefined && { group }),
    ...(regions.length > 0 && { regions }),
    ...(map && { map }),
    ...(steps && { reasoning: reasoningOf(record, steps) }),
    ...(caption !== undefined && { caption }),
    ...(edits && { edits }),
  };
}

/** How an audit lists options: with letters, where the record has its own and the mapping does not say otherwise. */
function listingOf({ ask, options }: Mapping): "letters" | "brackets" | null {
  if (ask !== undefined) return ask === "as-is" ? null : ask;
  return typeof options === "string" || "inText" in options || "fields" in options ? "letters" : null;
}

/** The seed of the order in which options are listed; null where they stand as in the file. */
function optionSeedOf(mapping: Mapping, nameOrFile: string, options: ReadMappedOptions): number | null {
  const { audit = false, shuffleOptions, seed = 0 } = options;
  if (!audit) return null;
  ensure(listingOf(mapping) !== null || typeof shuffleOptions !== "number", "usage", () => ({
    where: `shuffling the options of ${nameOrFile}`,
    expected: "a mapping whose options are listed in the question",
    got: "one that asks the question as it stands",
  }));
  return shuffleOptions === undefined ? (mapping.shuffle ? seed : null) : shuffleOptions;
}

/**
 * Reads a dataset made elsewhere (Parquet, JSONL, JSON, CSV, TSV; a file or a directory) by a field mapping. Options of
 * open answers are drawn from the answers of the other examples. Images are bytes, base64, or files within the dataset;
 * nothing else is read, and nothing is executed. Throws `LintelError` "usage" for a wrong mapping, "dataset" for missing
 * splits, unreadable files, and records that the mapping does not fit (named by their number or id).
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
): Promise<MappedSplit> {
  const mapping = await loadMapping(nameOrFile);
  const { limit = Number.POSITIVE_INFINITY, seed = 0, audit = false, onSkipped } = options;
  const optionSeed = optionSeedOf(mapping, nameOrFile, options);
  const source = await sourceOf(path, mapping.files);
  const preferred = audit ? [...(mapping.split === undefined ? [] : [mapping.split]), ...tested] : ["train"];
  const { name, files } = chooseSplit(source, options.split, preferred);
  const records = async function* (): AsyncGenerator<{ record: unknown; file: string }> {
    for (const file of files)
      for await (const record of recordsOf(file, mapping.records)) yield { record, file };
  };
  const place = await placeOf(source.root, mapping, async (index, field) => {
    for await (const { record } of records()) if (String(select(record, field)[0]) === index) return record;
    return undefined;
  });

  const pool = new Set<string>();
  if (typeof mapping.options === "object" && "fromAnswers" in mapping.options) {
    let seen = 0;
    for await (const { record, file } of records()) {
      if (seen++ >= POOL) break;
      try {
        if (record instanceof LintelError) throw record;
        pool.add(String(rawAnswer(record, mapping.answer, `${file}, record ${seen - 1}`)));
      } catch (error) {
        skippable(error, onSkipped);
      }
    }
  }
  const answers = [...pool];
  const examples: Example[] = [];
  const ids = new Set<string>();
  let seen = 0;
  for await (const { record, file } of records()) {
    if (examples.length >= limit) break;
    const id = exampleId(name, seen++);
    try {
      const example = await exampleOf(record, mapping, place, { where: file, id, pool: answers, seed });
      // Ids of elsewhere need not be unique (a map with several questions); here they must be.
      if (ids.has(example.id)) example.id = `${example.id} (${id})`;
      ids.add(example.id);
      const order = optionSeed === null ? undefined : orderOf(optionSeed, example.id);
      const form = audit ? listingOf(mapping) : null;
      examples.push(form ? withListedOptions(example, order, form) : example);
    } catch (error) {
      const reason = skippable(error, onSkipped);
      onSkipped?.({ example: id, reason });
    }
  }
  return { name, task: basename(nameOrFile).replace(/\.ya?ml$/, ""), examples, optionSeed };
}

/** What an error says of one record; thrown on where nobody counts such records, or it concerns all of them. */
function skippable(error: unknown, onSkipped: ReadMappedOptions["onSkipped"]): string {
  if (onSkipped && error instanceof LintelError && error.code === "dataset") return error.message;
  throw error;
}
