/** The row of a file of outcomes that another program made: one example under one intervention. */
import { z } from "zod";
import { LintelError, nearest } from "../../util/index.ts";

const id = z.union([z.string().min(1), z.number()]);
const index = z.int().nonnegative();
/** An option: its position, from 0, or its text. */
const option = z.union([index, z.string()]);

/** Fields of a row. Those of the example may be in one of its rows alone, and must be equal wherever they are. */
const rowSchema = z.strictObject({
  /** Only in a first line without an example: the version of this format. */
  schemaVersion: z.int().optional(),
  example: id.describe("Unique id of the question."),
  intervention: z
    .string()
    .min(1)
    .describe("Contents of the latent slots: own, zeros, oracle, … (lintel interventions)."),
  correct: z
    .union([z.boolean(), z.literal(0), z.literal(1)])
    .optional()
    .describe("Whether the reply is right; instead of `choice` and `answer`."),
  choice: option
    .nullable()
    .optional()
    .describe("Option that the reply names, by position (from 0) or text; null: unreadable."),
  text: z.string().optional().describe("The reply. Without `choice`, the option is read from it (--reader)."),
  options: z.array(z.string()).min(1).optional().describe("Options of the question."),
  answer: option.optional().describe("The right option, by position (from 0) or text."),
  chance: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe("Accuracy of guessing; default: one over the number of options."),
  lenient: option.nullable().optional().describe("Option that a second, lenient reader finds in the reply."),
  optionLogProbabilities: z
    .array(z.number())
    .nullable()
    .optional()
    .describe("Log-probability of each option at the answer position, normalized over the options."),
  blocks: index.optional().describe("Latent blocks in the reply; default 1. 0: the model opened none."),
  steps: index.optional().describe("Latent vectors in all blocks; default: as many as blocks."),
  lengths: z.array(index).optional(),
  endings: z.array(z.string()).optional().describe("Why each block ended."),
  target: option.optional().describe("Option that an injected block stands for (counterfactual)."),
  finish: z.enum(["eos", "length"]).optional().describe("End of text, or the token limit."),
  same: z.array(z.enum(["own", "oracle"])).optional(),
  dose: z.record(z.string(), z.unknown()).optional(),
  oracle: z.string().optional(),
  group: id.optional().describe("Questions of one group count together."),
  images: id
    .optional()
    .describe("Equal for questions that share their images: they are one cluster of the statistics."),
  question: z.string().optional(),
  attributes: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .describe("Facts for slices."),
  notApplied: z
    .string()
    .optional()
    .describe("The intervention does not apply to this example, and why; instead of an outcome."),
});

export type Row = z.infer<typeof rowSchema>;

/** A row and its line in the file. */
export interface LocatedRow {
  row: Row;
  where: string;
}

/**
 * The JSON Schema of a row, as docs/outcomes.schema.json has it.
 *
 * @example
 * rowJsonSchema().required; // ["example", "intervention"]
 */
export const rowJsonSchema = (): Record<string, unknown> => ({
  ...(z.toJSONSchema(rowSchema) as Record<string, unknown>),
  title: "One example under one intervention, for lintel judge",
});

/** A row as errors show it. */
const EXAMPLE = '{"example": 1, "intervention": "own", "correct": true}';

const isMissing = (value: unknown, field: string): boolean =>
  typeof value === "object" && value !== null && field in rowSchema.shape && !(field in value);

/**
 * A checked row.
 *
 * Errors: "input" naming file, line and field.
 *
 * @example
 * parseRow({ example: 1, intervention: "own", correct: true }, "rows.jsonl:1").row.correct; // true
 */
export function parseRow(value: unknown, where: string): LocatedRow {
  const parsed = rowSchema.safeParse(value);
  if (parsed.success) return { row: parsed.data, where };
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0]! : undefined;
  const field = unknown ?? String(issue?.path[0] ?? "the row");
  const given = (value as Record<string, unknown> | null)?.[field];
  const lacking = parsed.error.issues
    .map(({ path }) => String(path[0] ?? ""))
    .filter((name) => isMissing(value, name));
  if (lacking.length > 0)
    throw new LintelError("input", {
      where,
      expected: `the fields ${lacking.join(", ")}`,
      got: JSON.stringify(value)?.slice(0, 60) ?? "nothing",
      attempt: `rows such as ${EXAMPLE}`,
    });
  const near = unknown && nearest(unknown, Object.keys(rowSchema.shape), 0.6);
  throw new LintelError("input", {
    where,
    expected: unknown ? "only fields of docs/outcomes.schema.json" : `a valid ${field}`,
    got: unknown
      ? `the field ${JSON.stringify(unknown)}`
      : given === undefined
        ? `${field === "the row" ? JSON.stringify(value)?.slice(0, 60) : "none"}`
        : `${JSON.stringify(given)?.slice(0, 60)} (${issue?.message ?? "not valid"})`,
    attempt: near
      ? `${JSON.stringify(near)}, or further facts under "attributes"`
      : unknown
        ? 'further facts under "attributes"'
        : undefined,
  });
}
