/** Parsing the JSON files of a checkpoint with errors that name every wrong field. */
import { z } from "zod";
import { LintelError } from "../../util/index.ts";

/** A positive integer; the limit is far above any model, so that no product of sizes leaves the exact integers. */
export const size = z
  .int()
  .positive()
  .max(1 << 24);
/** A number of layers; the limit keeps loops over a corrupt value short. */
export const depth = size.max(10_000);
export const id = z.int().nonnegative();

/** `value` parsed by `schema`. Throws `LintelError` "checkpoint" that names `where` and every wrong field. */
export function parseFields<T extends z.ZodType>(
  schema: T,
  value: unknown,
  where: string,
  expected: string,
  prefix = "",
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const path = [prefix, ...issue.path].filter((step) => step !== "").join(".");
    return path ? `${path}: ${issue.message}` : issue.message;
  });
  throw new LintelError("checkpoint", {
    where,
    expected,
    got: `${faults.slice(0, 10).join("; ")}${faults.length > 10 ? `; and ${faults.length - 10} more` : ""}`,
    cause: result.error,
  });
}
