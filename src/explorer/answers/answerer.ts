/** Does jobs with a model that is loaded in this process. */
import { loadAuditedModel } from "../../audit/index.ts";
import { familyOnBenchmark } from "../../families/index.ts";
import { differences } from "../../formats/index.ts";
import type { LatentModel, Network } from "../../reasoning/index.ts";
import { askModel, type Question } from "../ask.ts";
import type { Answered, Answerer, AuditedModel, Job, KeyedExample } from "./types.ts";

/** Questions that stay read: the one on the page, and those whose latents it is mixed with. */
const KEPT = 3;

/** Functions of a network that free something: they run whatever was canceled. */
const FREEING = new Set(["release", "drop", "select"]);

/** The network, whose computations end with an error once the current signal is aborted. */
function interruptible<N extends Network>(network: N, signal: () => AbortSignal | null): N {
  const guarded = Object.entries(network).map(([name, value]) => [
    name,
    typeof value !== "function" || FREEING.has(name)
      ? value
      : (...given: unknown[]) => {
          signal()?.throwIfAborted();
          return (value as (...all: unknown[]) => unknown)(...given);
        },
  ]);
  return Object.fromEntries(guarded) as N;
}

/** In what a model differs from the one that was audited. */
async function differencesFrom(
  model: LatentModel,
  { fingerprint, dialect }: Pick<AuditedModel, "fingerprint" | "dialect">,
): Promise<string[]> {
  const notes: string[] = [];
  if (dialect !== undefined && dialect !== model.family.dialect)
    notes.push(`The audit decoded as ${dialect}, this model decodes as ${model.family.dialect}.`);
  if (!fingerprint) return [...notes, "The audit kept no record of its model: these may be other weights."];
  const now = (await model.fingerprint?.()) ?? {};
  const found = differences({ model: fingerprint }, { model: now });
  if (found.length > 0)
    notes.push(
      `This is not the model of the audit: ${found.join("; ")}. Its answers are not those of the table.`,
    );
  return notes;
}

/**
 * An answerer over a model; the model is released with it. One job at a time.
 *
 * Errors: those of `loadAuditedModel`.
 */
export async function openAnswerer(
  asked: AuditedModel,
  tell: { onLine(line: string): void; onWarning(warning: string): void },
): Promise<Answerer> {
  const loaded = await loadAuditedModel(asked.request, [], tell);
  let current: AbortSignal | null = null;
  const model: LatentModel = {
    ...loaded,
    network: interruptible(loaded.network, () => current),
    family: familyOnBenchmark(loaded.family, asked.task),
  };
  const questions = new Map<string, Question>();
  const questionOf = async ({ key, example }: KeyedExample): Promise<Question> => {
    const before = questions.get(key);
    const question = before ?? (await askModel(model, example));
    questions.delete(key);
    questions.set(key, question);
    for (const [old, each] of questions) {
      if (questions.size <= KEPT) break;
      questions.delete(old);
      await each.release();
    }
    return question;
  };
  const done = async (job: Job): Promise<Answered> => {
    const { task } = job;
    if (task.kind === "own") return (await questionOf(job)).own;
    if (task.kind === "inside") return (await questionOf(job)).inside(task.deviation);
    if (task.kind === "check") return { notes: await differencesFrom(loaded, asked) };
    const other = task.other && (await questionOf(task.other)).latents;
    return (await questionOf(job)).answer(task.wanted, { drawn: task.drawn, other, mean: task.mean });
  };
  return {
    async ask(job, signal) {
      signal.throwIfAborted();
      current = signal;
      try {
        return await done(job);
      } finally {
        current = null;
      }
    },
    async release() {
      await loaded.targets?.release();
      await loaded.network.release();
    },
  };
}
