import { LintelError, unknownName } from "../util/index.ts";
import type { CommonParameters, ParameterSpec, Parameters, PocketFacts } from "./types.ts";

/**
 * The dials that every task has; `difficulty` tells what 1, 2 and 3 mean for it.
 *
 * @example
 * commonParameters({ difficulty: "cells: 1: 6 or 7, 2: 6 to 9, 3: 8 or 9" }).rendering.default; // "full"
 */
export const commonParameters = ({ difficulty, usual = 2 }: { difficulty: string; usual?: 1 | 2 | 3 }) =>
  ({
    rendering: {
      default: "full",
      choices: ["full", "pocket"],
      description:
        "full: one sheet that a person can read; pocket: panels as small images, for pocket models",
    },
    plan: {
      default: "none",
      choices: ["none", "named", "plain", "brief"],
      description:
        "reasoning in words around the helpers: none, naming the transformation, not naming it, or naming it in a word " +
        "or two (where the task has such words)",
    },
    difficulty: { default: usual, min: 1, max: 3, description: difficulty },
  }) as const satisfies CommonParameters;

/**
 * What a pocket model must know of full sheets: they become at least 64 tokens of 12 × 12 pixels (as do helpers, of
 * which each latent of a block stands for a quarter).
 *
 * @example
 * sheetFacts.latentsPerBlock; // 4
 */
export const sheetFacts: PocketFacts = { maxPixels: 100 * 12 * 12, latentsPerBlock: 4, start: "plain" };

type Widened<V> = V extends string ? string : V extends number ? number : boolean;

function check(where: string, spec: ParameterSpec, value: unknown): void {
  const refuse = (expected: string): LintelError =>
    new LintelError("usage", { where, expected, got: JSON.stringify(value), value: true });
  if (typeof value !== typeof spec.default) throw refuse(`a ${typeof spec.default}`);
  if (typeof value === "string" && spec.choices && !spec.choices.includes(value)) {
    throw unknownName("value", value, spec.choices, { where });
  }
  if (typeof value === "number") {
    const { min = -Infinity, max = Infinity } = spec;
    if (!Number.isInteger(value) || value < min || value > max)
      throw refuse(`an integer from ${min} to ${max}`);
  }
}

/**
 * The parameters of a task with defaults filled in. Throws `LintelError` "usage" for a name that the task does
 * not have (with the nearest ones) and for a value of the wrong type or out of bounds.
 *
 * @example
 * resolveParameters("toy", { size: { default: 3, min: 1, max: 9, description: "cells" } }, { size: 4 }); // { size: 4 }
 */
export function resolveParameters<S extends Record<string, ParameterSpec>>(
  task: string,
  specs: S,
  given: Parameters = {},
): { [K in keyof S]: Widened<S[K]["default"]> } {
  const resolved: Parameters = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [name, spec.default]),
  );
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(specs, name))
      throw unknownName("parameter", name, Object.keys(specs), { where: task });
    check(`parameter ${name} of ${task}`, specs[name]!, value);
    resolved[name] = value;
  }
  return resolved as { [K in keyof S]: Widened<S[K]["default"]> };
}

/**
 * What of a task's resolved parameters is recorded with a dataset: all but quiet ones that have their default.
 */
export const recordedParameters = (
  specs: Readonly<Record<string, ParameterSpec>>,
  resolved: Parameters,
): Parameters =>
  Object.fromEntries(
    Object.entries(resolved).filter(([name, value]) => !specs[name]?.quiet || value !== specs[name].default),
  );

/**
 * Parameters typed as text, as values of the kinds that a task wants. Names and values are left to
 * `resolveParameters`, which knows what to say about wrong ones.
 */
export function parameterValues(
  specs: Readonly<Record<string, ParameterSpec>>,
  texts: Readonly<Record<string, string>>,
): Parameters {
  const parsed = (name: string, text: string): Parameters[string] => {
    const kind = Object.hasOwn(specs, name) ? typeof specs[name]!.default : "string";
    if (kind === "number" && /^-?\d+$/.test(text)) return Number(text);
    return kind === "boolean" && /^(true|false)$/.test(text) ? text === "true" : text;
  };
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parsed(name, text)]));
}

/**
 * Throws `LintelError` "usage" unless `split` is one of the task's and `count` and `seed` are whole numbers
 * that can be honored.
 *
 * @example
 * checkRequest("toy", ["train", "eval"], "eval", 10, 0); // undefined
 */
export function checkRequest(
  task: string,
  splits: readonly string[],
  split: string,
  count: number,
  seed: number,
): void {
  if (!splits.includes(split)) throw unknownName("split", split, splits, { where: task });
  for (const [name, value, least] of [
    ["count", count, 0],
    ["seed", seed, Number.MIN_SAFE_INTEGER],
  ] as const) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new LintelError("usage", {
      where: `${name} of ${task}`,
      expected: name === "count" ? "an integer of at least 0" : "an integer",
      got: String(value),
      value: true,
    });
  }
}
