/** The memory that an audit in this process will take, from configuration and first question, before a weight is read. */
import {
  FEATURES_IN_MEMORY,
  previewQuestion,
  type QuestionPreview,
  readQuestionReader,
} from "../../reasoning/index.ts";
import type { Example, Skipped } from "../../tasks/index.ts";
import { LintelError, type MemoryParts, PROCESS_BYTES, requireMemory } from "../../util/index.ts";
import type { AuditData } from "../data/read-data.ts";
import type { ModelRequest } from "../decode/load-audited-model.ts";
import { IN_MEMORY } from "../decode/prefix-store.ts";
import { decodeSizes, sizesOf } from "./decode-sizes.ts";
import type { EstimateInputs } from "./seconds.ts";
import type { Selection } from "./select-interventions.ts";

const FLOAT = Float32Array.BYTES_PER_ELEMENT;
/** An example, with all that is kept of its prompt, and one of its outcomes, as measured (docs/notebook.md). */
const EXAMPLE = 28 * 2 ** 10;
const OUTCOME = 2 * 2 ** 10;
/** Examples that are kept so; of each further one its latents remain, and what statistics need (docs/scale.md). */
const WHOLE = 2000;
const FURTHER = 2 * 2 ** 10;

/** The first usable question, and the unusable ones before it. */
export async function firstQuestion(
  reader: Parameters<typeof previewQuestion>[0],
  examples: readonly Example[],
): Promise<{ question?: QuestionPreview; skipped: Skipped[] }> {
  const skipped: Skipped[] = [];
  for (const example of examples) {
    try {
      return { question: await previewQuestion(reader, example), skipped };
    } catch (error) {
      if (!(error instanceof LintelError) || !["dataset", "input"].includes(error.code)) throw error;
      skipped.push({ example: example.id, reason: error.message });
    }
  }
  return { skipped };
}

interface MemoryInputs extends Omit<EstimateInputs, "maxTokens"> {
  /** Bytes of weights that cannot be dropped. */
  resident: number;
  /** Visual tokens of a prompt. */
  visual: number;
}

/**
 * Bytes of an audit by what they are for, where every prompt is as long as the first one and replies have 32 ids. Weights
 * that are mapped from files are not counted: the kernel drops them where memory is short.
 */
export function auditMemory({
  config,
  interventions,
  examples,
  prompt,
  slots,
  resident,
  visual,
}: MemoryInputs): MemoryParts {
  const { text } = config;
  const sizes = decodeSizes({ config, interventions, examples, prompt, slots }, FLOAT);
  const { batch, rows, continuations } = sizes;
  const further = Math.max(0, examples - WHOLE);
  const latents = 2 * slots * text.hiddenSize * FLOAT;
  const widest = sizes.widest + sizesOf(config).heads * Math.min(prompt, 1024);
  return {
    process: PROCESS_BYTES,
    weights: resident,
    examples:
      (examples - further) * (EXAMPLE + interventions.length * OUTCOME) + further * (FURTHER + 2 * latents),
    images: Math.min(FEATURES_IN_MEMORY, examples * visual * text.hiddenSize * FLOAT),
    // Those kept, and the one at work.
    prefixes: Math.min(IN_MEMORY, sizes.prefixes) + sizes.prefix,
    continuations,
    activations: Math.max(batch * prompt * widest, rows * text.vocabSize) * FLOAT,
  };
}

/** Visual tokens of a question; 0 where they are not told apart. */
export const visualTokens = (question?: QuestionPreview): number =>
  question?.images.reduce((sum, { tokens = 0 }) => sum + tokens, 0) ?? 0;

/**
 * Refuses an audit that does not fit into the memory that is available, before any weight is read.
 *
 * Errors: "runtime" with both figures.
 */
export async function requireAuditMemory(
  { directory, engine, ...options }: ModelRequest,
  { examples }: Pick<AuditData, "examples">,
  { interventions }: Pick<Selection, "interventions">,
): Promise<void> {
  if (engine) return; // the memory is that of another machine, and its own errors tell of it
  const reader = await readQuestionReader(directory, options);
  const { question } = await firstQuestion(reader, examples);
  const parts = auditMemory({
    config: reader.config,
    interventions,
    examples: examples.length,
    prompt: question?.tokens ?? 0,
    slots: reader.rules.k,
    resident: reader.resident,
    visual: visualTokens(question),
  });
  requireMemory(
    `audit of ${directory}`,
    parts,
    "--weights int8 or int4, fewer interventions, a smaller --limit or --max-pixels",
  );
}
