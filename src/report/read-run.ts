/** Reads a run directory. Missing files are noted on the page; broken files are errors. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { type AuditResult, streamOutcomes } from "../audit/index.ts";
import {
  parseDocument,
  readJournal,
  readSafetensors,
  readSafetensorsHeader,
  toFloat32,
} from "../formats/index.ts";
import { type Example, readSplit } from "../tasks/index.ts";
import { LintelError } from "../util/index.ts";
import { inlineImage } from "./images.ts";
import { type LatentFigures, latentFigures } from "./latent-figures.ts";
import { type PickedExample, pickExamples } from "./pick-examples.ts";
import type {
  AuditData,
  CellData,
  ExampleView,
  MissingData,
  ReportData,
  ReportExample,
} from "./report-data.ts";
import {
  alterationOf,
  type CellResult,
  RESTORE,
  type Results,
  resultsSchema,
  verifyRun,
} from "./study-types.ts";
import { type TrainingCurve, trainingCurve } from "./training-curves.ts";

/** Examples of an audit that a page shows at most. */
const EXAMPLES = 12;
/** Comparisons of recipes with more models than this show no latents and examples. */
const MANY = 40;
/** Rows of a split that are read first: they nearly always include the examples of the page. */
const FIRST_ROWS = 512;

/** Advice where a directory has no results. */
function adviceFor(directory: string): string | undefined {
  const holds = (name: string): boolean => existsSync(join(directory, name));
  if (!existsSync(directory)) return "a directory that `lintel study` wrote; this one does not exist";
  if (holds("audit.json"))
    return "verdict.md and table.md there: this is one audit, and reports are of studies";
  if (holds("inform.html")) return "inform.html there: this is the page of `lintel inform`";
  if (holds("study.json")) return "the command of the study again (`lintel study`), which continues the run";
  return "a directory that `lintel study` wrote";
}

/**
 * Reads and validates `results.json` of a run. Throws `LintelError` "input" where it is missing, broken or of another
 * form.
 *
 * @public
 * @example
 * const { mkdirSync, writeFileSync } = await import("node:fs");
 * const results = { lintel: "0.1.0", preset: "none", status: "complete", seconds: 1, environment: {}, cells: [], findings: [] };
 * mkdirSync("read-example", { recursive: true });
 * writeFileSync("read-example/results.json", JSON.stringify(results));
 * (await readResults("read-example")).status; // "complete"
 */
export async function readResults(runDirectory: string): Promise<Results> {
  const path = join(runDirectory, "results.json");
  const fail = (got: string, cause: unknown): LintelError =>
    new LintelError("input", {
      where: path,
      id: "E_UNFINISHED",
      expected: "the results of a finished study",
      got,
      attempt: adviceFor(runDirectory),
      cause,
    });
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    if (missing && existsSync(join(runDirectory, "asked.json"))) throw ofAnAudit(runDirectory, cause);
    throw fail(missing ? "no such file" : (cause as Error).message, cause);
  }
  let json: unknown;
  try {
    json = parseDocument(text, path);
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw fail((cause as Error).message, cause);
  }
  const parsed = resultsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw fail(`${issue?.path.join(".") ?? "?"}: ${issue?.message ?? "not valid"}`, parsed.error);
}

/** An audit writes its own report. */
const ofAnAudit = (directory: string, cause: unknown): LintelError =>
  new LintelError("input", {
    where: directory,
    expected: "the directory of a study",
    got: "that of an audit",
    attempt: existsSync(join(directory, "verdict.md"))
      ? `${join(directory, "verdict.md")} and table.md beside it, the report of an audit`
      : "the same `lintel audit` again, which finishes it and writes verdict.md",
    cause,
  });

/** A path inside the run; paths that lead out of it, which a foreign `results.json` may contain, are refused. */
function within(runDirectory: string, ...parts: string[]): string {
  const root = resolve(runDirectory);
  const path = resolve(root, ...parts);
  const way = relative(root, path);
  if (way.startsWith("..") || resolve(root, way) !== path) {
    throw new LintelError("input", {
      where: join(root, "results.json"),
      expected: "paths inside the run directory",
      got: parts.join("/"),
    });
  }
  return path;
}

async function readCurve(run: string, cell: CellResult): Promise<TrainingCurve | MissingData> {
  const path = within(run, "models", cell.id, "training.jsonl");
  if (!existsSync(path)) return { missing: "no training journal" };
  return trainingCurve(await readJournal(path));
}

async function readLatents(directory: string): Promise<LatentFigures | MissingData> {
  const path = join(directory, "latents.safetensors");
  if (!existsSync(path)) return { missing: "no latents were kept" };
  const { tensors } = await readSafetensorsHeader(path);
  if (!tensors.has("own") || !tensors.has("oracle"))
    return { missing: "only one of own and oracle latents was kept" };
  const flags = ["hasOwn", "hasOracle"].filter((name) => tensors.has(name));
  const read = await readSafetensors(path, ["own", "oracle", ...flags]);
  const [own, oracle] = [read.get("own")!, read.get("oracle")!];
  const same = own.shape.length === 3 && own.shape.every((size, i) => size === oracle.shape[i]);
  if (!same) {
    throw new LintelError("input", {
      where: path,
      expected: "own and oracle latents of one shape [n, K, D]",
      got: `[${own.shape.join(", ")}] and [${oracle.shape.join(", ")}]`,
    });
  }
  const shape = own.shape as [number, number, number];
  const present = (row: number): boolean => flags.every((name) => Number(read.get(name)!.data[row]) !== 0);
  return (
    latentFigures(toFloat32(own), toFloat32(oracle), shape, present) ?? {
      missing: "fewer than two examples have latents",
    }
  );
}

async function exampleView(example: Example): Promise<ExampleView> {
  return {
    question: example.question,
    images: await Promise.all(example.images.map(inlineImage)),
    helpers: await Promise.all(example.helpers.map(inlineImage)),
  };
}

/** The examples of the page from the dataset; the whole split is read only if the first rows lack one. */
async function readExamples(
  directory: string,
  split: string,
  chosen: readonly PickedExample[],
): Promise<Map<string, Example> | MissingData> {
  if (!existsSync(directory)) return { missing: "the dataset is not in the run directory" };
  const wanted = new Set(chosen.map((c) => c.outcomes.example));
  const pick = (examples: readonly Example[]): Map<string, Example> =>
    new Map(examples.filter((example) => wanted.has(example.id)).map((example) => [example.id, example]));
  const first = await readSplit(directory, split, { limit: FIRST_ROWS });
  const found = pick(first.examples);
  if (found.size === wanted.size || first.examples.length < FIRST_ROWS) return found;
  return pick((await readSplit(directory, split)).examples);
}

/** Gives the examples that a page chose, by id. */
type FindExamples = (chosen: readonly PickedExample[]) => Promise<Map<string, Example> | MissingData>;

async function readReportExamples(
  directory: string,
  find: FindExamples,
): Promise<ReportExample[] | MissingData> {
  const path = join(directory, "outcomes.jsonl");
  if (!existsSync(path)) return { missing: "no outcomes were kept" };
  const chosen = await pickExamples(streamOutcomes(path), EXAMPLES);
  if (chosen.length === 0) return { missing: "no outcomes were kept" };
  const examples = await find(chosen);
  const shown: ReportExample[] = [];
  for (const { outcomes, kind } of chosen) {
    const example = examples instanceof Map ? examples.get(outcomes.example) : undefined;
    const view = example
      ? await exampleView(example).catch((error) => missingPicture(error))
      : {
          missing:
            examples instanceof Map
              ? "the dataset does not contain this example"
              : `Question and images are not shown: ${examples.missing}.`,
        };
    shown.push({ outcomes, kind, example: view });
  }
  return shown;
}

/** An image that does not decode is noted on its card. */
function missingPicture(error: unknown): MissingData {
  if (error instanceof LintelError && error.code === "installation") throw error;
  return {
    missing: `Question and images are not shown: an image of this example does not decode (${(error as Error).message.split("\n")[0]}).`,
  };
}

async function readAuditData(run: string, cell: CellResult, audit: AuditResult): Promise<AuditData> {
  const directory = within(run, audit.directory ?? join("audits", cell.id, audit.split));
  const task = audit.task ?? cell.task;
  return readAudit(directory, (chosen) => readExamples(within(run, "datasets", task), audit.split, chosen));
}

/** What a page shows of the audit in a directory: figures of its latents, and examples. */
export const readAudit = async (directory: string, find: FindExamples): Promise<AuditData> => ({
  latents: await readLatents(directory),
  examples: await readReportExamples(directory, find),
});

/**
 * Reads a finished run: its results, and for each audit what the page shows of its outcomes, latents and examples.
 * Throws `LintelError` "input", "checkpoint" or "dataset" for files that are there but cannot be used.
 */
export async function readRun(runDirectory: string): Promise<ReportData> {
  const results = await readResults(runDirectory);
  const altered = alterationOf(runDirectory, await verifyRun(runDirectory), RESTORE);
  if (altered) throw altered;
  return readMaterial(runDirectory, results);
}

/** What the page shows of results: those of a run that is not finished as well. */
export async function readMaterial(
  runDirectory: string,
  results: ReportData["results"],
): Promise<ReportData> {
  const many = results.leaderboard !== undefined && results.cells.length > MANY;
  const left: MissingData = { missing: "not shown in a comparison of more than 40 models" };
  const cells: CellData[] = [];
  for (const cell of results.cells) {
    const audits: AuditData[] = [];
    for (const audit of cell.audits)
      audits.push(many ? { latents: left, examples: left } : await readAuditData(runDirectory, cell, audit));
    cells.push({ curve: await readCurve(runDirectory, cell), audits });
  }
  return { results, cells };
}
