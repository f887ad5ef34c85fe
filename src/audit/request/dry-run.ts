/** Dry run: what an audit would replace, planned with placeholders of the right shape. */

import { join } from "node:path";
import {
  type BlockShape,
  ofSameWords,
  type Planned,
  type QuestionPreview,
  type QuestionReader,
  type ResolvedIntervention,
  readQuestionReader,
  remoteQuestionReader,
  rightAnswer,
  type StoredCheckpoint,
  splitStatistics,
} from "../../reasoning/index.ts";
import type { Example, Skipped } from "../../tasks/index.ts";
import { availableMemory, type MemoryParts, memoryTotal, random } from "../../util/index.ts";
import { checkVocabulary } from "../data/check-vocabulary.ts";
import { prepareImages } from "../data/prepare-images.ts";
import { type AuditData, readAuditData } from "../data/read-data.ts";
import { checkControls, checkSlots, planAll } from "../decode/plan-context.ts";
import { ownBlocks, readLatents } from "../record/latents-file.ts";
import { type QuestionReport, questionReport } from "../record/question-report.ts";
import { type EngineEstimate, estimateEngine } from "./engine-estimate.ts";
import { auditMemory, firstQuestion, visualTokens } from "./memory-estimate.ts";
import { type AuditRequest, inDirectory, selectionOf } from "./request.ts";

/** What one intervention would do to one example. */
export interface Replacement {
  /** What happens to each block: vectors are put in, the model's own stay, it is closed at once, or never opened. */
  kind: "vectors" | "own" | "empty" | "none";
  /** Blocks and slots of each that are filled; a further block than these takes the last again. */
  blocks: number;
  slots: number;
  from: string;
}

export interface AuditPlan {
  split: string;
  /** The first usable question, as the model receives it. */
  question?: QuestionPreview;
  /** How questions are asked. */
  questions?: QuestionReport;
  /** Records and examples that are left out, as far as that is seen without running. */
  skipped?: Skipped[];
  /** Memory and time, where an engine runs the model. */
  engine?: EngineEstimate;
  /** Bytes that an audit in this process will take, by what they are for, and those that are available. */
  memory?: { parts: MemoryParts; total: number; available: number };
  /** Slots of a block and numbers of a slot. */
  slots: number;
  width: number;
  interventions: {
    name: string;
    description: string;
    source: string;
    /** Examples to which it applies, and to which it does not, with what they lack. */
    applies: number;
    notApplied: number;
    lacking?: string;
  }[];
  examples: {
    example: string;
    /** Blocks that the model opens; expected, one per helper image, unless an earlier run has recorded them. */
    blocks: number;
    recorded: boolean;
    /** By intervention; null where it does not apply. */
    replaced: Record<string, Replacement | null>;
  }[];
}

function shown(
  { plan, from }: Planned,
  blocks: number,
  { k, width }: { k: number; width: number },
): Replacement {
  if (plan.kind === "skip") return { kind: "empty", blocks, slots: 0, from };
  if (plan.kind === "suppressed") return { kind: "none", blocks: 0, slots: 0, from };
  if (plan.kind === "own") return { kind: "own", blocks, slots: plan.steps ?? k, from };
  return { kind: "vectors", blocks: plan.blocks.length, slots: plan.blocks[0]!.length / width, from };
}

/** Plans of all examples with stand-ins for latents; `own` by example where an earlier run recorded them. */
async function plansOf(
  examples: readonly Example[],
  interventions: readonly ResolvedIntervention[],
  { rules, width }: BlockShape,
  recorded: readonly (readonly Float32Array[])[] | null,
  seed: number,
): Promise<AuditPlan["examples"]> {
  const { k } = rules;
  const standIn = (count: number, slots = k): Float32Array[] =>
    Array.from({ length: count }, () => new Float32Array(slots * width));
  // A model that opens no block is only found out by running it: at least one is expected.
  const own = recorded ?? examples.map(({ helpers }) => standIn(Math.max(1, helpers.length)));
  const oracle = examples.map(({ helpers }) => standIn(helpers.length));
  const { apart } = rules;
  const split = splitStatistics(
    own,
    oracle,
    seed,
    examples.map(rightAnswer),
    width,
    examples,
    Boolean(apart),
  );
  const out: AuditPlan["examples"] = [];
  for (const [index, example] of examples.entries()) {
    const blocks = own[index]!.length;
    const planned = planAll(interventions, seed, {
      example,
      index,
      k,
      width,
      rules,
      own: split.own[index]!,
      oracle: oracle[index]!,
      oracleOf: (slots) => standIn(example.helpers.length, slots),
      counterfactual: example.counterfactuals.map((helpers) => helpers && standIn(helpers.length)),
      split: apart ? ofSameWords(split, index) : split,
      crop: example.images.length > 0 ? new Float32Array(k * width) : null,
      pad: new Float32Array(width),
      filler: new Float32Array(width),
      searched: new Map(
        interventions.flatMap((each) => each.searches.map(({ name }) => [name, own[index]!] as const)),
      ),
    });
    const replaced: Record<string, Replacement | null> = {};
    for (const [j, { name, base, input }] of interventions.entries()) {
      const plan = planned[j] ?? null;
      replaced[name] = plan && shown(plan, blocks, { k, width });
      if (!input) continue;
      const changed = await input({
        rules,
        example,
        index,
        examples,
        random: random(seed, base, example.id),
      });
      replaced[name] = changed && {
        ...(changed.withoutBlock
          ? { kind: "none" as const, blocks: 0, slots: 0 }
          : { kind: "own" as const, blocks, slots: k }),
        from: `${changed.from}; ${changed.withoutBlock ? "nothing" : "its own hidden states"}`,
      };
    }
    out.push({ example: example.id, blocks, recorded: recorded !== null, replaced });
  }
  return out;
}

/**
 * The first question as the model will read it, and what an audit with these options would replace where. No weight is read and nothing is computed or written.
 *
 * Errors: as `auditModel`, for what can be seen without running: names, values, slots, checkpoint, dataset.
 *
 * @example
 * const failed = await planAudit({ model: "no-model", data: "no-data" }).catch((error) => error);
 * failed instanceof LintelError; // true: "no-data" is no dataset
 */
export async function planAudit(request: AuditRequest): Promise<AuditPlan> {
  selectionOf(request);
  return withReader(request, (reader, data) => planWith(reader, data, request));
}

/** Reads questions as the model of a request will, without its weights. */
type Reader = QuestionReader & { stored?: StoredCheckpoint; resident?: number };

/** Work on a request's data with what reads its questions. */
export async function withReader<T>(
  request: AuditRequest,
  work: (reader: Reader, data: AuditData) => Promise<T>,
): Promise<T> {
  const { directory: name, ...options } = inDirectory(request.model);
  const data = await readAuditData(inDirectory(request.data), request.seed ?? 0);
  const { engine, ...local } = options;
  const { onWarning, onLine, signal } = request;
  const reader = engine
    ? await remoteQuestionReader(name, engine, { ...local, onWarning, onLine, signal })
    : { ...(await readQuestionReader(name, local)), release: async () => undefined };
  try {
    return await work(reader, data);
  } finally {
    await reader.release();
  }
}

/** Words of a question: its tokens but those of images and the two marks around each. */
const wordsOf = (question?: QuestionPreview): number =>
  question ? question.tokens - visualTokens(question) - 2 * question.images.length : 1;

/** A plan for the questions that `reader` reads. */
async function planWith(
  reader: Reader,
  data: AuditData,
  { seed = 0, output, onWarning, ...request }: AuditRequest,
): Promise<AuditPlan> {
  const { directory: name, maxTokens } = inDirectory(request.model);
  const { interventions } = selectionOf(request, reader.family);
  const { examples: read, split = "eval", skipped = [], reading } = data;
  const readable = checkVocabulary(reader, read, { name, split, onWarning });
  const shown = await prepareImages(readable, reader.pictures.transparency);
  const { examples } = shown;
  const first = await firstQuestion(reader, examples);
  const left = [...skipped, ...shown.skipped, ...first.skipped];
  const { config, family } = reader;
  const rules = reader.rules.apart ? { ...reader.rules, k: wordsOf(first.question) } : reader.rules;
  const shape = { family: family.name, rules, width: config.text.hiddenSize };
  checkControls(family, interventions);
  checkSlots(interventions, shape.rules.k);
  const ids = examples.map(({ id }) => id);
  const known = output?.directory
    ? await readLatents(join(output.directory, "latents.safetensors"), ids)
    : null;
  const plans = await plansOf(examples, interventions, shape, known && ownBlocks(known), seed);
  const estimated = {
    config,
    interventions,
    examples: examples.length,
    prompt: first.question?.tokens ?? 0,
    slots: rules.k,
    maxTokens: maxTokens ?? family.generation.maxTokens,
  };
  const engine = reader.stored && estimateEngine(reader.stored, estimated);
  const { resident } = reader;
  const parts =
    resident === undefined
      ? undefined
      : auditMemory({ ...estimated, resident, visual: visualTokens(first.question) });
  return {
    split,
    ...(engine && { engine }),
    ...(parts && { memory: { parts, total: memoryTotal(parts), available: availableMemory() } }),
    ...(first.question && { question: first.question }),
    questions: questionReport(reader, shown, reading),
    ...(left.length > 0 && { skipped: left }),
    slots: shape.rules.k,
    width: shape.width,
    interventions: interventions.map(({ name, description, source, lacking }) => {
      const applies = plans.filter(({ replaced }) => replaced[name]).length;
      const notApplied = plans.length - applies;
      return {
        name,
        description,
        source,
        applies,
        notApplied,
        ...(notApplied > 0 && lacking !== undefined && { lacking }),
      };
    }),
    examples: plans,
  };
}
