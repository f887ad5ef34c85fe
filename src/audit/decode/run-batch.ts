/** Decodes batches of examples under every intervention. */
import { createHash } from "node:crypto";
import { carefulChoice } from "../../families/index.ts";
import {
  type Continuation,
  continueFrom,
  engineOf,
  oracleKind,
  type Planned,
  type PrefixRow,
  type ResolvedIntervention,
  readContinuation,
  type SlotPlan,
} from "../../reasoning/index.ts";
import type { Example } from "../../tasks/index.ts";
import { random } from "../../util/index.ts";
import { doseOf } from "../measurements/index.ts";
import { type ExampleOutcomes, lightOutcomes, type Outcome } from "../record/outcomes.ts";
import type { OutcomesJournal } from "../record/output.ts";
import type { BatchContext } from "./batch-context.ts";
import { isVariable } from "./block-lengths.ts";
import { decode } from "./decode-session.ts";
import { isLookedAt, optionFinder } from "./option-features.ts";
import { prefixOn } from "./path-prefixes.ts";
import { needs, planExample } from "./plan-context.ts";
import { searchedLatents } from "./searched-latents.ts";

/** Where one intervention's outcomes are put. */
type Put = (b: number, name: string, outcome: Outcome) => void;

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
  { name, path }: Pick<ResolvedIntervention, "name" | "path">,
  plan: SlotPlan,
  fed: readonly Float32Array[],
  blocks: Readonly<Record<"own" | "oracle", readonly Float32Array[]>>,
): ("own" | "oracle")[] {
  if (plan.kind === "skip" || plan.kind === "suppressed" || plan.hidden || path) return [];
  if (plan.kind === "fixed" && plan.bare) return [];
  return (["own", "oracle"] as const).filter(
    (reference) => reference !== name && sameBlocks(fed, blocks[reference]),
  );
}

/**
 * Interventions on the block, all continued from the prefix of a route. Where one does not apply, its place is filled with
 * `own` and dropped.
 */
async function runBlockInterventions(
  answering: BatchContext,
  batch: number,
  interventions: readonly ResolvedIntervention[],
  planned: readonly (readonly (Planned | null)[])[],
  put: Put,
  route: Parameters<typeof prefixOn>[2],
): Promise<void> {
  const { session } = answering;
  const { model, batches, limits } = session;
  if (!planned.some((row) => row.some((p) => p !== null))) return;
  const shared = await prefixOn(session, batch, route);
  const results = await continueFrom(
    model,
    shared,
    planned.map((row) => row.map((p) => p?.plan ?? { kind: "own" })),
    limits,
  );
  // The session keeps its own prefix; that of another path was read for these alone.
  if (route !== "plain" && route !== "masked") await engineOf(model.network).drop(shared.prefix);
  const compared = needs(answering.planner.interventions, "counterfactual") && interventions.some(isLookedAt);
  for (const [b, row] of planned.entries()) {
    const looksLike = compared ? await optionFinder(model, batches[batch]![b]!) : null;
    const own = answering.planner.split.own[batch * session.size + b] ?? [];
    const oracle = interventions.findIndex(({ name }) => name === "oracle");
    const blocks = { own, oracle: row[oracle] ? (results[b]![oracle]?.latents ?? []) : [] };
    for (const [j, p] of row.entries()) {
      if (!p) continue;
      const same = sameAs(interventions[j]!, p.plan, results[b]![j]!.latents, blocks);
      const outcome = outcomeOf(
        answering,
        batches[batch]![b]!,
        batch * session.size + b,
        shared.rows[b]!,
        results[b]![j]!,
        p,
      );
      const { name } = interventions[j]!;
      const looks = looksLike?.(name, results[b]![j]!.latents[0]);
      put(b, name, { ...outcome, ...(looks && { looks }), ...(same.length > 0 && { same }) });
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
        rules: model.rules,
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
    there.map(({ input }) => [{ kind: input.withoutBlock ? "suppressed" : "own" }]),
    limits,
  );
  await engineOf(model.network).drop(shared.prefix);
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

/**
 * The continuations that are computed together: of the shared prefix plainly, or with attention masks (a graph of its own, so
 * that the others are computed as ever), or of the prefix of a path.
 */
const routes = ["plain", "masked", "dropped", "unseen", "blank"] as const;
const routeOf = ({ base, path }: ResolvedIntervention): (typeof routes)[number] =>
  path === undefined
    ? base === "knockout"
      ? "masked"
      : "plain"
    : path === "visible" || path === "hidden"
      ? "masked"
      : path;

/** All interventions of one batch: those on the block, route by route, then those on the input. */
async function runBatch(answering: BatchContext, batch: number): Promise<ExampleOutcomes[]> {
  const { session, planner } = answering;
  const { model, batches } = session;
  const examples = batches[batch]!;
  const searched = await searchedLatents(answering, batch);
  const block = planner.interventions.filter(({ input }) => !input);
  const planned = await Promise.all(
    examples.map((example, b) =>
      planExample(
        model,
        example,
        batch * session.size + b,
        { ...planner, interventions: block },
        searched[b],
      ),
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
  for (const route of routes) {
    const which = [...block.keys()].filter((j) => routeOf(block[j]!) === route);
    await runBlockInterventions(
      answering,
      batch,
      which.map((j) => block[j]!),
      planned.map((row) => which.map((j) => row[j]!)),
      put,
      route,
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
 * @param part - Only these batches, from one to before another; and outcomes that other processes found.
 */
export async function runBatches(
  context: BatchContext,
  { known, append }: OutcomesJournal,
  step: (done: number) => void,
  part: { from?: number; to?: number; given?: ReadonlyMap<string, ExampleOutcomes> } = {},
): Promise<ExampleOutcomes[]> {
  const { batches, examples, size } = context.session;
  const { from = 0, to = batches.length, given } = part;
  const outcomes: ExampleOutcomes[] = [];
  const light = lightOutcomes();
  for (const [index, batch] of batches.entries()) {
    if (index < from || index >= to) continue;
    step(0);
    const done = batch.every(({ id }) => known.has(id) || given?.has(id));
    const fresh = done ? [] : await runBatch(context, index);
    for (const [b, example] of batch.entries()) {
      const record = known.get(example.id) ?? given?.get(example.id) ?? fresh[b]!;
      if (!known.has(example.id)) await append(record);
      outcomes.push(known.has(example.id) || given?.has(example.id) ? record : light(record));
    }
    step(examples.length + Math.min((index + 1) * size, examples.length));
  }
  return outcomes;
}
