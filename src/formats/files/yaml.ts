/** YAML of strangers: without warnings of the library on the terminal, and within a depth. */
import { parseDocument } from "yaml";

/**
 * The value of a YAML document.
 *
 * Throws `Error` for what is no YAML, for tags that are not YAML's own (`!!js/function`, `!include`), for lists within lists that
 * are too deep to be read, and for aliases that expand to more than a hundred times what is written.
 *
 * @example
 * parseYaml("seeds: 2"); // { seeds: 2 }
 */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { logLevel: "error" });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault?.code === "RESOURCE_EXHAUSTION")
    throw new Error("lists or mappings within each other that are too deep to be read", { cause: fault });
  if (fault) throw fault;
  return document.toJS() as unknown;
}
