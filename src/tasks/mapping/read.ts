import { basename } from "node:path";
import type { z } from "zod";
import {
  type DataLimits,
  dataLimits,
  NotAFileError,
  parseYaml,
  readRegular,
  TooLongError,
} from "../../formats/index.ts";
import { ensure, LintelError, nearest, unknownName } from "../../util/index.ts";
import { exampleId } from "../draw.ts";
import type { Example, Skipped, Split } from "../types.ts";
import { type AnswerForm, formReader, rawAnswer } from "./answers.ts";
import { exampleOf, type ReadRecord } from "./example.ts";
import { fieldReader } from "./fields.ts";
import { chooseSplit, sourceOf } from "./files.ts";
import { placeOf } from "./images.ts";
import type { Listing } from "./listed.ts";
import { optionsOf } from "./options.ts";
import { readyMappings } from "./ready.ts";
import { recordsOf } from "./records.ts";
import { type Mapping, mappingSchema } from "./schema.ts";
import { select } from "./select.ts";

/** What is wrong with a mapping: keys that it lacks or that there are not, by name; else the first value of another form. */
function faultOf(file: string, raw: unknown, issues: readonly z.core.$ZodIssue[]): LintelError {
  const keys = Object.keys(mappingSchema.shape);
  const given = Object.keys(raw !== null && typeof raw === "object" ? raw : {});
  const absent = issues.flatMap(({ path: [key, ...deeper] }) =>
    typeof key === "string" && deeper.length === 0 && !given.includes(key) ? [key] : [],
  );
  const unknown = given.filter((key) => !keys.includes(key));
  const listed = [
    ...(absent.length > 0 ? [`no ${absent.join(", ")}`] : []),
    ...(unknown.length > 0 ? [`keys that no mapping has: ${unknown.join(", ")}`] : []),
  ];
  const meant = unknown.flatMap((key) => nearest(key, absent.length > 0 ? absent : keys) ?? []);
  const [issue] = issues;
  return new LintelError("usage", {
    where: `${file}, ${issue!.path.join(".") || "top level"}`,
    expected: `a field mapping (docs/data.md)${unknown.length > 0 ? `, whose keys are ${keys.join(", ")}` : ""}`,
    got: listed.length > 0 ? listed.join("; ") : issue!.message,
    attempt: meant[0],
  });
}

/** Bytes of a file with a mapping; ready ones have 2,000. */
const largestMapping = 1 << 18;

/**
 * A field mapping: a ready one by name, or a YAML file. Throws `LintelError` "usage" for a name that is neither, and
 * for a file that is no mapping (the key is named).
 */
export async function loadMapping(nameOrFile: string): Promise<Mapping> {
  const ready = Object.hasOwn(readyMappings, nameOrFile);
  let text: string;
  try {
    text = ready
      ? readyMappings[nameOrFile as keyof typeof readyMappings]
      : (await readRegular(nameOrFile, largestMapping)).toString("utf8");
  } catch (cause) {
    const names = Object.keys(readyMappings);
    const path = /[/\\]|\.(ya?ml|json)$/i.test(nameOrFile);
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? ", which is no file" : `, which cannot be read (${code ?? message})`;
    if (!path && !(cause instanceof NotAFileError) && !(cause instanceof TooLongError))
      throw unknownName("mapping", nameOrFile, names, {
        note: "docs/data.md lists them; a YAML file can define one",
        cause,
      });
    throw new LintelError("usage", {
      where: "field mapping",
      expected: `a YAML file, or one of ${names.join(", ")}`,
      got: JSON.stringify(nameOrFile) + why,
      cause,
    });
  }
  let raw: unknown;
  try {
    raw = parseYaml(text);
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
  throw faultOf(nameOrFile, raw, result.error.issues);
}

export interface ReadMappedOptions {
  /** Which of the splits that file names tell; if left out "train" or the first, of an audit the mapping's. */
  split?: string | undefined;
  limit?: number;
  /** For the options drawn from other answers. */
  seed?: number;
  /** For an audit: options are listed in the question, and the split to be tested is read. */
  audit?: boolean;
  /** For an audit: options are listed in the order that this seed draws; null: in their order, whatever the mapping says. */
  shuffleOptions?: number | null | undefined;
  /** What the files may take (`dataLimits`). */
  limits?: DataLimits;
  /** Called for every record that does not fit; without it, the first is an error. */
  onSkipped?: (skipped: Skipped) => void;
}

/** What was read, and how options were ordered. */
export interface MappedSplit extends Split {
  /** Seed of the order in which options are listed; null where they are as in the file. */
  optionSeed: number | null;
  /** Fields with a value in some record that the mapping does not use. */
  unused: string[];
  /** What was unusual, and in how many of the examples. */
  notes: { note: string; examples: number }[];
  /** How the file tells its right options, where that was found out. */
  answerForm?: AnswerForm;
}

/** Splits that are there to be tested, in the order in which an audit looks for them. */
const tested = ["eval", "validation", "valid", "val", "dev", "test"];

/** As many answers are gathered for options to be drawn from. */
const POOL = 2000;

/** How an audit lists options: with letters, where the record has its own and the mapping does not say otherwise. */
function listingOf({ ask, options }: Mapping): Listing | null {
  if (ask !== undefined) return ask === "as-is" ? null : ask;
  return typeof options === "string" || "inText" in options || "fields" in options ? "letters" : null;
}

/** The seed of the order in which options are listed; null where they are as in the file. */
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
 */
export async function readMapped(
  path: string,
  nameOrFile: string,
  options: ReadMappedOptions = {},
): Promise<MappedSplit> {
  const mapping = await loadMapping(nameOrFile);
  const {
    limit = Number.POSITIVE_INFINITY,
    seed = 0,
    audit = false,
    onSkipped,
    limits = dataLimits,
  } = options;
  const optionSeed = optionSeedOf(mapping, nameOrFile, options);
  const source = await sourceOf(path, mapping.files);
  const preferred = audit ? [...(mapping.split === undefined ? [] : [mapping.split]), ...tested] : ["train"];
  const { name, files } = chooseSplit(source, options.split, preferred);
  const records: Records = async function* () {
    for (const file of files)
      for await (const record of recordsOf(file, mapping.records, limits)) yield { record, file };
  };
  const place = await placeOf(source.root, mapping, async (index, field) => {
    for await (const { record } of records()) if (String(select(record, field)[0]) === index) return record;
    return undefined;
  });
  const where = `${path}, split ${name}`;
  const ready = Object.hasOwn(readyMappings, nameOrFile);
  const found = await formsOf(records, mapping, where);
  const reading: ReadRecord = {
    mapping,
    place,
    pool: await poolOf(records, mapping, onSkipped),
    seed,
    forms: found.forms,
    listing: audit ? listingOf(mapping) : null,
    optionSeed,
  };
  const fields = fieldReader(mapping, { ready });
  const checkFields = async (): Promise<void> => {
    if (fields.complete()) return;
    // Only the beginning may have been read.
    for await (const { record } of records()) {
      if (!(record instanceof LintelError)) fields.add(record);
      if (fields.complete()) return;
    }
    fields.check(where);
  };
  const examples: Example[] = [];
  const taken = new Set<string>();
  const notes = new Map<string, number>();
  let seen = 0;
  for await (const { record, file } of records()) {
    if (examples.length >= limit) break;
    const id = exampleId(name, seen++);
    try {
      if (record instanceof LintelError) throw record;
      fields.add(record);
      const { example, notes: unusual } = await exampleOf(record, reading, { where: file, id, taken });
      taken.add(example.id);
      examples.push(example);
      for (const note of unusual) notes.set(note, (notes.get(note) ?? 0) + 1);
    } catch (error) {
      if (!onSkipped) await checkFields();
      const reason = skippable(error, onSkipped);
      onSkipped?.({ example: id, reason });
    }
  }
  await checkFields();
  return {
    name,
    task: basename(nameOrFile).replace(/\.ya?ml$/, ""),
    examples,
    optionSeed,
    unused: fields.unused(),
    notes: [...notes].map(([note, count]) => ({ note, examples: count })),
    ...(found.asked && { answerForm: found.forms.answer }),
  };
}

type Records = () => AsyncGenerator<{ record: unknown; file: string }>;

/** The answers that options of open questions are drawn from. */
async function poolOf(
  records: Records,
  mapping: Mapping,
  onSkipped: ReadMappedOptions["onSkipped"],
): Promise<string[]> {
  const pool = new Set<string>();
  if (typeof mapping.options !== "object" || !("fromAnswers" in mapping.options)) return [];
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
  return [...pool];
}

/** How right options are specified: as the mapping says, else found out over all records of the split. */
async function formsOf(
  records: Records,
  mapping: Mapping,
  where: string,
): Promise<{ forms: ReadRecord["forms"]; asked: boolean }> {
  const { options, answer, edits } = mapping;
  const told = (of: Mapping["answer"] | undefined): AnswerForm | undefined =>
    typeof of === "object" && "form" in of ? of.form : undefined;
  const open =
    (typeof options === "object" && "fromAnswers" in options) ||
    (typeof answer === "object" && "map" in answer);
  const forms = { answer: told(answer) ?? "text", edits: told(edits?.answer) ?? "text" };
  const unknown = !open && told(answer) === undefined;
  const unknownEdits = !open && edits !== undefined && told(edits.answer) === undefined;
  if (open || (!unknown && !unknownEdits)) return { forms, asked: false };
  const [answers, ofEdits] = [formReader(), formReader()];
  for await (const { record } of records()) {
    try {
      if (record instanceof LintelError) throw record;
      const choices = optionsOf(record, options, where);
      if (unknown) answers.add(rawAnswer(record, answer, where), choices);
      for (const each of unknownEdits && edits ? select(record, edits.of) : [])
        ofEdits.add(rawAnswer(each, edits!.answer, where), choices);
    } catch (error) {
      // A record that does not fit says nothing about the others; it is reported when it is read.
      if (!(error instanceof LintelError) || error.code !== "dataset") throw error;
    }
  }
  return {
    forms: {
      answer: unknown ? answers.decide(where, "answer") : forms.answer,
      edits: unknownEdits ? ofEdits.decide(where, "edits.answer") : forms.edits,
    },
    asked: unknown,
  };
}

/** What an error says of one record; thrown on where nobody counts such records, or it concerns all of them. */
function skippable(error: unknown, onSkipped: ReadMappedOptions["onSkipped"]): string {
  if (onSkipped && error instanceof LintelError && error.code === "dataset") return error.message;
  throw error;
}
