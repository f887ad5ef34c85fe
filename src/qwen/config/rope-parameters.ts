/** Where a config.json says how positions rotate: in the places of transformers 4 and in those of transformers 5. */
import { z } from "zod";
import { ensure } from "../../util/index.ts";
import { parseFields, size } from "./parse-fields.ts";

type Section = [number, number, number];

/** Rotary positions of the decoder. */
export interface Rope {
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
  // transformers 5 can hold one record for each kind of layer; it builds no Qwen-VL model from them
  full_attention: z.undefined("rotary positions by kind of layer are not supported").optional(),
  sliding_attention: z.undefined("rotary positions by kind of layer are not supported").optional(),
});
const level = z.looseObject({
  rope_theta: z.number().positive().nullish(),
  rope_scaling: scaling.nullish(),
  rope_parameters: scaling.nullish(),
});

/** A value and the field that it stands in. */
interface FieldValue<T> {
  at: string;
  value: T;
}

const join = (...parts: string[]): string => parts.filter((part) => part !== "").join(".");

/** The one value that all places agree on; null where there is none. */
function agreed<T>(said: readonly FieldValue<T>[], where: string): T | null {
  const [first] = said;
  if (!first) return null;
  for (const other of said) {
    ensure(JSON.stringify(other.value) === JSON.stringify(first.value), "checkpoint", () => ({
      where,
      expected: "the same value wherever it is written",
      got: `${first.at} ${JSON.stringify(first.value)} and ${other.at} ${JSON.stringify(other.value)}`,
      attempt: "keeping the one that the model was trained with",
    }));
  }
  return first.value;
}

/**
 * Reads base and sections of the decoder's rotary positions. transformers 4 writes `rope_theta` beside
 * `rope_scaling {type, mrope_section}`, transformers 5 `rope_parameters {rope_type, rope_theta, mrope_section}`; each
 * value is taken from where it stands, at any of `levels`. `defaultSection` stands for sections that no place names.
 *
 * Errors: "checkpoint" for a value that two places contradict each other about, for a missing base (the versions of
 * transformers have different defaults for it), missing sections, and scaled positions.
 */
export function readRope(
  levels: readonly ConfigLevel[],
  where: string,
  { model, defaultSection }: { model: string; defaultSection: Section | null },
): Rope {
  const thetas: FieldValue<number>[] = [];
  const sections: FieldValue<Section>[] = [];
  const records: string[] = [];
  for (const { path, json } of levels) {
    const parsed = parseFields(level, json, where, { prefix: path, model });
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
