/** The request that the outcomes in a directory belong to. Outcomes of different requests are never mixed. */
import { join } from "node:path";
import type { BlockRules } from "../../families/index.ts";
import {
  contentsOf,
  differences,
  digestOf,
  foreignDirectory,
  type Inputs,
  otherRequest,
  readJson,
  withVersion,
  writeJson,
} from "../../formats/index.ts";
import { checkpointFingerprint, type WeightFormat } from "../../qwen/index.ts";
import {
  type EngineRecord,
  type ImagePreprocessing,
  type LatentModel,
  oracleKind,
  type ResolvedIntervention,
} from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { type ErrorParts, LintelError } from "../../util/index.ts";
import type { AuditData, Benchmark } from "../data/read-data.ts";
import type { LoadedModelRequest } from "../decode/load-audited-model.ts";

/** The record of an audit's request. */
const NAME = "asked.json";

/** `asked.json` of an audit: enough to run it again, files of interventions included. */
interface RequestFile {
  /** Digests of model and data, and the version of Lintel; absent in directories of versions that did not record them. */
  inputs?: Inputs;
  seed: number;
  /** Absent where weights are as they are stored. */
  weights?: WeightFormat;
  /** Only of benchmarks: by which mapping they are read, and in what order options stand. */
  benchmark?: Benchmark;
  /** Only where blocks or words are made otherwise than by LanteRn's loop without a penalty. */
  loop?: LoopRecord;
  /** Only where oracles are made of more than helpers' features. */
  oracle?: OracleRecord;
  /** Name of the reader of answers; absent in directories of the first version, whose readers read otherwise. */
  reader?: string;
  interventions: { name: string; definition?: unknown }[];
}

/** The error for a directory whose outcomes belong to another request. */
const otherAudit = (directory: string, parts: Omit<ErrorParts, "where">): LintelError =>
  new LintelError("usage", { id: "E_OTHER_RUN", where: directory, ...parts });

/** What decides the words and latents of a model besides its weights. */
interface LoopRecord {
  dialect: string;
  rules: BlockRules;
  repetitionPenalty: number;
  maxTokens: number;
  /** Bounds of images, only where they are not preprocessor_config.json's. */
  pixels?: Pick<ImagePreprocessing, "bounds" | "first">;
}

/** What oracles are made of besides helpers' features. */
interface OracleRecord {
  /** In some example they are the input image's own features where a box lies. */
  boxes?: true;
  /** Directory of the second network that they were taken from. */
  model?: string;
}

/** `OracleRecord` of a model on examples; undefined where all oracles are made of helpers' features. */
function oracleRecord(model: LatentModel, examples: readonly Example[]): OracleRecord | undefined {
  if (model.targets) return { model: model.targets.from };
  return examples.some((example) => oracleKind(model, example) === "box") ? { boxes: true } : undefined;
}

/** `LoopRecord` of a model; undefined for LanteRn's loop as pocket models have it, which the first version knew alone. */
function loopRecord({
  family,
  rules,
  generation: { repetitionPenalty, maxTokens },
  pictures: { bounds, first, from },
}: Pick<LatentModel, "family" | "rules" | "generation" | "pictures">): LoopRecord | undefined {
  const own = from === "checkpoint" || from === "processor";
  if (family.dialect === "lantern" && repetitionPenalty === 1 && maxTokens === 64 && own) return undefined;
  const pixels = own ? {} : { pixels: { bounds, ...(first && { first }) } };
  return { dialect: family.dialect, rules, repetitionPenalty, maxTokens, ...pixels };
}

/** What decides the outcomes of an audit besides its model and data. */
interface RecordedRequest extends Pick<LoadedModelRequest, "weights" | "device" | "textBaseline"> {
  interventions: readonly ResolvedIntervention[];
  suites: readonly string[];
  seed: number;
}

/** What ran a model, as far as its numbers depend on it. */
const engineFacts = ({
  engine,
  dtype,
  attention,
  devices,
  deviceName,
  versions,
}: EngineRecord): Record<string, string> => ({
  engine,
  dtype,
  attention,
  devices: `${devices.join(", ")} (${deviceName})`,
  ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [`version of ${name}`, version])),
});

/** Digests of all that outcomes are made from: a model and examples, whatever they are called. */
async function requestInputs(
  model: LatentModel,
  { examples, split = "eval", benchmark }: AuditData,
  { suites, device = "cpu", textBaseline }: RecordedRequest,
): Promise<Inputs> {
  return {
    // What cannot be told from another model is never the same as before.
    model: (await model.fingerprint?.()) ?? { "in memory": `process ${process.pid}, ${Date.now()}` },
    // Prompt, oracles and the cue of answers are the family's too, and two files may have one name.
    family: {
      name: model.family.dialect,
      rules: digestOf([model.rules]),
      ...(model.family.file !== undefined && { "content of its file": model.family.file }),
    },
    ...(model.targets && { "oracle model": await checkpointFingerprint(model.targets.from) }),
    ...(textBaseline && { "text baseline": await checkpointFingerprint(textBaseline.model) }),
    data: {
      split,
      ...(benchmark && {
        mapping: benchmark.mapping,
        "options in the order of seed": benchmark.optionSeed ?? "none",
        ...(benchmark.corrupted && { "regions in black": true }),
      }),
      "number of examples": examples.length,
      "content (questions, images, options, answers)": digestOf(examples),
    },
    options: {
      ...(suites.length > 0 && { suites: suites.join(", ") }),
      ...(device !== "cpu" && { device }),
      ...(model.engine && engineFacts(model.engine)),
    },
  };
}

/**
 * Refuses a directory that holds anything but an audit, before a model is loaded.
 *
 * Errors: "usage" naming what is there, and for outcomes without a record of what they were made from.
 */
export async function checkAuditDirectory(directory: string): Promise<void> {
  const names = await contentsOf(directory);
  if (names.length > 0 && !names.includes(NAME))
    throw foreignDirectory(directory, "a new directory, or an audit that was begun there", names);
}

/**
 * Records what is asked where nothing is recorded yet.
 *
 * Errors: "usage" where outcomes of other interventions, another seed or order of options, of weights in another form, of
 * another loop or other oracles, or read by another reader, of another model, other examples or another version of Lintel
 * lie there already, or such of which it is not recorded; and where anything else lies there.
 */
export async function recordRequest(
  directory: string,
  model: LatentModel,
  data: AuditData,
  request: RecordedRequest,
): Promise<void> {
  const { interventions, seed, weights = "float32" } = request;
  const { benchmark, examples } = data;
  const loop = loopRecord(model);
  const oracle = oracleRecord(model, examples);
  const reader = model.family.answers.default;
  const inputs = await requestInputs(model, data, request);
  await checkAuditDirectory(directory);
  await contentsOf(directory, { clear: true });
  const path = join(directory, NAME);
  const asked: RequestFile = {
    inputs: withVersion(inputs),
    seed,
    ...(weights !== "float32" && { weights }),
    ...(benchmark && { benchmark }),
    ...(loop && { loop }),
    ...(oracle && { oracle }),
    reader,
    interventions: interventions.map(({ name, definition }) => ({
      name,
      ...(definition !== undefined && { definition }),
    })),
  };
  // Null where nothing was written: directories of the first version have none.
  const before = (await readJson(path, {
    expected: "the request of an audit",
    attempt: "another directory, or removing this one",
  })) as RequestFile | null;
  if (before === null) {
    await writeJson(path, asked);
    return;
  }
  if (typeof before.inputs !== "object")
    throw otherAudit(directory, {
      expected: "outcomes with a record of the model and the data that they were made from",
      got: "an audit of an older version of Lintel, which kept none",
      attempt: "another --out: these outcomes cannot be told from those of another model",
    });
  if (JSON.stringify(before) === JSON.stringify(asked)) return;
  const nameOf = (of: LoopRecord | undefined): string => of?.dialect ?? "lantern";
  if (JSON.stringify(before.loop) !== JSON.stringify(asked.loop)) {
    const same = nameOf(before.loop) === nameOf(loop);
    throw otherAudit(directory, {
      expected: same
        ? `the rules, penalty, limit of ids and bounds of images that were used there`
        : nameOf(before.loop),
      got: same ? `others of ${nameOf(loop)}` : nameOf(loop),
      attempt: "another --out: outcomes of different loops cannot be mixed",
    });
  }
  if (JSON.stringify(before.oracle) !== JSON.stringify(asked.oracle)) {
    const made = (of: OracleRecord | undefined): string =>
      of?.model ?? (of?.boxes ? "the input's own features in boxes" : "helpers' features");
    throw otherAudit(directory, {
      expected: `oracles made of ${made(before.oracle)}`,
      got: made(asked.oracle),
      attempt: "another --out: outcomes under other oracles cannot be mixed",
    });
  }
  if (before.reader !== reader) {
    throw otherAudit(directory, {
      expected: `answers read by ${before.reader ?? 'an earlier version of Lintel, which read an article "a" as the option'}`,
      got: `the reader ${reader}`,
      attempt: "another --out: outcomes of different answer readers cannot be mixed",
    });
  }
  const differing = differences(before.inputs, asked.inputs!);
  if (differing.length > 0) throw otherRequest(directory, "an audit", differing);
  const list = ({ interventions: of }: RequestFile): string => of.map(({ name }) => name).join(", ");
  const same = list(before) === list(asked);
  throw otherAudit(directory, {
    expected: same
      ? `the definitions, the seed (${before.seed}) and the weights (${before.weights ?? "float32"}) of the audit that was begun there`
      : list(before),
    got: same
      ? `others, or seed ${seed}, weights ${weights}${benchmark ? `, options of ${benchmark.mapping} in the order of seed ${benchmark.optionSeed ?? "none"}` : ""}`
      : list(asked),
    attempt: "another --out: outcomes under other interventions cannot be mixed",
  });
}
