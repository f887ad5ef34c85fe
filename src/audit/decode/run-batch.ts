/** Decodes batches of examples under every intervention. */
import { createHash } from "node:crypto";
import { carefulChoice } from "../../families/index.ts";
import {
  adversarialDirections,
  type Continuation,
  continueFrom,
  oracleKind,
  type Planned,
  type PrefixRow,
  perturbedLatents,
  type ResolvedIntervention,
  readContinuation,
  type SlotPlan,
} from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { random } from "../../util/index.ts";
import { doseOf } from "../measurements/index.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import type { OutcomesJournal } from "../record/output.ts";
import type { BatchContext } from "./batch-context.ts";
import { isVariable } from "./block-lengths.ts";
import { decode } from "./decode-session.ts";
import { perturbedRows } from "./perturbed-rows.ts";
import { planExample } from "./plan-context.ts";

/** Where one intervention's outcomes are put. */
type Put = (b: number, name: string, outcome: Outcome) => void;

/** Adversarial latents by example of the batch and size, for the requested sizes. */
async function adversaries(
  { session, planner }: BatchContext,
  batch: number,
): Promise<ReadonlyMap<number, readonly Float32Array[]>[]> {
  const out = session.batches[batch]!.map(() => new Map<number, readonly Float32Array[]>());
  const sizes = [...new Set(planner.interventions.flatMap(({ adversaries: each }) => each))];
  if (sizes.length === 0) return out;
  const { prefix, rows, which } = await perturbedRows(session, planner, batch);
  if (rows.length === 0) return out;
  for (const size of sizes) {
    const found = await adversarialDirections(
      session.model,
      prefix,
      rows,
      rows.map(() => size),
      (i) => random(planner.seed, "adversarial", session.batches[batch]![which[i]!]!.id),
    );
    for (const [i, { direction }] of found.entries()) {
      if (!direction) continue;
      const latents = perturbedLatents(rows[i]!, direction, size);
      const blocks: Float32Array[] = [];
      let at = 0;
      for (const { length } of rows[i]!.blocks) {
        blocks.push(latents.slice(at, at + length));
        at += length;
      }
      out[which[i]!]!.set(size, blocks);
    }
  }
  return out;
}

/** What is kept of a continuation. `options`: option i of what the model saw is option `options[i]` of the example. */
function outcomeOf(
  { session: { model }, planner, distribution }: BatchContext,
  example: Example,
  index: number,
  row: PrefixRow,
  continuation: Continuation,
  { target }: Pick<Planned, "target">,
  options?: readonly number[],
): Outcome {
  const width = model.network.config.text.hiddenSize;
  const answer = readContinuation(model, row, continuation, example.options, example);
  // A plan over a map is walked; there is no second way to read it.
  const read = example.map ? answer.choice : carefulChoice(answer.text, example.options, example.optionTexts);
  const lenient = read === null || !options ? read : options[read]!;
  if (options) {
    if (answer.choice !== null) answer.choice = options[answer.choice]!;
    const shown = answer.optionLogProbabilities;
    if (shown) answer.optionLogProbabilities = example.options.map((_, i) => shown[options.indexOf(i)]!);
  }
  const finish = continuation.finish ?? (row.state === "block" ? null : row.state);
  return {
    ...answer,
    lenient,
    blocks: continuation.blocks,
    steps: continuation.latents.reduce((n, z) => n + z.length / width, 0),
    ...(isVariable(model.rules) && { lengths: continuation.latents.map((z) => z.length / width) }),
    endings: continuation.endings,
    ...(target !== undefined && { target }),
    ...(finish && { finish }),
    dose: doseOf(continuation.latents, planner.split.own[index] ?? [], width, distribution),
  };
}

const sameBlocks = (a: readonly Float32Array[], b: readonly Float32Array[]): boolean =>
  a.length > 0 &&
  a.length === b.length &&
  a.every((z, i) => z.length === b[i]!.length && z.every((x, d) => x === b[i]![d]));

/** Under which references the same vectors stand in the slots, between their two markers and hidden from nothing. */
function sameAs(
  name: string,
  plan: SlotPlan,
  fed: readonly Float32Array[],
  blocks: Readonly<Record<"own" | "oracle", readonly Float32Array[]>>,
): ("own" | "oracle")[] {
  if (plan.kind === "skip" || plan.kind === "suppressed" || plan.hidden) return [];
  if (plan.kind === "fixed" && plan.bare) return [];
  return (["own", "oracle"] as const).filter(
    (reference) => reference !== name && sameBlocks(fed, blocks[reference]),
  );
}

/** Interventions on the block, all continued from the shared prefix. Where one does not apply, its place is filled with `own` and dropped. */
async function runBlockInterventions(
  answering: BatchContext,
  batch: number,
  names: readonly string[],
  planned: readonly (readonly (Planned | null)[])[],
  put: Put,
): Promise<void> {
  const { session } = answering;
  const { model, batches, limits, prefixOf } = session;
  if (names.length === 0) return;
  const shared = await prefixOf(batch);
  const results = await continueFrom(
    model,
    shared,
    planned.map((row) => row.map((p) => p?.plan ?? { kind: "own" })),
    limits,
  );
  for (const [b, row] of planned.entries()) {
    const own = answering.planner.split.own[batch * session.size + b] ?? [];
    const oracle = names.indexOf("oracle");
    const blocks = { own, oracle: row[oracle] ? (results[b]![oracle]?.latents ?? []) : [] };
    for (const [j, p] of row.entries()) {
      if (!p) continue;
      const same = sameAs(names[j]!, p.plan, results[b]![j]!.latents, blocks);
      const outcome = outcomeOf(
        answering,
        batches[batch]![b]!,
        batch * session.size + b,
        shared.rows[b]!,
        results[b]![j]!,
        p,
      );
      put(b, names[j]!, { ...outcome, ...(same.length > 0 && { same }) });
    }
  }
}

/** An intervention on the input: prompts of its own, and the block that the model makes of them. */
async function runInputIntervention(
  answering: BatchContext,
  batch: number,
  intervention: ResolvedIntervention,
  put: Put,
): Promise<void> {
  const { session, planner } = answering;
  const { model, batches, examples, limits } = session;
  const changed = await Promise.all(
    batches[batch]!.map((example, b) =>
      intervention.input!({
        example,
        index: batch * session.size + b,
        examples,
        random: random(planner.seed, intervention.base, example.id),
      }),
    ),
  );
  const there = changed.flatMap((input, b) => (input ? [{ input, b }] : []));
  if (there.length === 0) return;
  const shared = await decode(
    model,
    there.map(({ input }) => input.example),
    { ...limits, dropImages: there.some(({ input }) => input.dropImages) },
  );
  const results = await continueFrom(
    model,
    shared,
    there.map(() => [{ kind: "own" }]),
    limits,
  );
  for (const [i, { input, b }] of there.entries()) {
    const example = batches[batch]![b]!;
    put(
      b,
      intervention.name,
      outcomeOf(
        answering,
        example,
        batch * session.size + b,
        shared.rows[i]!,
        results[i]![0]!,
        {},
        input.options,
      ),
    );
  }
}

/**
 * Digest of an example's images, equal for equal images; undefined for a question without any.
 */
function imagesDigest(images: readonly Uint8Array[]): string | undefined {
  if (images.length === 0) return undefined;
  const digest = createHash("sha1");
  for (const image of images) digest.update(createHash("sha1").update(image).digest());
  return digest.digest("base64");
}

/** All interventions of one batch: those on the block together, then those that hide parts, then those on the input. */
export async function runBatch(answering: BatchContext, batch: number): Promise<ExampleOutcomes[]> {
  const { session, planner } = answering;
  const { model, batches } = session;
  const examples = batches[batch]!;
  const moved = await adversaries(answering, batch);
  const block = planner.interventions.filter(({ input }) => !input);
  const planned = await Promise.all(
    examples.map((example, b) =>
      planExample(model, example, batch * session.size + b, { ...planner, interventions: block }, moved[b]),
    ),
  );
  const records = examples.map((example): ExampleOutcomes => {
    const images = imagesDigest(example.images);
    const oracle = oracleKind(model, example);
    return {
      example: example.id,
      answer: example.answer,
      options: example.options,
      ...(example.chance !== undefined && { chance: example.chance }),
      ...(example.group !== undefined && { group: example.group }),
      ...(images !== undefined && { images }),
      ...(oracle !== "helper" && oracle !== "none" && { oracle }),
      outcomes: {},
    };
  });
  const found = records.map(() => new Map<string, Outcome>());
  const put: Put = (b, name, outcome) => found[b]!.set(name, outcome);
  // Hidden parts need attention masks: a graph of their own, so that the others are computed as ever.
  for (const masked of [false, true]) {
    const which = [...block.keys()].filter((j) => (block[j]!.base === "knockout") === masked);
    await runBlockInterventions(
      answering,
      batch,
      which.map((j) => block[j]!.name),
      planned.map((row) => which.map((j) => row[j]!)),
      put,
    );
  }
  for (const intervention of planner.interventions) {
    if (intervention.input) await runInputIntervention(answering, batch, intervention, put);
  }
  for (const [b, record] of records.entries()) {
    for (const { name } of planner.interventions) {
      const outcome = found[b]!.get(name);
      if (outcome) record.outcomes[name] = outcome;
    }
  }
  return records;
}

/**
 * Outcomes of all examples, in the order of the session. Batches whose examples are all in the journal are not decoded
 * again.
 *
 * @param step - Called before and after each batch, with the number of decoded examples; may throw to stop.
 */
export async function runBatches(
  context: BatchContext,
  { known, append }: OutcomesJournal,
  step: (done: number) => void,
): Promise<ExampleOutcomes[]> {
  const { batches, examples, size } = context.session;
  const outcomes: ExampleOutcomes[] = [];
  for (const [index, batch] of batches.entries()) {
    step(0);
    const done = batch.every(({ id }) => known.has(id));
    const fresh = done ? [] : await runBatch(context, index);
    for (const [b, example] of batch.entries()) {
      const record = known.get(example.id) ?? fresh[b]!;
      if (!known.has(example.id)) await append(record);
      outcomes.push(record);
    }
    step(examples.length + Math.min((index + 1) * size, examples.length));
  }
  return outcomes;
}
