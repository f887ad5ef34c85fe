import type { Columns, Row } from "../../formats/index.ts";
import { ensure, LintelError } from "../../util/index.ts";
import type { Attribute, Example, ImageBytes, Json } from "../types.ts";

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

/** Without these there is no example; the others may be missing in datasets made elsewhere. */
export const neededColumns = ["question", "images", "options", "answer"] as const;

/**
 * An example as a row.
 *
 * @example
 * const row = toRow({ id: "a", question: "?", images: [], options: ["a", "b"], answer: 0, helpers: [],
 *   counterfactuals: [null, null], attributes: { angle: 90 } });
 * row.attributes; // '{"angle":90}'
 */
export function toRow(example: Example): Row {
  // Regions and maps belong to datasets that are read by a mapping; there are no columns of them.
  const { reasoning = null, state, attributes, regions: _, map: __, ...rest } = example;
  return {
    ...rest,
    attributes: JSON.stringify(attributes),
    reasoning,
    state: state === undefined ? null : JSON.stringify(state),
  };
}

/** Turns the values of a row back into an example; `where` names the example in errors. */
function reader(where: string) {
  const refuse = (column: string, expected: string, got: unknown): never => {
    throw new LintelError("dataset", { where: `${where}, column "${column}"`, expected, got: show(got) });
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
  return { refuse, list, text, images };
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
 * options, a counterfactual or none for each option, one piece of reasoning more than helpers. Throws `LintelError` "dataset" naming the dataset, the
 * example (by id, else by number) and the column.
 *
 * @example
 * fromRow({ question: "?", images: [], options: ["a", "b"], answer: 1 }, "my-data", "eval-3").id; // "eval-3"
 */
export function fromRow(row: Record<string, unknown>, dataset: string, fallbackId: string): Example {
  const id = typeof row.id === "string" ? row.id : fallbackId;
  const { refuse, list, text, images } = reader(`${dataset}: example ${id}`);

  const question = text("question", row.question);
  const pictures = images("images", row.images);
  const places = question.split("<image>").length - 1;
  if (places !== pictures.length) {
    refuse("question", `${pictures.length} times "<image>", as there are so many images`, `${places} times`);
  }
  const options = list("options", row.options).map((option) => text("options", option));
  if (options.length < 2) refuse("options", "at least two options", options);
  const answer = typeof row.answer === "bigint" ? Number(row.answer) : row.answer;
  if (!Number.isInteger(answer) || (answer as number) < 0 || (answer as number) >= options.length) {
    refuse("answer", `a whole number from 0 to ${options.length - 1}`, row.answer);
  }
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
    answer: answer as number,
    helpers,
    counterfactuals,
    attributes: attributesOf(row.attributes, `${dataset}: example ${id}, column "attributes"`),
    ...(reasoning && { reasoning }),
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
    throw new LintelError("dataset", { where, expected, got: show(value), cause });
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
