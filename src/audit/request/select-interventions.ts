/** Selects the interventions of an audit: by name, from files, from suites. */
import { readFile } from "node:fs/promises";
import {
  type Definitions,
  defaultInterventions,
  interventionOf,
  parseInterventions,
  type ResolvedIntervention,
} from "../../reasoning/index.ts";
import { LintelError } from "../../util/index.ts";
import { contentDummies } from "../judge/guards.ts";
import { controls, suiteNames, suiteOf } from "../suites/index.ts";

export interface SelectionRequest {
  /** Names, with values where they have parameters: "zeros", "blend(0.5)". Default: the standard set, or none with suites. */
  names?: readonly string[];
  /** Interventions defined in files, by name; `names` refers to them. */
  definitions?: Definitions;
  /** Suites to run in addition: "trt", "gradient", … */
  suites?: readonly string[];
  /** The appendix of `reviewer` without all of its suites. */
  appendix?: true;
}

/** What an audit runs. */
export interface Selection {
  interventions: readonly ResolvedIntervention[];
  suites: readonly string[];
  /** With `reviewer`: an appendix with every question and table is written beside the result. */
  appendix?: true;
}

/** What `--suites reviewer` stands for: every suite, and the controls that no suite has. */
export const REVIEWER = "reviewer";
const ofReviewer = controls.flatMap(({ interventions = [] }) => interventions);

/**
 * Resolves the named interventions and those of the suites, each once; `own` is always among them.
 *
 * Errors: "usage" for unknown names.
 *
 * @example
 * selectInterventions({ names: ["zeros"], suites: ["dose"] }).interventions.map(({ name }) => name).slice(0, 2); // ["zeros", "own"]
 */
export function selectInterventions({
  names,
  suites: asked = [],
  definitions,
  ...request
}: SelectionRequest): Selection {
  const reviewer = asked.includes(REVIEWER);
  const appendix = reviewer || request.appendix === true;
  const suites = [...new Set(asked.flatMap((name) => (name === REVIEWER ? suiteNames : [name])))];
  const named = names ?? (suites.length > 0 ? [] : defaultInterventions);
  const all = [
    ...named,
    ...suites.flatMap((name) => suiteOf(name).interventions),
    ...(reviewer ? ofReviewer : []),
  ];
  const resolved = new Map(
    all.map((text) => interventionOf(text, definitions)).map((each) => [each.name, each] as const),
  );
  const own = resolved.has("own") ? [] : [interventionOf("own")];
  return { interventions: [...own, ...resolved.values()], suites, ...(appendix && { appendix }) };
}

/**
 * What a verdict needs and a selection lacks; none where the selection is `own` alone, which measures accuracy.
 *
 * @example
 * missingForVerdict({ names: ["own", "zeros", "noise", "mean"] }); // ["noise-matched", "other-own"]
 */
export function missingForVerdict(request: SelectionRequest): string[] {
  const names = selectInterventions(request).interventions.map(({ name }) => name);
  return names.length > 1 ? contentDummies.filter((name) => !names.includes(name)) : [];
}

/**
 * Interventions of a command line: names with values, and JSON files that define some. Throws "usage" for unreadable
 * and malformed files.
 *
 * @example
 * const { names } = await readInterventions(["zeros", "blend(0.5)"]);
 * names; // ["zeros", "blend(0.5)"]
 *
 * @experimental
 */
export async function readInterventions(
  texts: readonly string[],
): Promise<{ names: string[]; definitions: Definitions }> {
  const definitions = new Map<string, ResolvedIntervention>();
  const names: string[] = [];
  for (const text of texts) {
    if (!text.endsWith(".json")) {
      names.push(text);
      continue;
    }
    for (const [name, definition] of parseInterventions(await readJson(text), text)) {
      definitions.set(name, definition);
      names.push(name);
    }
  }
  return { names, definitions };
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
