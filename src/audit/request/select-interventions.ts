/** Which interventions an audit runs: named ones, those of files, those of suites. */
import { readFile } from "node:fs/promises";
import {
  type Definitions,
  defaultInterventions,
  interventionOf,
  parseInterventions,
  type ResolvedIntervention,
} from "../../reasoning/index.ts";
import { LintelError } from "../../util/index.ts";
import { suiteOf } from "../suites/index.ts";
import type { AuditOptions } from "./options.ts";

/**
 * What is run: the interventions that are named, those of the suites, and without either the default set; each once,
 * `own` always among them. Throws "usage" for unknown names.
 *
 * @example
 * selectInterventions({ interventions: ["zeros"], suites: ["dose"] }).map(({ name }) => name)[1]; // "own"
 */
export function selectInterventions({
  interventions,
  suites = [],
  definitions,
}: Pick<AuditOptions, "interventions" | "suites" | "definitions">): ResolvedIntervention[] {
  const named = interventions ?? (suites.length > 0 ? [] : defaultInterventions);
  const all = [...named, ...suites.flatMap((name) => suiteOf(name).interventions)];
  const resolved = new Map(
    all.map((text) => interventionOf(text, definitions)).map((each) => [each.name, each] as const),
  );
  return [...(resolved.has("own") ? [] : [interventionOf("own")]), ...resolved.values()];
}

/**
 * Interventions as they are named on a command line: names with values, and JSON files, of which every intervention is
 * meant. Throws "usage" for files that cannot be read or do not have the form.
 *
 * @example
 * const { interventions } = await readInterventions(["zeros", "blend(0.5)"]);
 * interventions; // ["zeros", "blend(0.5)"]
 *
 * @experimental
 */
export async function readInterventions(
  texts: readonly string[],
): Promise<{ interventions: string[]; definitions: Definitions }> {
  const definitions = new Map<string, ResolvedIntervention>();
  const interventions: string[] = [];
  for (const text of texts) {
    if (!text.endsWith(".json")) {
      interventions.push(text);
      continue;
    }
    for (const [name, definition] of parseInterventions(await readJson(text), text)) {
      definitions.set(name, definition);
      interventions.push(name);
    }
  }
  return { interventions, definitions };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new LintelError("usage", {
      where: path,
      expected: "a JSON file of interventions",
      got: (cause as Error).message,
      cause,
    });
  }
}
