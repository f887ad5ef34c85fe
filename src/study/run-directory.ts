/** The run directory of a study. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import {
  type AuditResult,
  auditSchema,
  type ExampleOutcomes,
  readOutcomes as outcomesOf,
} from "../audit/index.ts";
import {
  type Claim,
  claim,
  contentsOf,
  differences,
  digestOf,
  type Facts,
  otherRequest,
  REQUEST_FILE,
  readJson,
  writeJson,
} from "../formats/index.ts";
import { ensure, LintelError } from "../util/index.ts";
import { type CellPlan, parsePlan, type StudyPlan } from "./plan.ts";
import { type CellResult, cellSchema, type Results, resultsSchema } from "./results.ts";

export const datasetDirectory = (run: string, task: string): string => join(run, "datasets", task);
export const modelDirectory = (run: string, cell: string): string => join(run, "models", cell);
/** Of an audit, relative to the run. */
export const auditPath = (cell: string, split: string): string => join("audits", cell, split);

const again = "deleting the file: the same command makes it again";
const ours = { expected: "JSON, as Lintel wrote it", attempt: again };

/** Reads and checks a file of a run; null where there is none. A malformed file is an error that names the field. */
async function readAs<T extends z.ZodType>(schema: T, path: string): Promise<z.output<T> | null> {
  const value = await readJson(path, ours);
  if (value === null) return null;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((i) => `${i.path.join(".") || "the file"}: ${i.message}`);
  throw new LintelError("input", {
    where: path,
    expected: "a file in the format of this version of Lintel",
    got: faults.slice(0, 3).join("; "),
    attempt: again,
    cause: result.error,
  });
}

/**
 * Writes the plan of a run, or checks that the existing run has the same plan. Where steps depend on the speed of the machine,
 * `calibrate` measures it once: a continued run keeps its speeds, and so its number of steps.
 *
 * @returns The plan with its speeds.
 */
export async function claimRun(
  run: string,
  plan: StudyPlan,
  calibrate?: () => Promise<NonNullable<StudyPlan["calibration"]>>,
): Promise<StudyPlan> {
  const path = join(run, "study.json");
  const there = await readJson(path, ours);
  if (there === null) {
    await claim(run, requestOf(plan));
    const claimed = calibrate && !plan.calibration ? { ...plan, calibration: await calibrate() } : plan;
    await writeJson(path, claimed);
    return claimed;
  }
  const { calibration } = there as Pick<StudyPlan, "calibration">;
  const mine = calibrate && calibration && !plan.calibration ? { ...plan, calibration } : plan;
  // Findings do not change what is trained: a run whose plan lacks the key continues.
  const trained = ({ findings: _, ...rest }: Partial<StudyPlan>): Partial<StudyPlan> =>
    JSON.parse(JSON.stringify(rest));
  if (!isDeepStrictEqual(trained(there as Partial<StudyPlan>), trained(mine))) {
    const differing = differences({ study: factsOf(there) }, { study: factsOf(mine) });
    throw otherRequest(run, "a study", differing);
  }
  // A complete run is only read, and records its own version.
  if (await readComplete(run)) return mine;
  ensure((await contentsOf(run)).includes(REQUEST_FILE), "usage", () => ({
    where: run,
    expected: "an unfinished study with a record of the version of Lintel that began it",
    got: "one of an older version, which kept none",
    attempt: "another --out: results of two versions cannot be mixed",
  }));
  await claim(run, requestOf(plan));
  return mine;
}

/** A plan for the record beside it: version and name; what it consists of is in study.json. */
const requestOf = ({ name }: StudyPlan): Claim => ({
  kind: "study",
  what: "a study",
  inputs: { study: { name } },
  tolerated: [".calibration"],
});

/** The parts of a plan by name, long ones as digests: for what differs between two of them. */
const factsOf = (plan: unknown): Facts =>
  Object.fromEntries(
    Object.entries(Object(plan) as Record<string, unknown>)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, typeof value === "object" ? digestOf([value]) : String(value)]),
  );

/** The plan of a run directory. */
export async function readPlan(run: string): Promise<StudyPlan> {
  const path = join(run, "study.json");
  const value = await readJson(path, ours);
  if (value === null) {
    throw new LintelError("input", { where: run, expected: "a run directory with study.json", got: "none" });
  }
  return parsePlan(value, path);
}

const trainingFile = (run: string, cell: string): string => join(modelDirectory(run, cell), "training.json");

/** Figures of a finished training; null before. */
export async function readTraining(run: string, cell: string): Promise<CellResult["training"] | null> {
  return readAs(cellSchema.shape.training, trainingFile(run, cell));
}

/** A finished audit; null before. */
export async function readAudit(run: string, cell: string, split: string): Promise<AuditResult | null> {
  return readAs(auditSchema, join(run, auditPath(cell, split), "audit.json"));
}

/** The journal of a finished audit. */
export const readOutcomes = (run: string, cell: string, split: string): Promise<ExampleOutcomes[]> =>
  outcomesOf(join(run, auditPath(cell, split), "outcomes.jsonl"));

/** A finished cell; null where its training or one of its audits is missing. */
export async function readCell(
  run: string,
  { id, task, recipe, seed, audits }: CellPlan,
): Promise<CellResult | null> {
  const training = await readTraining(run, id);
  if (!training) return null;
  const done: AuditResult[] = [];
  for (const { split } of audits) {
    const audit = await readAudit(run, id, split);
    if (!audit) return null;
    done.push(audit);
  }
  return { id, task, recipe, seed, training, audits: done };
}

/** Results of a complete run; null before. */
export async function readComplete(run: string): Promise<Results | null> {
  return readAs(resultsSchema, join(run, "results.json"));
}

/** Written last: a run that has it is complete. */
export const writeResults = (run: string, results: Results): Promise<void> =>
  writeJson(join(run, "results.json"), results);
