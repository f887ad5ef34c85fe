import { z } from "zod";
import { LintelError } from "../../util/index.ts";

/** A size: positive, whole. */
export const size = z.int().positive();
/** A number of layers; far beyond any model, but what a loop over it survives. */
export const depth = size.max(10_000);
export const id = z.int().nonnegative();

/** `value` as `schema` has it. Throws `LintelError` "checkpoint" that names `where` and every wrong field. */
export function parseFields<T extends z.ZodType>(
  schema: T,
  value: unknown,
  where: string,
  { prefix = "", model }: { prefix?: string; model: string },
): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => {
    const path = [prefix, ...issue.path].filter((part) => part !== "").join(".");
    return path ? `${path}: ${issue.message}` : issue.message;
  });
  throw new LintelError("checkpoint", {
    where,
    expected: `the configuration of a ${model} model`,
    got: faults.join("; "),
    cause: result.error,
  });
}
