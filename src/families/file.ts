/** Families from YAML files, for unpublished models: the parameters of the state machine. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { digestOf, parseYaml } from "../formats/index.ts";
import { defined, LintelError, nearest } from "../util/index.ts";
import { type AnswerReaders, answersBy, type ReaderName, readers } from "./answers.ts";
import { groupMeans, rowsOrGroupMeans } from "./compress.ts";
import { imagesFirst, inOrder } from "./prompt.ts";
import { familyNamed, namedFamilies } from "./registry.ts";
import { resolveId } from "./rules.ts";
import type { BlockRules, Family } from "./types.ts";

const reader = z.enum(Object.keys(readers) as [ReaderName, ...ReaderName[]]);

const id = z.int().nonnegative();
const token = z.string().min(1);
const marker = z.union([id, token]);

const rulesSchema = z.strictObject({
  start: marker.nullable().optional(),
  end: marker.nullable().optional(),
  pad: marker.optional(),
  k: z.int().positive().optional(),
  oracleK: z.int().positive().optional(),
  bounded: z.boolean().optional(),
  entry: z.enum(["sampled", "input"]).optional(),
  startUsesHidden: z.boolean().optional(),
  kIncludesStart: z.boolean().optional(),
  allowSampledEnd: z.boolean().optional(),
  forceEnd: z.boolean().optional(),
  recordSampled: z.boolean().optional(),
  perSampleState: z.boolean().optional(),
  eosEnds: z.boolean().optional(),
  startRestarts: z.boolean().optional(),
  counters: z.enum(["block", "text"]).optional(),
  head: z
    .strictObject({
      kind: z.enum(["simple", "glu"]),
      prefix: token.default("lvr_head"),
      from: z.int().nonnegative().default(1),
    })
    .nullable()
    .optional(),
  stop: z
    .strictObject({
      tensor: token,
      distance: z.enum(["mse", "mae", "cosine"]).default("mse"),
      below: z.number().positive(),
    })
    .nullable()
    .optional(),
  static: z.array(marker).min(1).nullable().optional(),
  placeholders: z.boolean().optional(),
});

const promptSchema = z.strictObject({
  system: z.string().optional(),
  suffix: z.string().optional(),
  images: z.enum(["first", "in order"]).optional(),
  generationPrompt: z.string().optional(),
  tail: z.string().optional(),
});

const schema = z.strictObject({
  name: token,
  extends: z.string().default("lantern"),
  rules: rulesSchema.default({}),
  prompt: promptSchema.default({}),
  /** A reader, or readers by benchmark (name of its mapping or task) with a default. */
  answer: z.union([reader, z.record(z.string(), reader)]).optional(),
  answerCue: token.optional(),
  maxTokens: z.int().positive().optional(),
  repetitionPenalty: z.number().positive().optional(),
  oracle: z.enum(["means", "rows", "boxes", "none"]).optional(),
  /** Bounds of an image's area after resizing, in pixels. */
  pixels: z.strictObject({ min: z.int().positive(), max: z.int().positive() }).optional(),
  transparency: z.enum(["white", "drop"]).optional(),
});

type FamilyFile = z.output<typeof schema>;

/** A schema without defaults and optional wrappers. */
function unwrapped(type: unknown): unknown {
  const isWrapped =
    type instanceof z.ZodDefault || type instanceof z.ZodOptional || type instanceof z.ZodNullable;
  return isWrapped ? unwrapped(type.unwrap()) : type;
}

/** The keys that the schema allows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const key of path) at = at instanceof z.ZodObject ? unwrapped(at.shape[key as string]) : null;
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** The faults of a file, with the nearest valid key for each unknown one. */
function faultsOf(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .flatMap((issue) => {
      const path = issue.path.join(".");
      if (issue.code !== "unrecognized_keys") return [path ? `${path}: ${issue.message}` : issue.message];
      return issue.keys.map((key) => {
        const known = keysAt(issue.path);
        const near = nearest(key, known);
        return `unknown key ${[...issue.path, key].join(".")}${near ? `; did you mean ${near}?` : `; valid keys: ${known.join(", ")}`}`;
      });
    })
    .join("; ");
}

/** Describes a contradiction in block rules; null if there is none. */
function contradiction({ startId, endId, ...rules }: BlockRules): string | null {
  if (startId === null && !rules.placeholders)
    return "start: null without placeholders: true, so that blocks never start";
  if (endId === null && rules.allowSampledEnd)
    return "allowSampledEnd with end: null, which the model cannot generate";
  if (endId === null && rules.forceEnd) return "forceEnd with end: null";
  if (startId !== null && startId === endId) return "start and end are the same token";
  if (rules.kIncludesStart && !rules.startUsesHidden) return "kIncludesStart without startUsesHidden";
  if (!rules.bounded && !rules.allowSampledEnd && !rules.stop && !rules.placeholders)
    return "bounded: false without anything that ends a block (allowSampledEnd, stop)";
  if (rules.static && rules.recordSampled) return "static with recordSampled";
  return null;
}

/** The readers in a file; default: those of the parent. */
function readersOf(answer: FamilyFile["answer"], parent: AnswerReaders): ReturnType<typeof answersBy> {
  if (answer === undefined) return answersBy(parent.default, parent.byBenchmark);
  if (typeof answer === "string") return answersBy(answer);
  const { default: usual = parent.default, ...byBenchmark } = answer;
  return answersBy(usual, { ...parent.byBenchmark, ...byBenchmark });
}

/** The user turn: the parent's, or as `prompt` specifies it. */
function contentOf({ images, suffix }: FamilyFile["prompt"], parent: Family): Family["content"] {
  if (images === undefined && suffix === undefined) return parent.content;
  if (images !== "in order") return imagesFirst(suffix);
  return (example) => [...inOrder(example), ...(suffix ? [{ type: "text" as const, text: suffix }] : [])];
}

/** What a family computes as oracle, by `oracle` of its file. */
const oracles = {
  means: { compress: groupMeans },
  rows: { compress: rowsOrGroupMeans, keepsRows: true },
  boxes: { compress: rowsOrGroupMeans, keepsRows: true, boxes: true },
  none: {},
} as const;

/** The rules of a parsed file: the parent's, except for what the file specifies. */
function rulesFrom(file: FamilyFile, parent: Family, where: string): Family["rules"] {
  const { start, end, pad, static: pads, ...others } = file.rules;
  return (config, idOf, warn) => {
    const idFor = (value: number | string): number =>
      typeof value === "number"
        ? value
        : resolveId({ config: {}, idOf, warn, family: file.name, order: [], first: null }, null, value);
    const changed = defined({
      startId: start == null ? start : idFor(start),
      endId: end == null ? end : idFor(end),
      padId: pad === undefined ? undefined : idFor(pad),
      static: pads == null ? pads : pads.map(idFor),
      ...others,
    });
    // a file with all markers and k does not need the parent's keys in config.json
    const complete = start !== undefined && end !== undefined && pad !== undefined && others.k !== undefined;
    const inherited = complete
      ? {
          ...parent.rules(parent.configKeys({ startId: 1, endId: 2, padId: 3, k: others.k! }), () => 0),
          static: null,
        }
      : parent.rules(config, idOf, warn);
    const rules: BlockRules = { ...inherited, ...changed };
    const wrong = contradiction(rules);
    if (wrong !== null)
      throw new LintelError("usage", { where, expected: "consistent block rules", got: wrong });
    return rules;
  };
}

/** A family from a parsed file. */
function familyFrom(file: FamilyFile, where: string): Family {
  const { name, oracle, pixels } = file;
  const parent = familyNamed(file.extends);
  const { dialects: _, ...inherited } = parent;
  const {
    oracleNote,
    selects,
    noOracle,
    keepsRows,
    exactRows,
    boxes,
    helperTokens,
    helperPixels,
    targets,
    ...withoutOracle
  } = inherited;
  const { system, generationPrompt, tail } = file.prompt;
  return {
    ...(oracle === undefined ? inherited : { ...withoutOracle, ...oracles[oracle] }),
    ...(oracle === "none" && { noOracle: `the family file of ${name} sets oracle: none` }),
    name,
    dialect: name,
    file: digestOf([file]),
    detect: () => false,
    rules: rulesFrom(file, parent, where),
    content: contentOf(file.prompt, parent),
    ...readersOf(file.answer, parent.answers),
    answerCue: file.answerCue ?? parent.answerCue,
    generation: {
      ...parent.generation,
      ...defined({ maxTokens: file.maxTokens, repetitionPenalty: file.repetitionPenalty }),
    },
    pictures: {
      ...parent.pictures,
      ...(pixels && { processor: { minPixels: pixels.min, maxPixels: pixels.max }, source: where }),
      ...defined({ transparency: file.transparency }),
    },
    ...defined({ system, generationPrompt }),
    ...(tail !== undefined && { tail: () => tail }),
  };
}

/**
 * A family from the text of a YAML file: `name`, the family it `extends` (default "lantern"), and the differences.
 *
 * Errors: "usage" naming every unknown key with the nearest one, every wrong value, and rules that contradict each other.
 */
export function parseFamily(text: string, where: string): Family {
  let content: unknown;
  try {
    content = parseYaml(text);
  } catch (cause) {
    const got = (cause as Error).message;
    throw new LintelError("usage", { where, expected: "YAML", got, cause });
  }
  const result = schema.safeParse(content);
  if (!result.success) {
    throw new LintelError("usage", {
      where,
      expected: "the block rules of a family (docs/families.md)",
      got: faultsOf(result.error.issues),
      cause: result.error,
    });
  }
  return familyFrom(result.data, where);
}

/**
 * The family for `--family`: the name of a family or of one of its dialects, or a YAML file.
 *
 * Errors: "usage" for an unknown name, with the nearest one, and for an unreadable file.
 *
 * @example
 * (await readFamily("monet-transformers")).name; // "monet"
 */
export async function readFamily(spec: string): Promise<Family> {
  if (!/\.(?:ya?ml|json)$/i.test(spec)) return familyNamed(spec);
  let text: string;
  try {
    text = await readFile(spec, "utf8");
  } catch (cause) {
    throw new LintelError("usage", {
      where: spec,
      expected: `a file of block rules, or a name (${Object.keys(namedFamilies).join(", ")})`,
      got: (cause as Error).message,
      cause,
    });
  }
  return parseFamily(text, spec);
}
