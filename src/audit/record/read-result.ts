/** Reads the result of a finished audit. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readJson, requireUnchanged } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";
import { type AuditResult, auditSchema } from "./schema.ts";

/**
 * `audit.json` of a directory.
 *
 * Errors: "input" where it is missing, broken, of a newer version or of another form; where a file of the audit
 * was changed afterwards.
 *
 * @example
 * await readAuditResult("no-such-directory").catch((error) => error.id); // "E_UNFINISHED"
 */
export async function readAuditResult(directory: string): Promise<AuditResult> {
  const path = join(directory, "audit.json");
  const expected = "the result of a finished audit";
  const attempt = existsSync(join(directory, "asked.json"))
    ? "the same command again, which finishes the audit"
    : "a directory that --out of `lintel audit` or `lintel judge` named";
  const fail = (got: string): LintelError =>
    new LintelError("input", { where: path, id: "E_UNFINISHED", expected, got, attempt });
  const json = await readJson(path, { expected, attempt });
  if (json === null) throw fail("no such file");
  await requireUnchanged(directory, "restoring them, or another directory");
  const parsed = auditSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fail(`${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "not valid"}`);
}
