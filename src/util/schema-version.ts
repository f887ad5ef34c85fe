/** The version of the JSON documents that Lintel writes: files of a newer one are refused, older ones are read. */
import { LintelError } from "./errors.ts";

/** Raised when a document changes in a way that older readers would misread; added keys do not count. */
export const SCHEMA_VERSION = 1;

/**
 * The document with `schemaVersion` as its first key.
 *
 * @example
 * withSchemaVersion({ seed: 0 }); // { schemaVersion: 1, seed: 0 }
 */
export const withSchemaVersion = <T extends object>(document: T): { schemaVersion: number } & T => ({
  schemaVersion: SCHEMA_VERSION,
  ...document,
});

/**
 * Refuses a document of a newer version; documents without a version are older ones.
 *
 * Errors: "input" with the id E_NEWER_VERSION.
 *
 * @example
 * checkSchemaVersion({ seed: 0 }, "results.json"); // nothing
 */
export function checkSchemaVersion(document: unknown, where: string): void {
  const version = (document as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version !== "number" || version <= SCHEMA_VERSION) return;
  throw new LintelError("input", {
    id: "E_NEWER_VERSION",
    where,
    expected: `schemaVersion ${SCHEMA_VERSION} or older`,
    got: `${version}, which a newer version of Lintel wrote`,
    attempt: "updating Lintel",
  });
}
