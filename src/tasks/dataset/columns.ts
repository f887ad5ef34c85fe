import type { Columns, Row } from "../../formats/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import type { Attribute, Edit, Example, ImageBytes, Json } from "../types.ts";

/**
 * The columns of a dataset. "attributes" is a JSON object and "state" any JSON value, as their contents differ between
 * tasks.
 */
export const columns = {
  id: "string",
  question: "string",
  images: { list: "image" },
  options: { list: "string" },
  answer: "int32",
  helpers: { list: "image" },
  counterfactuals: { list: { list: "image" } },
  attributes: "string",
  reasoning: { list: "string" },
  state: "string",
} as const satisfies Columns;

/**
 * Columns that only datasets have whose examples carry what they hold. Of edits, entry i of each is the i-th edit's:
 * images, kind and right answer.
 */
const extraColumns = {
  caption: { caption: "string" },
  edits: {
    edits: { list: { list: "image" } },
    editKinds: { list: "string" },
    editAnswers: { list: "int32" },
  },
} as const satisfies Record<string, Columns>;

export type Extra = keyof typeof extraColumns;
export const extras = Object.keys(extraColumns) as Extra[];

/**
 * What an example carries beyond the columns that every dataset has.
 *
 * @example
 * extrasOf({ caption: "a cat" }); // ["caption"]
 */
export const extrasOf = (example: Pick<Example, Extra>): Extra[] =>
  extras.filter((name) => example[name] !== undefined);

/**
 * The columns of a dataset with these extras.
 *
 * @example
 * "editKinds" in columnsWith(["edits"]); // true
 */
export const columnsWith = (present: readonly Extra[]): Columns =>
  Object.assign({}, columns, ...present.map((name) => extraColumns[name]));

/** Without these there is no example; the others may be missing in datasets made elsewhere. */
export const neededColumns = ["question", "images", "options", "answer"] as const;

/** An example as a row. */
export function toRow(example: Example): Row {
  // Regions and maps belong to datasets that are read by a mapping; there are no columns of them.
  const {
    reasoning = null,
    state,
    attributes,
    regions: _,
    map: __,
    interleaved: ___,
    edits,
    ...rest
  } = example;
  return {
    ...rest,
    attributes: JSON.stringify(attributes),
    reasoning,
    state: state === undefined ? null : JSON.stringify(state),
    ...(edits && {
      edits: edits.map(({ images }) => images),
      editKinds: edits.map(({ kind }) => kind),
      editAnswers: edits.map(({ answer }) => answer),
    }),
  };
}

/** Turns the values of a row back into an example; `where` names the example in errors. */
function reader(where: string) {
  const refuse = (column: string, expected: string, got: unknown): never => {
    throw new LintelError("dataset", {
      where: `${where}, column "${column}"`,
      expected,
      got: show(got),
      value: true,
    });
  };
  const list = (column: string, value: unknown): unknown[] =>
    Array.isArray(value) ? value : refuse(column, "a list", value);
  const text = (column: string, value: unknown): string =>
    typeof value === "string" ? value : refuse(column, "text", value);
  const image = (column: string, value: unknown): ImageBytes => {
    if (value instanceof Uint8Array) return value;
    const { bytes, path } = (value ?? {}) as { bytes?: unknown; path?: unknown };
    if (bytes instanceof Uint8Array) return bytes;
    // A path is never followed: a dataset must not decide which files of this machine are read.
    return refuse(
      column,
      "the bytes of an image",
      typeof path === "string" ? `only the path ${path}` : value,
    );
  };
  const images = (column: string, value: unknown): ImageBytes[] =>
    list(column, value).map((each) => image(column, each));
  const index = (column: string, value: unknown, count: number): number => {
    const number = typeof value === "bigint" ? Number(value) : value;
    if (Number.isInteger(number) && (number as number) >= 0 && (number as number) < count)
      return number as number;
    return refuse(column, `an integer from 0 to ${count - 1}`, value);
  };
  return { refuse, list, text, images, index };
}

type Reader = ReturnType<typeof reader>;

/** A caption that replaces the images: it may name none. */
function captionOf(value: unknown, { text, refuse }: Reader): string {
  const caption = text("caption", value);
  return caption.includes("<image>") ? refuse("caption", 'words, without "<image>"', caption) : caption;
}

function editsOf(
  row: Record<string, unknown>,
  { list, text, images, index, refuse }: Reader,
  { options, pictures }: { options: readonly string[]; pictures: readonly ImageBytes[] },
): Edit[] {
  const edited = list("edits", row.edits);
  const kinds = list("editKinds", row.editKinds);
  const answers = list("editAnswers", row.editAnswers);
  for (const [column, { length }] of [["editKinds", kinds] as const, ["editAnswers", answers] as const])
    if (length !== edited.length) refuse(column, `${edited.length} entries, one for each edit`, `${length}`);
  return edited.map((each, i) => {
    const found = images("edits", each);
    if (found.length !== pictures.length)
      refuse("edits", `${pictures.length} images in edit ${i}, as the example has`, `${found.length}`);
    return {
      kind: text("editKinds", kinds[i]),
      images: found,
      answer: index("editAnswers", answers[i], options.length),
    };
  });
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "bigint") return String(value);
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 80)}…` : json;
}

/**
 * A row as an example, checked: as many "<image>" in the question as images, the answer one of at least two
 * options, a counterfactual or none for each option, one piece of reasoning more than helpers, for every edit its kind,
 * its right option and as many images as the example has. Throws `LintelError` "dataset" naming the dataset, the example
 * (by id, else by number) and the column.
 *
 * @example
 * fromRow({ question: "?", images: [], options: ["a", "b"], answer: 1 }, "my-data", "eval-3").id; // "eval-3"
 */
export function fromRow(row: Record<string, unknown>, dataset: string, fallbackId: string): Example {
  const id = typeof row.id === "string" ? row.id : fallbackId;
  const read = reader(`${dataset}: example ${id}`);
  const { refuse, list, text, images } = read;

  const question = text("question", row.question);
  const pictures = images("images", row.images);
  const places = question.split("<image>").length - 1;
  if (places !== pictures.length) {
    refuse("question", `${pictures.length} times "<image>", once per image`, `${places} times`);
  }
  const options = list("options", row.options).map((option) => text("options", option));
  if (options.length < 2) refuse("options", "at least two options", options);
  const answer = read.index("answer", row.answer, options.length);
  const counterfactuals = list("counterfactuals", row.counterfactuals ?? options.map(() => null)).map(
    (helpers) => (given(helpers) ? images("counterfactuals", helpers) : null),
  );
  if (counterfactuals.length !== options.length) {
    refuse(
      "counterfactuals",
      `${options.length} entries, one for each option`,
      `${counterfactuals.length} entries`,
    );
  }
  const helpers = given(row.helpers) ? images("helpers", row.helpers) : [];
  const reasoning = given(row.reasoning)
    ? list("reasoning", row.reasoning).map((piece) => text("reasoning", piece))
    : null;
  if (reasoning && reasoning.length !== helpers.length + 1) {
    refuse("reasoning", `${helpers.length + 1} pieces, one more than helpers`, `${reasoning.length} pieces`);
  }
  return {
    id,
    question,
    images: pictures,
    options,
    answer,
    helpers,
    counterfactuals,
    attributes: attributesOf(row.attributes, `${dataset}: example ${id}, column "attributes"`),
    ...(reasoning && { reasoning }),
    ...(given(row.caption) && { caption: captionOf(row.caption, read) }),
    ...(given(row.edits) && { edits: editsOf(row, read, { options, pictures }) }),
    ...(given(row.state) && {
      state: json(row.state, `${dataset}: example ${id}, column "state"`, "JSON") as Json,
    }),
  };
}

const given = (value: unknown): boolean => value !== null && value !== undefined;

function json(value: unknown, where: string, expected: string): unknown {
  try {
    return JSON.parse(String(value));
  } catch (cause) {
    throw new LintelError("dataset", { where, expected, got: show(value), value: true, cause });
  }
}

function attributesOf(value: unknown, where: string): Record<string, Attribute> {
  if (!given(value)) return {};
  const parsed = json(value, where, "a JSON object");
  const flat = ["string", "number", "boolean"];
  ensure(
    parsed !== null &&
      typeof parsed === "object" &&
      !Array.isArray(parsed) &&
      Object.values(parsed).every((each) => flat.includes(typeof each)),
    "dataset",
    () => ({ where, expected: "a JSON object of texts, numbers and booleans", got: show(value) }),
  );
  return parsed as Record<string, Attribute>;
}
