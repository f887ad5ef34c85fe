/** Resolves names of interventions: `zeros`, `blend(0.5)`, `blend(a=0.5)`, or one that a file defines. */
import { ensure, LintelError, unknownName } from "../../util/index.ts";
import { onPath } from "./paths.ts";
import { interventionNames, interventions } from "./registry.ts";
import type { InputContext, Intervention, Parameter, ResolvedIntervention } from "./types.ts";

/** Interventions of the user's own by name, beside those of the registry. */
export type Definitions = ReadonlyMap<string, ResolvedIntervention>;

/** Where the names are listed. */
const listed = { note: "`lintel interventions` lists them" };

function checked(where: string, name: string, parameter: Parameter, value: unknown): number | string {
  const {
    choices,
    min = Number.NEGATIVE_INFINITY,
    max = Number.POSITIVE_INFINITY,
    integer,
    example,
  } = parameter;
  if (choices) {
    if (typeof value === "string" && choices.includes(value)) return value;
    throw unknownName(`value of ${name}`, String(value), choices, { where });
  }
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  ensure(
    typeof number === "number" &&
      Number.isFinite(number) &&
      number >= min &&
      number <= max &&
      (!integer || Number.isInteger(number)),
    "usage",
    () => ({
      where: `${where}, ${name} (${parameter.description})`,
      expected:
        `${integer ? "an integer" : "a number"} ` +
        (Number.isFinite(max) ? `from ${min} to ${max}` : `of at least ${min}`),
      got: String(value),
      attempt: `${name} = ${example}`,
      value: true,
    }),
  );
  return number as number;
}

/**
 * An intervention of the registry with values for its parameters.
 *
 * Errors: "usage" for an unknown name or parameter, with the nearest ones, and for missing or impossible values.
 *
 * @example
 * withValues("blend", { a: 0.5 }).name; // "blend(0.5)"
 */
export function withValues(
  base: string,
  given: Readonly<Record<string, unknown>> = {},
): ResolvedIntervention {
  if (!Object.hasOwn(interventions, base)) throw unknownName("intervention", base, interventionNames, listed);
  const of: Intervention = interventions[base as keyof typeof interventions];
  const parameters = Object.entries(of.parameters ?? {});
  const where = `intervention ${base}`;
  for (const key of Object.keys(given)) {
    if (parameters.some(([name]) => name === key)) continue;
    if (parameters.length === 0) {
      throw new LintelError("usage", { where, expected: "no values: it has no parameters", got: key });
    }
    throw unknownName(
      "parameter",
      key,
      parameters.map(([name]) => name),
      { where },
    );
  }
  const values: Record<string, number | string> = {};
  for (const [name, parameter] of parameters) {
    ensure(Object.hasOwn(given, name), "usage", () => ({
      where,
      expected: `a value of ${name} (${parameter.description})`,
      got: "none",
      attempt: `${base}(${parameters.map(([, each]) => each.example).join(", ")})`,
    }));
    values[name] = checked(where, name, parameter, given[name]);
  }
  const name = parameters.length === 0 ? base : `${base}(${Object.values(values).join(", ")})`;
  const { description, role, source, needs, lacking, changesForm = false, input } = of;
  return {
    name,
    base,
    values,
    description,
    role,
    source,
    changesForm,
    lastSlot: 0,
    searches:
      of.search && (values.e !== 0 || of.search.start !== "own")
        ? [{ name, base, ...of.search, size: values.e as number }]
        : [],
    ...(needs && { needs }),
    ...(lacking !== undefined && { lacking }),
    ...(input && { input: (context: InputContext) => input(context, values) }),
    plan: (context) => of.plan(context, values),
  };
}

/**
 * The intervention of a name as it is written on the command line: `zeros`, `blend(0.5)`, `blend(a=0.5)`, one of
 * `definitions`, or any of these on a path of the image: `zeros@dropped`.
 *
 * Errors: "usage" with the nearest names.
 */
export function interventionOf(text: string, definitions: Definitions = new Map()): ResolvedIntervention {
  const own = definitions.get(text.trim());
  if (own) return own;
  const cut = text.lastIndexOf("@");
  if (cut >= 0) return onPath(interventionOf(text.slice(0, cut), definitions), text.slice(cut + 1).trim());
  const parts = /^([^()]*?)\s*(?:\(([^()]*)\))?$/.exec(text.trim());
  const base = parts?.[1] ?? text;
  if (!Object.hasOwn(interventions, base)) {
    throw unknownName("intervention", base, [...interventionNames, ...definitions.keys()], listed);
  }
  const of: Intervention = interventions[base as keyof typeof interventions];
  const names = Object.keys(of.parameters ?? {});
  const given: Record<string, string> = {};
  const written = (parts?.[2]?.trim() ? parts[2].split(",") : []).map((value) => value.trim());
  for (const [i, value] of written.entries()) {
    const at = value.indexOf("=");
    const key = at >= 0 ? value.slice(0, at).trim() : names[i];
    ensure(key !== undefined && !Object.hasOwn(given, key), "usage", () => ({
      where: `intervention ${JSON.stringify(text)}`,
      expected:
        names.length === 0 ? "no values: it has no parameters" : `values of ${names.join(", ")}, each once`,
      got: `${written.length} values`,
    }));
    given[key] = at >= 0 ? value.slice(at + 1).trim() : value;
  }
  return withValues(base, given);
}
