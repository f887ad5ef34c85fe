/** Rotary-position parameters in config.json: the fields of transformers 4 and those of transformers 5. */
import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { parseFields, size } from "./parse-fields.ts";

type Section = [number, number, number];

/** Rotary positions of the decoder. */
export interface RotaryParameters {
  theta: number;
  section: Section;
}

/** A level of config.json that may hold text fields: its path within the file ("" at the top) and its content. */
export interface ConfigLevel {
  path: string;
  json: Record<string, unknown>;
}

const scaling = z.looseObject({
  type: z.string().nullish(),
  rope_type: z.string().nullish(),
  rope_theta: z.number().positive().nullish(),
  mrope_section: z.tuple([size, size, size]).nullish(),
  partial_rotary_factor: z.literal(1, "only full rotation (1) is supported").nullish(),
  // transformers 5 can hold one record per kind of layer; it builds no Qwen-VL model from them
  full_attention: z.undefined("rotary positions by kind of layer are not supported").optional(),
  sliding_attention: z.undefined("rotary positions by kind of layer are not supported").optional(),
});
const levelSchema = z.looseObject({
  rope_theta: z.number().positive().nullish(),
  rope_scaling: scaling.nullish(),
  rope_parameters: scaling.nullish(),
});

/** A value and the path of its field. */
interface FieldValue<T> {
  at: string;
  value: T;
}

const join = (...steps: string[]): string => steps.filter((step) => step !== "").join(".");

/** The value on which all fields agree; null if there are none. */
function agreed<T>(values: readonly FieldValue<T>[], where: string): T | null {
  const [first] = values;
  if (!first) return null;
  for (const other of values) {
    ensure(JSON.stringify(other.value) === JSON.stringify(first.value), "checkpoint", () => ({
      where,
      expected: "the same value in every field that holds it",
      got: `${first.at} ${JSON.stringify(first.value)} and ${other.at} ${JSON.stringify(other.value)}`,
      attempt: "keeping the value that the model was trained with",
    }));
  }
  return first.value;
}

/**
 * Reads base and sections of the decoder's rotary positions. transformers 4 writes `rope_theta` next to
 * `rope_scaling {type, mrope_section}`, transformers 5 `rope_parameters {rope_type, rope_theta, mrope_section}`; both
 * forms are accepted at any of `levels`. `defaultSection` is used if no field holds the sections.
 *
 * Errors: "checkpoint" for contradicting fields, a missing base (versions of transformers have different defaults),
 * missing sections, and scaled positions.
 */
export function readRotaryParameters(
  levels: readonly ConfigLevel[],
  where: string,
  { expected, defaultSection }: { expected: string; defaultSection: Section | null },
): RotaryParameters {
  const thetas: FieldValue<number>[] = [];
  const sections: FieldValue<Section>[] = [];
  const records: string[] = [];
  for (const { path, json } of levels) {
    const parsed = parseFields(levelSchema, json, where, expected, path);
    if (parsed.rope_theta) thetas.push({ at: join(path, "rope_theta"), value: parsed.rope_theta });
    for (const name of ["rope_scaling", "rope_parameters"] as const) {
      const record = parsed[name];
      if (!record) continue;
      const at = join(path, name);
      records.push(at);
      if (record.rope_theta) thetas.push({ at: join(at, "rope_theta"), value: record.rope_theta });
      if (record.mrope_section) sections.push({ at: join(at, "mrope_section"), value: record.mrope_section });
      for (const type of [record.type, record.rope_type]) {
        ensure(type == null || type === "mrope" || type === "default", "checkpoint", () => ({
          where: `${where}: ${at}`,
          expected: 'rotary positions of type "mrope" or "default"',
          got: JSON.stringify(type),
        }));
      }
    }
  }
  const first = levels[0]!.path;
  const theta = agreed(thetas, where);
  ensure(theta !== null, "checkpoint", () => ({
    where,
    expected: `rope_theta in ${join(first, "rope_parameters")} or as ${join(first, "rope_theta")}`,
    got: "neither, and versions of transformers differ in their default",
    attempt: "the value of the base model's config.json",
  }));
  const section = agreed(sections, where) ?? (records.length > 0 ? defaultSection : null);
  ensure(section !== null, "checkpoint", () => ({
    where,
    expected: `mrope_section in ${join(first, "rope_parameters")} or ${join(first, "rope_scaling")}`,
    got: records.length > 0 ? `${records.join(" and ")} without it` : "neither of the two",
    attempt: "the values of the base model's config.json, rope_theta included",
  }));
  return { theta, section };
}
