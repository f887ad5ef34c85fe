/** Families of models that do not exist yet: a YAML file with the parameters of the state machine. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { digestOf } from "../formats/index.ts";
import { LintelError, nearest } from "../util/index.ts";
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
  /** A reader, or one for each benchmark (by the name of its mapping or task) beside a default. */
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

/** The keys that an object of the schema may have at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const key of path) {
    while (at instanceof z.ZodDefault || at instanceof z.ZodOptional || at instanceof z.ZodNullable)
      at = at.unwrap();
    at = at instanceof z.ZodObject ? at.shape[key as string] : null;
  }
  while (at instanceof z.ZodDefault || at instanceof z.ZodOptional || at instanceof z.ZodNullable)
    at = at.unwrap();
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/** What is wrong, key by key, with the nearest key that exists. */
function faultsOf(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .flatMap((issue) => {
      const path = issue.path.join(".");
      if (issue.code !== "unrecognized_keys") return [path ? `${path}: ${issue.message}` : issue.message];
      return issue.keys.map((key) => {
        const known = keysAt(issue.path);
        const near = nearest(key, known);
        return `unknown key ${[...issue.path, key].join(".")}${near ? `; did you mean ${near}?` : `; there are ${known.join(", ")}`}`;
      });
    })
    .join("; ");
}

/** Rules that contradict themselves. */
function contradiction({ startId, endId, ...rules }: BlockRules): string | null {
  if (startId === null && !rules.placeholders)
    return "start: null needs placeholders: true, or blocks never begin";
  if (endId === null && rules.allowSampledEnd)
    return "end: null cannot be written by the model (allowSampledEnd)";
  if (endId === null && rules.forceEnd) return "end: null cannot be forced (forceEnd)";
  if (startId !== null && startId === endId) return "start and end are the same token";
  if (rules.kIncludesStart && !rules.startUsesHidden) return "kIncludesStart without startUsesHidden";
  if (!rules.bounded && !rules.allowSampledEnd && !rules.stop && !rules.placeholders)
    return "bounded: false without anything that ends a block (allowSampledEnd, stop)";
  if (rules.static && rules.recordSampled) return "static tokens are recorded as they are (recordSampled)";
  return null;
}

/** The readers that a file names; those of the parent where it names none. */
function readersOf(answer: FamilyFile["answer"], parent: AnswerReaders): ReturnType<typeof answersBy> {
  if (answer === undefined) return answersBy(parent.default, parent.byBenchmark);
  if (typeof answer === "string") return answersBy(answer);
  const { default: usual = parent.default, ...byBenchmark } = answer;
  return answersBy(usual, { ...parent.byBenchmark, ...byBenchmark });
}

/** A family from a parsed file. */
function familyFrom(file: FamilyFile, where: string): Family {
  const parent = familyNamed(file.extends);
  const { start, end, pad, static: pads, ...others } = file.rules;
  const { system, suffix, images, generationPrompt, tail } = file.prompt;
  const { answer, answerCue, oracle } = file;
  const content =
    images === undefined && suffix === undefined
      ? parent.content
      : images === "in order"
        ? (example: Parameters<Family["content"]>[0]) => [
            ...inOrder(example),
            ...(suffix ? [{ type: "text" as const, text: suffix }] : []),
          ]
        : imagesFirst(suffix);
  const {
    dialects: _,
    oracleNote,
    selects,
    noOracle,
    keepsRows,
    boxes,
    helperTokens,
    targets,
    ...kept
  } = parent;
  const inherited = {
    ...(oracleNote !== undefined && { oracleNote }),
    ...(selects && { selects }),
    ...(keepsRows && { keepsRows }),
    ...(boxes && { boxes }),
    ...(targets && { targets }),
    ...(helperTokens && { helperTokens }),
    ...(noOracle !== undefined && { noOracle }),
  };
  return {
    ...kept,
    ...(oracle === undefined && inherited),
    name: file.name,
    dialect: file.name,
    file: digestOf([file]),
    detect: () => false,
    rules(config, idOf, warn) {
      const idFor = (value: number | string): number =>
        typeof value === "number"
          ? value
          : resolveId({ config: {}, idOf, warn, family: file.name, order: [], first: null }, null, value);
      const changed: Partial<BlockRules> = {
        ...(start !== undefined && { startId: start === null ? null : idFor(start) }),
        ...(end !== undefined && { endId: end === null ? null : idFor(end) }),
        ...(pad !== undefined && { padId: idFor(pad) }),
        ...(pads !== undefined && { static: pads?.map(idFor) ?? null }),
        ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
      };
      // A file that says everything itself asks nothing of the parent's keys in config.json.
      const whole = start !== undefined && end !== undefined && pad !== undefined && others.k !== undefined;
      const before = whole
        ? parent.rules(parent.configKeys({ startId: 1, endId: 2, padId: 3, k: others.k! }), () => 0)
        : parent.rules(config, idOf, warn);
      const rules = { ...before, ...(whole && pads === undefined && { static: null }), ...changed };
      const wrong = contradiction(rules);
      if (wrong !== null)
        throw new LintelError("usage", { where, expected: "rules that a block can follow", got: wrong });
      return rules;
    },
    content,
    ...readersOf(answer, parent.answers),
    answerCue: answerCue ?? parent.answerCue,
    generation: {
      ...parent.generation,
      ...(file.maxTokens !== undefined && { maxTokens: file.maxTokens }),
      ...(file.repetitionPenalty !== undefined && { repetitionPenalty: file.repetitionPenalty }),
    },
    pictures: {
      ...parent.pictures,
      ...(file.pixels && {
        processor: { minPixels: file.pixels.min, maxPixels: file.pixels.max },
        source: where,
      }),
      ...(file.transparency && { transparency: file.transparency }),
    },
    ...(system !== undefined && { system }),
    ...(generationPrompt !== undefined && { generationPrompt }),
    ...(tail !== undefined && { tail: () => tail }),
    ...(oracle === "means" && { compress: groupMeans }),
    ...((oracle === "rows" || oracle === "boxes") && {
      compress: rowsOrGroupMeans,
      keepsRows: true as const,
    }),
    ...(oracle === "boxes" && { boxes: true as const }),
    ...(oracle === "none" && { noOracle: `${file.name} has none, as its file says` }),
  };
}

/**
 * A family from the text of a YAML file: `name`, the family it `extends` ("lantern" if left out), and what differs.
 *
 * Errors: "usage" naming every unknown key with the nearest one, every wrong value, and rules that contradict each other.
 */
export function parseFamily(text: string, where: string): Family {
  let content: unknown;
  try {
    content = parse(text);
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
 * The family that `--family` names: one of the registry, one of its dialects, or a YAML file.
 *
 * Errors: "usage" for an unknown name, with the nearest one, and for a file that cannot be read.
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
