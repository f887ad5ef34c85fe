/** Attributes of examples as class labels of probes and groups. */
import type { Example } from "../../../../tasks/index.ts";

/** Attributes with more values than this are no classes. */
const MOST_VALUES = 12;
const MOST_ATTRIBUTES = 8;

interface AttributeClasses {
  /** Attribute → index of the example → its value, as text. */
  classes: Map<string, Map<number, string>>;
  /** Attributes that are left out, and why. */
  skipped: Record<string, string>;
}

/**
 * The attributes of examples `indices` that divide them into a few classes, by name.
 *
 * @example
 * const examples = [{ attributes: { angle: 90, id: 1 } }, { attributes: { angle: 180, id: 1 } }];
 * [...attributeClasses(examples, [0, 1]).classes.keys()]; // ["angle"]: all have one id
 */
export function attributeClasses(
  examples: readonly Pick<Example, "attributes">[],
  indices: readonly number[],
): AttributeClasses {
  const classes: AttributeClasses["classes"] = new Map();
  const skipped: Record<string, string> = {};
  for (const key of [...new Set(indices.flatMap((i) => Object.keys(examples[i]!.attributes)))].sort()) {
    const values = new Map(
      indices.flatMap((i) => {
        const value = examples[i]!.attributes[key];
        return value === undefined ? [] : [[i, String(value)] as const];
      }),
    );
    const distinct = new Set(values.values()).size;
    if (distinct < 2 || distinct > MOST_VALUES)
      skipped[key] = `${distinct} different values; 2 to ${MOST_VALUES} can be told apart here`;
    else if (classes.size >= MOST_ATTRIBUTES)
      skipped[key] = `the first ${MOST_ATTRIBUTES} attributes are taken`;
    else classes.set(key, values);
  }
  return { classes, skipped };
}

/**
 * Class numbers 0, 1, … of values, in the order of their text.
 *
 * @example
 * classNumbers(["b", "a", "b"]); // [1, 0, 1]
 */
export function classNumbers(values: readonly unknown[]): number[] {
  const names = [...new Set(values.map(String))].sort();
  return values.map((value) => names.indexOf(String(value)));
}
