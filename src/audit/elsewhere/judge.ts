/** `lintel judge`: statistics, guards, verdict and record of outcomes that another program made. */
import { dirname, join } from "node:path";
import {
  contentsOf,
  differences,
  ensureDirectory,
  type Inputs,
  linesOf,
  otherRequest,
  readJson,
  sealed,
  sha256Of,
  textOf,
  withVersion,
  writeFileAtomic,
  writeJson,
} from "../../formats/index.ts";
import { interventionOf } from "../../reasoning/index.ts";
import { ensure, LintelError, withLock } from "../../util/index.ts";
import { type NamedSlice, slicesOfSummary } from "../judge/named-slices.ts";
import { slicesOf } from "../judge/slices.ts";
import { summarize } from "../judge/summary.ts";
import type { VerdictRequest } from "../judge/verdict.ts";
import { areAssumed } from "../record/answer-words.ts";
import { type Latents, writeLatents } from "../record/latents-file.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import { streamOutcomes } from "../record/outcomes-journal.ts";
import { writeResult } from "../record/output.ts";
import type { AuditResult } from "../record/schema.ts";
import { checkAuditDirectory } from "../request/request-file.ts";
import { readQuestions, writeQuestions } from "../tables/questions-file.ts";
import { type Collected, type CollectOptions, checkKey, collect } from "./collect.ts";
import type { FormatOptions } from "./formats/format.ts";
import { readRows } from "./formats/index.ts";
import { readForeignLatents } from "./latents.ts";
import type { LocatedRow } from "./row.ts";

/** A file of outcomes; `intervention` where its rows name none. */
export interface OutcomesFile {
  path: string;
  intervention?: string | undefined;
}

export interface JudgeRequest extends CollectOptions, Omit<FormatOptions, "intervention"> {
  files: readonly (string | OutcomesFile)[];
  /** safetensors file with the latents of the examples. */
  latents?: string | undefined;
  /** Name of the split; "eval" if left out. */
  split?: string | undefined;
  /** New names of interventions by the file's: `{ baseline: "own" }`. */
  rename?: Readonly<Record<string, string>> | undefined;
  verdict?: VerdictRequest;
  /** Parts of the split whose differences are reported as well. */
  slices?: readonly NamedSlice[] | undefined;
  /** Draws the retrieval gallery; 0 if left out. */
  seed?: number | undefined;
  output?: { directory?: string | undefined; breakLock?: boolean | undefined };
}

/** The journal of an audit holds outcomes as they are: nothing is to be collected. */
async function journalOf(path: string): Promise<Collected> {
  const outcomes: ExampleOutcomes[] = [];
  for await (const each of streamOutcomes(path)) outcomes.push(each);
  const names = [...new Set(outcomes.flatMap((each) => Object.keys(each.outcomes)))];
  for (const name of names) checkKey(name, path);
  const lacking = (name: string): { lacking?: string } => {
    try {
      const { lacking } = interventionOf(name);
      return lacking === undefined ? {} : { lacking };
    } catch (cause) {
      if (!(cause instanceof LintelError)) throw cause;
      // Defined by a file of the audit, which is not at hand.
      return {};
    }
  };
  const beside = dirname(path);
  const record = await readJson(join(beside, "asked.json"), {
    expected: "the request of an audit",
    attempt: "a copy of outcomes.jsonl alone",
  });
  const { reader } = (record ?? {}) as { reader?: string };
  return {
    outcomes,
    questions: [...(await readQuestions(beside)).values()],
    interventions: names.map((name) => ({ name, ...lacking(name) })),
    ...(reader !== undefined && { reader }),
    // Journals of judged rows that had no options.
    ...(outcomes.some(({ options }) => areAssumed(options)) && { assumed: true }),
    journal: true,
  };
}

/** Whether the first line of a file is of an audit's journal, which has all outcomes of an example in one line. */
async function isJournal(path: string): Promise<boolean> {
  if (!/\.jsonl$/.test(path)) return false;
  try {
    for await (const { text } of linesOf(textOf(path))) return typeof JSON.parse(text)?.outcomes === "object";
  } catch {
    // Missing or broken: the reader of rows says what is wrong with it.
  }
  return false;
}

async function collectFiles(request: JudgeRequest): Promise<Collected> {
  const files = request.files.map((each) => (typeof each === "string" ? { path: each } : each));
  ensure(files.length > 0, "usage", () => ({
    where: "judging",
    expected: "a file of outcomes",
    got: "none",
  }));
  const [only] = files;
  if (files.length === 1 && only!.intervention === undefined && (await isJournal(only!.path)))
    return journalOf(only!.path);
  const rows: LocatedRow[] = [];
  for (const { path, intervention } of files) {
    const { metric, filter } = request;
    for (const each of await readRows(path, { intervention, metric, filter })) {
      const { intervention: named } = each.row;
      const { rename = {} } = request;
      const name = Object.hasOwn(rename, named) ? rename[named]! : named;
      rows.push({ ...each, row: { ...each.row, intervention: name } });
    }
  }
  return collect(rows, files.map(({ path }) => path).join(", "), request);
}

/** Takes a directory for a request: another one than was judged there is refused. */
async function claimDirectory(
  directory: string,
  inputs: Inputs,
  collected: Collected,
  seed: number,
): Promise<void> {
  await checkAuditDirectory(directory);
  await contentsOf(directory, { clear: true });
  const path = join(directory, "asked.json");
  const before = (await readJson(path, {
    expected: "the request of an audit",
    attempt: "another directory, or removing this one",
  })) as { inputs?: Inputs } | null;
  const now = withVersion(inputs);
  const differing = before ? differences(before.inputs ?? {}, now) : [];
  if (differing.length > 0) throw otherRequest(directory, "a judgment", differing);
  const { reader, interventions } = collected;
  await writeJson(path, {
    inputs: now,
    seed,
    ...(reader !== undefined && { reader }),
    interventions: interventions.map(({ name }) => ({ name })),
  });
}

/** What decides the result, by digest. */
async function inputsOf(request: JudgeRequest, paths: readonly OutcomesFile[]): Promise<Inputs> {
  const {
    split = "eval",
    latents,
    reader,
    metric,
    filter,
    chance,
    allowMissing,
    rename = {},
    verdict = {},
  } = request;
  const files: Record<string, string> = {};
  for (const { path, intervention } of paths)
    files[intervention === undefined ? path : `${intervention}=${path}`] = await sha256Of(path);
  const options = { reader, metric, filter, chance, "allow missing": allowMissing, ...verdict };
  return {
    outcomes: files,
    ...(latents !== undefined && { latents: { [latents]: await sha256Of(latents) } }),
    data: { split },
    options: Object.fromEntries([
      ...Object.entries(options).filter(
        (each): each is [string, string | number | boolean] => each[1] !== undefined,
      ),
      ...Object.entries(rename).map(([from, to]) => [`rename ${from}`, to]),
    ]),
  };
}

/** Why nothing is said of answers that were made up. */
const MADE_UP = "rows say only whether replies are right: which option a wrong one names is not known";

/** Comparisons and interventions without the numbers that need to know which option was named. */
function withoutAnswers({
  comparisons,
  interventions,
}: Pick<AuditResult, "comparisons" | "interventions">): Pick<AuditResult, "comparisons" | "interventions"> {
  return {
    comparisons: comparisons.map((each) => ({
      ...each,
      agreement: null,
      reasons: { ...each.reasons, agreement: MADE_UP },
    })),
    interventions: Object.fromEntries(
      Object.entries(interventions).map(([name, { followingChance: _, ...each }]) => {
        if (each.following === undefined) return [name, each];
        const keys = ["following", "followingInterval", "followingP"] as const;
        const none = Object.fromEntries(keys.map((key) => [key, null]));
        const why = Object.fromEntries(keys.map((key) => [key, MADE_UP]));
        return [name, { ...each, ...none, reasons: { ...each.reasons, ...why } }];
      }),
    ),
  };
}

/** The result of collected outcomes. */
function resultOf(collected: Collected, latents: Latents | null, request: JudgeRequest): AuditResult {
  const { outcomes, questions, interventions, reader, assumed, journal } = collected;
  const { split = "eval", seed = 0, verdict = {} } = request;
  const texts = new Map(questions.map(({ example, optionTexts }) => [example, optionTexts]));
  const { balance, optionsOnly, ...summary } = summarize(outcomes, latents, {
    split,
    seed,
    ...verdict,
    ...(reader !== undefined && { reader: { reader } }),
    interventions,
    optionTexts: (example) => texts.get(example),
  });
  const attributes = new Map(questions.map((each) => [each.example, each.attributes ?? {}]));
  const examples = outcomes.map(({ example, answer }) => ({
    id: example,
    answer,
    attributes: attributes.get(example) ?? {},
  }));
  // An audit has slices of benchmarks alone.
  const names = interventions.map(({ name }) => name);
  const slices = journal ? {} : slicesOf(examples, outcomes, names, 0.05);
  // Options that were made up say nothing of positions, and chance is what was stated.
  const chance =
    outcomes.reduce((sum, { chance, options }) => sum + (chance ?? 1 / options.length), 0) / outcomes.length;
  const { split: of, task, n, chance: guessed, ...rest } = summary;
  return {
    split: of,
    ...(task !== undefined && { task }),
    n,
    chance: assumed ? chance : guessed,
    ...(!assumed && { optionsOnly, balance }),
    ...rest,
    ...(assumed && withoutAnswers(summary)),
    ...(Object.keys(slices).length > 0 && { slices }),
    ...(request.slices && { namedSlices: slicesOfSummary(outcomes, request.slices, summary) }),
  } as AuditResult;
}

/**
 * Judges outcomes that another program made: the statistics, guards and verdict of an audit, without a model. With an output
 * directory everything that an audit leaves is written there, `audit.json` last.
 *
 * @experimental
 * Errors: "input" naming file and line for rows that are broken, twice, missing or contradict each other, "usage" for a
 * directory that holds anything else.
 *
 * @example
 * const { writeFileSync } = await import("node:fs");
 * const rows = ["own", "zeros"].flatMap((intervention) => [1, 2, 3].map((example) => ({ example, intervention, correct: intervention === "own" })));
 * writeFileSync("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
 * (await judgeFiles({ files: ["rows.jsonl"], chance: 0.25 })).interventions.own.accuracy; // 1
 */
export async function judgeFiles(request: JudgeRequest): Promise<AuditResult> {
  const { output = {}, latents: latentsPath, seed = 0 } = request;
  const collected = await collectFiles(request);
  const ids = collected.outcomes.map(({ example }) => example);
  const latents = latentsPath === undefined ? null : await readForeignLatents(latentsPath, ids);
  const result = resultOf(collected, latents, request);
  const { directory, breakLock } = output;
  if (directory === undefined) return result;
  const files = request.files.map((each) => (typeof each === "string" ? { path: each } : each));
  const inputs = await inputsOf(request, files);
  await ensureDirectory(directory);
  await withLock(directory, { breakLock }, async () => {
    await claimDirectory(directory, inputs, collected, seed);
    const lines = collected.outcomes.map((each) => `${JSON.stringify(sealed(each))}\n`);
    await writeFileAtomic(join(directory, "outcomes.jsonl"), lines.join(""));
    if (collected.questions.length > 0) await writeQuestions(directory, collected.questions);
    if (latents) await writeLatents(join(directory, "latents.safetensors"), latents);
    await writeResult(directory, result);
  });
  return result;
}
