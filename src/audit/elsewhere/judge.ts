/** `lintel judge`: statistics, guards, verdict and record of outcomes that another program made. */
import { join } from "node:path";
import {
  contentsOf,
  differences,
  ensureDirectory,
  type Inputs,
  otherRequest,
  readJson,
  sha256Of,
  withVersion,
  writeJson,
} from "../../formats/index.ts";
import { ensure, withLock } from "../../util/index.ts";
import { type NamedSlice, slicesOfSummary } from "../judge/named-slices.ts";
import { slicesOf } from "../judge/slices.ts";
import { summarize, summarizeSplit } from "../judge/summary.ts";
import type { VerdictRequest } from "../judge/verdict.ts";
import { type Latents, writeLatents } from "../record/latents-file.ts";
import type { ExampleOutcomes } from "../record/outcomes.ts";
import { writeResult } from "../record/output.ts";
import type { AuditResult, Slices } from "../record/schema.ts";
import { checkAuditDirectory } from "../request/request-file.ts";
import { type CollectOptions, collect } from "./collect.ts";
import type { FormatOptions } from "./formats/format.ts";
import { readRows } from "./formats/index.ts";
import { collectedToJudge, isJournal, readJournal, type ToJudge } from "./journal.ts";
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

async function collectFiles(request: JudgeRequest): Promise<ToJudge> {
  const files = request.files.map((each) => (typeof each === "string" ? { path: each } : each));
  ensure(files.length > 0, "usage", () => ({
    where: "judging",
    expected: "a file of outcomes",
    got: "none",
  }));
  const [only] = files;
  const wanted = new Set(request.slices?.flatMap(({ examples }) => examples));
  if (files.length === 1 && only!.intervention === undefined && (await isJournal(only!.path)))
    return readJournal(only!.path, { latents: request.latents !== undefined, wanted });
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
  return collectedToJudge(collect(rows, files.map(({ path }) => path).join(", "), request), wanted);
}

/** Takes a directory for a request: another one than was judged there is refused. */
async function claimDirectory(
  directory: string,
  inputs: Inputs,
  collected: ToJudge,
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

/** Accuracies by attribute, of outcomes that were collected from rows. */
function attributeSlices(
  { interventions, attributes }: ToJudge,
  outcomes: readonly ExampleOutcomes[],
): Slices {
  const examples = outcomes.map(({ example, answer }) => ({
    id: example,
    answer,
    attributes: attributes(example),
  }));
  const names = interventions.map(({ name }) => name);
  return slicesOf(examples, outcomes, names, 0.05);
}

/** The result of collected outcomes. */
function resultOf(toJudge: ToJudge, latents: Latents | null, request: JudgeRequest): AuditResult {
  const { interventions, reader, assumed, optionTexts } = toJudge;
  const { split = "eval", seed = 0, verdict = {} } = request;
  const outcomes = toJudge.outcomes(split);
  const options = {
    split,
    seed,
    ...verdict,
    ...(reader !== undefined && { reader: { reader } }),
    interventions,
    optionTexts,
  };
  const { balance, optionsOnly, ...summary } =
    "examples" in outcomes
      ? summarizeSplit(outcomes, latents, options)
      : summarize(outcomes, latents, options);
  // An audit has slices of benchmarks alone.
  const slices = "examples" in outcomes ? {} : attributeSlices(toJudge, outcomes);
  const { split: of, task, n, chance: guessed, ...rest } = summary;
  return {
    split: of,
    ...(task !== undefined && { task }),
    n,
    // Options that were made up say nothing of positions, and chance is what was stated.
    chance: assumed ? toJudge.chance : guessed,
    ...(!assumed && { optionsOnly, balance }),
    ...rest,
    ...(assumed && withoutAnswers(summary)),
    ...(Object.keys(slices).length > 0 && { slices }),
    ...(request.slices && { namedSlices: slicesOfSummary(toJudge.sliced, request.slices, summary) }),
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
  const latents = latentsPath === undefined ? null : await readForeignLatents(latentsPath, collected.ids);
  const result = resultOf(collected, latents, request);
  const { directory, breakLock } = output;
  if (directory === undefined) return result;
  const files = request.files.map((each) => (typeof each === "string" ? { path: each } : each));
  const inputs = await inputsOf(request, files);
  await ensureDirectory(directory);
  await withLock(directory, { breakLock }, async () => {
    await claimDirectory(directory, inputs, collected, seed);
    await collected.write(directory);
    if (latents) await writeLatents(join(directory, "latents.safetensors"), latents);
    await writeResult(directory, result);
  });
  return result;
}
