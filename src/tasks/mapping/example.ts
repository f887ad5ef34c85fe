/** One record as an example: texts, images, options and the right one. */
import { dropTransparency } from "../../formats/index.ts";
import { ensure, LintelError, random } from "../../util/index.ts";
import { reachesGoal } from "../grid-moves.ts";
import type { Attribute, Example, ImageBytes } from "../types.ts";
import { type AnswerForm, answerIndex, mapOf, rawAnswer } from "./answers.ts";
import { byPattern, shortText } from "./budget.ts";
import { captionOf, editsOf } from "./edits.ts";
import { type ImageLocation, imageFields, imageNumbers, imagesOf, regionsOf } from "./images.ts";
import { type Listing, orderOf, withListedOptions } from "./listed.ts";
import { foreignMark, placeImages } from "./marks.ts";
import {
  drawnOptions,
  letterOf,
  type MappedOption,
  mostOptions,
  optionsInText,
  optionsOf,
  saysEmpty,
} from "./options.ts";
import type { Mapping } from "./schema.ts";
import { select } from "./select.ts";
import { reasoningOf, stepsOf } from "./steps.ts";

/** What records are read with. */
export interface ReadRecord {
  mapping: Mapping;
  place: ImageLocation;
  /** Answers that options are drawn from. */
  pool: readonly string[];
  seed: number;
  forms: { answer: AnswerForm; edits: AnswerForm };
  /** How options are listed in the question; null: unchanged. */
  listing: Listing | null;
  optionSeed: number | null;
}

/** An example, and what was unusual about it. */
interface Read {
  example: Example;
  notes: string[];
}

/** The question of a record, and how many texts it was made of: turns of a conversation would be asked as one. */
function questionOf(record: unknown, mapping: Mapping, where: string): { question: string; texts: number } {
  const { field, replace = [] } =
    typeof mapping.question === "string" ? { field: mapping.question } : mapping.question;
  const texts = select(record, field).filter((value) => typeof value === "string");
  const short = (text: string): string => shortText(text, `a text in ${field}`, where);
  let question = short(texts.join("\n"));
  for (const { pattern, with: text } of replace)
    question = short(byPattern(pattern, where, () => question.replaceAll(new RegExp(pattern, "g"), text)));
  const inText = typeof mapping.options === "object" && "inText" in mapping.options;
  if (inText && (mapping.options as { inText: string }).inText === field)
    question = optionsInText(question).before;
  ensure(question.trim() !== "", "dataset", () => ({ where, expected: `a text in ${field}`, got: "none" }));
  return { question, texts: texts.length };
}

/** The hint of a record; undefined where the cell is empty. */
function hintOf(record: unknown, { hint }: Mapping, where: string): string | undefined {
  const [value] = hint === undefined ? [] : select(record, hint);
  const text = value === undefined ? "" : shortText(String(value), `a hint in ${hint}`, where).trim();
  return /^(?:nan|none|null)?$/i.test(text) ? undefined : text;
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
  { mapping, pool, seed, forms }: ReadRecord,
  { where, id }: { where: string; id: string },
): { options: MappedOption[]; answer: number } {
  const { options: source } = mapping;
  const raw = rawAnswer(record, mapping.answer, where);
  if (typeof source === "object" && "fromAnswers" in source) {
    const map = mapOf(record, mapping.answer, where);
    // A plan of another map that reaches the goal of this one, too, is no wrong option.
    const fits = (other: string): boolean => !map || !reachesGoal(map, other);
    const right = String(raw);
    const texts = drawnOptions(right, pool, source.fromAnswers, random(seed, "options", id), fits);
    ensure(texts.length >= 2, "dataset", () => ({
      where,
      expected: "at least two options",
      got: texts.length === 0 ? "none" : JSON.stringify(texts[0]),
    }));
    const options = texts.map((text, place): MappedOption => ({ text, place, label: letterOf(place) }));
    return { options, answer: texts.indexOf(right) };
  }
  const options = optionsOf(record, source, where);
  return { options, answer: answerIndex(raw, options, forms.answer, where) };
}

function groupOf(record: unknown, { group }: Mapping, where: string): string | undefined {
  if (group === undefined) return undefined;
  const { field, each } = typeof group === "string" ? { field: group, each: null } : group;
  const [value] = select(record, field);
  if (each === null) return value === undefined ? undefined : String(value);
  const number = Number(value);
  ensure(Number.isInteger(number) && number >= 1, "dataset", () => ({
    where,
    expected: `an integer of at least 1 in ${field}`,
    got: JSON.stringify(String(value)),
  }));
  return String(Math.ceil(number / each));
}

/** The record's images, as the benchmark's loader hands them on. */
async function shownImages(
  record: unknown,
  { images: source, transparency, withoutImages }: Mapping,
  place: ImageLocation,
  where: string,
): Promise<ImageBytes[]> {
  const images = await imagesOf(record, source, place, `${where}, images`);
  const name = imageFields(source).join(" or ");
  ensure(images.length > 0 || withoutImages === "ask", "dataset", () => ({
    where,
    expected: `an image in ${name}`,
    got: "none",
    attempt: '"withoutImages: ask" in the mapping, where a question needs none',
  }));
  if (transparency === "family") return images;
  return Promise.all(images.map((image, i) => dropTransparency(image, `${where}, image ${i}`)));
}

/** Options whose meaning rests on others: on their letters, or on standing above or below them. */
const refersToOthers =
  /\b(?:both|either|neither|only|all of|none of)\b.*\b(?:[A-H]\b.*\b[A-H]|above|below|others?|options|these)\b|^\(?[A-H]\)? (?:and|or|&) \(?[A-H]\)?$/i;

/** What is unusual about options, in words. */
function unusualOptions(options: readonly MappedOption[], shuffled: boolean): string[] {
  const texts = options.map(({ text }) => text);
  return [
    ...(new Set(texts).size < texts.length ? ["two options say the same, and only one counts as right"] : []),
    ...(shuffled && texts.some((text) => refersToOthers.test(text))
      ? ['options in random order, one of which refers to others ("Both A and B", "None of the above")']
      : []),
  ];
}

/** An example with its images placed in its question. */
function placed(example: Example, numbers: readonly number[], where: string): Read {
  const { question, order, interleaved, note } = placeImages(example.question, numbers, where);
  const moved = order.some((at, i) => at !== i) || order.length !== numbers.length;
  const { images, edits, regions } = example;
  const chosen = (all: readonly ImageBytes[]): ImageBytes[] => order.map((at) => all[at]!);
  const kept = regions?.flatMap((region) => {
    const at = order.indexOf(region.image);
    return at < 0 ? [] : [{ ...region, image: at }];
  });
  return {
    example: {
      ...example,
      question,
      ...(interleaved && { interleaved }),
      ...(moved && {
        images: chosen(images),
        ...(edits && { edits: edits.map((edit) => ({ ...edit, images: chosen(edit.images) })) }),
        ...(kept && { regions: kept }),
      }),
    },
    notes: note === undefined ? [] : [note],
  };
}

/**
 * A record as an example.
 *
 * Errors: "dataset" for what the mapping does not fit.
 */
export async function exampleOf(
  record: unknown,
  reading: ReadRecord,
  at: { where: string; id: string; taken: ReadonlySet<string> },
): Promise<Read> {
  const { mapping, place, forms, listing, optionSeed } = reading;
  const named = mapping.id === undefined ? undefined : select(record, mapping.id)[0];
  const name = named === undefined ? at.id : String(named);
  // Ids of elsewhere need not be unique (a map with several questions); here they must be.
  const id = at.taken.has(name) ? `${name} (${at.id})` : name;
  const where = `${at.where}: example ${name}`;
  const images = await shownImages(record, mapping, place, where);
  const numbers = imageNumbers(record, mapping.images, images.length);
  const { options, answer } = choiceOf(record, reading, { where, id });
  ensure(listing === null || options.length <= mostOptions, "dataset", () => ({
    where,
    expected: `at most ${mostOptions} options, which have letters`,
    got: String(options.length),
  }));
  const group = groupOf(record, mapping, where);
  const regions = regionsOf(record, mapping, where);
  const steps = stepsOf(mapping);
  const map = mapOf(record, mapping.answer, where);
  const caption = captionOf(record, mapping.caption, where);
  const helperText = captionOf(record, mapping.helperText, where);
  const edits = await editsOf(record, mapping, place, {
    options,
    images: images.length,
    form: forms.edits,
    where,
  });
  const hint = hintOf(record, mapping, where);
  const { question, texts } = questionOf(record, mapping, where);
  const example: Example = {
    id,
    question: listing === null && hint !== undefined ? `Hint: ${hint}\nQuestion: ${question}` : question,
    images,
    options: options.map(({ text }) => text),
    answer,
    helpers: mapping.helpers ? await imagesOf(record, mapping.helpers, place, `${where}, helpers`) : [],
    counterfactuals: options.map(() => null),
    attributes: attributesOf(record, mapping),
    ...(group !== undefined && { group }),
    ...(regions.length > 0 && { regions }),
    ...(map && { map }),
    ...(steps && { reasoning: reasoningOf(record, steps) }),
    ...(caption !== undefined && { caption }),
    ...(helperText !== undefined && { helperText }),
    ...(edits && { edits }),
  };
  const labels = options.map(({ label }) => label);
  const order = optionSeed === null ? undefined : orderOf(optionSeed, id);
  const listed = listing === null ? example : withListedOptions(example, order, listing, { labels, hint });
  const read = placed(listed, numbers, where);
  const shownInOptions = read.example.options.find((text) => /<\|?image[ _-]?\d+\|?>/i.test(text));
  if (shownInOptions !== undefined)
    throw new LintelError("dataset", {
      where,
      expected: "options without images where they are not listed in the question",
      got: JSON.stringify(shownInOptions),
    });
  const columns =
    typeof mapping.options === "object" && "fields" in mapping.options ? mapping.options.fields : [];
  const holes = columns.some((field) => select(record, field).some(saysEmpty));
  return {
    example: read.example,
    notes: [
      ...(images.length === 0 ? ["question without an image"] : []),
      ...(holes ? ['an option is "nan", which is taken for an empty cell'] : []),
      ...(texts > 1
        ? ["the question is several texts of its field in a row (turns of a conversation?)"]
        : []),
      ...unusualOptions(options, order !== undefined),
      ...(listing !== null && optionsInText(question).options.length >= 2
        ? [
            "the question already lists its options, so they appear twice (options: { inText: … } reads them from the question)",
          ]
        : []),
      ...(foreignMark(read.example.question) === undefined
        ? []
        : [
            `marks such as "${foreignMark(read.example.question)}" are read as words: images are not placed there`,
          ]),
      ...read.notes,
    ],
  };
}
