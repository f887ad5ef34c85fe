/** What there is to see: a run directory or directories of audits, read as far as they can be. */
import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { auditSchema, bestControl, chanceNote } from "../audit/index.ts";
import { parseDocument } from "../formats/index.ts";
import { type CellPlan, cellsOf, parsePlan, type Results, resultsSchema } from "../study/index.ts";
import { listSplits } from "../tasks/index.ts";
import { isHeld, LintelError } from "../util/index.ts";
import type { AuditEntry, RunContent } from "./types.ts";

/** An audit with its place on disk, which no content carries. */
export interface FoundAudit extends Omit<AuditEntry, "samples" | "model" | "beside"> {
  directory: string;
  /** Dataset that the split is of; null where it is not at hand. */
  dataset: string | null;
  /** Checkpoint; null where it is not at hand. */
  checkpoint: string | null;
}

export interface RunSource {
  /** The run; null for audits by themselves. */
  run: string | null;
  title: string;
  results: Results | null;
  cells: CellPlan[];
  audits: FoundAudit[];
  notes: string[];
  /** Whether all is there, somebody works on it, or nobody does although parts are missing. */
  state: RunContent["state"];
}

/** The value of a JSON file, or a note about what is wrong with it; null where there is no such file. */
async function readLoosely(path: string, shown: string, notes: string[]): Promise<unknown> {
  try {
    return parseDocument(await readFile(path, "utf8"), shown);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    const newer = error instanceof LintelError && error.id === "E_NEWER_VERSION";
    notes.push(
      newer
        ? `${shown} was written by a newer version of Lintel and is left out. Update Lintel to see it.`
        : `${shown} cannot be read and is left out: ${(error as Error).message}.`,
    );
    return null;
  }
}

/** The value if it has the form, else a note. */
function checked<T>(
  value: unknown,
  schema: {
    safeParse(value: unknown): {
      success: boolean;
      data?: T;
      error?: { issues: { path: PropertyKey[]; message: string }[] };
    };
  },
  shown: string,
  notes: string[],
): T | null {
  if (value === null) return null;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data!;
  const issue = parsed.error?.issues[0];
  notes.push(
    `${shown} is left out: ${issue?.path.join(".") || "the file"}: ${issue?.message ?? "not valid"}.`,
  );
  return null;
}

/** How what was stopped goes on. */
const AGAIN = "Run the same command again to continue it.";

/** Directories below `root` that hold an audit, in the order of their names. */
async function auditDirectories(root: string, depth = 6): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const names = entries.map(({ name }) => name);
  if (names.includes("outcomes.jsonl") || names.includes("audit.json") || names.includes("asked.json"))
    return [root];
  if (depth === 0) return [];
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const found = await Promise.all(folders.map(({ name }) => auditDirectories(join(root, name), depth - 1)));
  return found.flat();
}

/** What is at hand besides the paths. */
interface Beside {
  /** Dataset of the audits; undefined: that of the run. */
  data?: string | undefined;
  /** By which mapping it is read, where that is said. */
  map?: string | undefined;
  /** Model of the audits, which may be a path of an engine elsewhere; undefined: that of the run. */
  checkpoint?: string | undefined;
}

/** Where an audit is, and what `results.json` of its run says of it. */
interface AuditPlace extends Beside {
  run: string | null;
  known?: AuditEntry["result"] | undefined;
  cellId?: string | undefined;
  /** The study has not ended: audits without a result are no surprise. */
  running?: boolean;
}

async function foundAudit(
  directory: string,
  { run, data, checkpoint: named, known, cellId, running }: AuditPlace,
  notes: string[],
): Promise<FoundAudit> {
  const shown = run ? relative(run, join(directory, "audit.json")) : join(directory, "audit.json");
  const own = checked(
    await readLoosely(join(directory, "audit.json"), shown, notes),
    auditSchema,
    shown,
    notes,
  );
  const result = own ?? known ?? null;
  const parts = run ? relative(join(run, "audits"), directory).split(sep) : [];
  const inRun = parts.length >= 2 && parts[0] !== "..";
  const split = result?.split ?? (inRun ? parts.at(-1)! : "");
  const cell = cellId ?? (inRun ? parts.slice(0, -1).join("/") : basename(directory));
  const [trainedOn, recipe = "", seed = ""] = run && cell.includes("/") ? cell.split("/") : [""];
  const task = result?.task ?? trainedOn ?? "";
  const dataset = data ?? (run && task ? join(run, "datasets", task) : null);
  const checkpoint = inRun ? join(run!, "models", cell) : null;
  const has = (name: string): boolean => existsSync(join(directory, name));
  const unfinished = !result && !has("audit.json");
  const held = unfinished && (isHeld(directory) || (run !== null && isHeld(run)));
  if (unfinished && !running) {
    const place = run ? relative(run, directory) : directory;
    notes.push(
      held
        ? `${place} is not finished: there is no audit.json yet. This page follows it.`
        : `${place} stopped before its end: there is no audit.json. ${AGAIN}`,
    );
  }
  return {
    name: [cell, result?.task && result.task !== trainedOn ? `${result.task}, ${split}` : split]
      .filter(Boolean)
      .join(" · "),
    cell,
    task,
    recipe,
    seed,
    split,
    outcomes: has("outcomes.jsonl"),
    latents: has("latents.safetensors"),
    ...(!result &&
      has("outcomes.jsonl") && { growing: (await stat(join(directory, "outcomes.jsonl"))).size }),
    result: result as FoundAudit["result"],
    ...(!result && has("audit.json") && { broken: true as const }),
    held,
    bestControl: bestControl(result?.interventions ?? {}) ?? null,
    chanceNote: (result && chanceNote(result)) ?? null,
    directory,
    dataset: dataset && existsSync(dataset) ? dataset : null,
    checkpoint: named ?? (checkpoint && existsSync(join(checkpoint, "config.json")) ? checkpoint : null),
  };
}

/** The run that a directory of an audit is in; null for one by itself. */
function runAround(directory: string): string | null {
  const at = directory.lastIndexOf(`${sep}audits${sep}`);
  const run = at < 0 ? null : directory.slice(0, at);
  return run && existsSync(join(run, "study.json")) ? run : null;
}

async function readStudy(run: string, beside: Beside): Promise<RunSource> {
  const notes: string[] = [];
  // Before its results are read: a study that ends meanwhile is not taken for one that was stopped.
  const held = isHeld(run);
  const plan = await readLoosely(join(run, "study.json"), "study.json", notes);
  let cells: CellPlan[] = [];
  try {
    if (plan !== null) cells = cellsOf(parsePlan(plan, "study.json"));
  } catch (error) {
    notes.push(`study.json is left out: ${(error as Error).message}.`);
  }
  const results = checked(
    await readLoosely(join(run, "results.json"), "results.json", notes),
    resultsSchema,
    "results.json",
    notes,
  );
  const known = new Map(
    (results?.cells ?? []).flatMap(({ id, audits }) =>
      audits.map((audit) => [
        resolve(run, audit.directory ?? join("audits", id, audit.split)),
        { known: audit as AuditEntry["result"], cellId: id },
      ]),
    ),
  );
  const directories = new Set([...(await auditDirectories(join(run, "audits"))), ...known.keys()]);
  const inside = [...directories].filter((directory) => directory.startsWith(`${run}${sep}`)).sort();
  const audits: FoundAudit[] = [];
  // Results of a newer version, or broken ones, are results of a finished study.
  const unfinished = cells.length > 0 && !existsSync(join(run, "results.json"));
  for (const directory of inside)
    audits.push(
      await foundAudit(directory, { run, running: unfinished, ...beside, ...known.get(directory) }, notes),
    );
  const rank = new Map((cells.length > 0 ? cells : (results?.cells ?? [])).map(({ id }, i) => [id, i]));
  audits.sort((a, b) => (rank.get(a.cell) ?? 1e9) - (rank.get(b.cell) ?? 1e9));
  const state = !unfinished ? "whole" : held || audits.some((audit) => audit.held) ? "running" : "stopped";
  if (state === "stopped") notes.unshift(`This study stopped before its end. ${AGAIN}`);
  return { run, title: basename(run), results, cells, audits, notes, state };
}

/**
 * Reads what the paths hold: one run directory, or any number of directories of audits (or of runs, whose audits are taken).
 *
 * Errors: "input" for a path that is neither, with what it is.
 */
export async function readSource(paths: readonly string[], beside: Beside = {}): Promise<RunSource> {
  const source = await found(paths, beside);
  const { data, map } = beside;
  // Of a benchmark the mapping says what is wrong with its files, when they are read.
  if (data !== undefined && map === undefined && source.audits.some(({ result }) => !result?.benchmark))
    await listSplits(data);
  return source;
}

/** The ends of paths that tell them apart: "base" and "rl", but "joint/0/eval" and "text/0/eval". */
function endsOf(paths: readonly string[]): string[] {
  const longest = Math.max(...paths.map((path) => path.split(sep).length));
  for (let parts = 1; parts < longest; parts++) {
    const ends = paths.map((path) => path.split(sep).slice(-parts).join(sep));
    if (new Set(ends).size === paths.length) return ends;
  }
  return paths.map((path) => basename(path));
}

async function found(paths: readonly string[], beside: Beside): Promise<RunSource> {
  const isRun = (path: string): boolean =>
    ["study.json", "results.json"].some((name) => existsSync(join(path, name)));
  const full = paths.map((path) => resolve(path));
  const ends = endsOf(full);
  for (const path of full) {
    const directory = (await stat(path).catch(() => null))?.isDirectory() === true;
    const audits = directory ? await auditDirectories(path) : [];
    if (isRun(path) || audits.length > 0) continue;
    throw new LintelError("input", {
      where: path,
      expected: "a run directory of `lintel study`, or one of `lintel audit --out`",
      got: directory
        ? "a directory without study.json, results.json or audits"
        : existsSync(path)
          ? "a file"
          : "no such directory",
      attempt: "the directory that --out named",
    });
  }
  if (full.length === 1 && isRun(full[0]!)) return readStudy(full[0]!, beside);
  const notes: string[] = [];
  const audits: FoundAudit[] = [];
  for (const path of full) {
    for (const directory of (await auditDirectories(path)).sort()) {
      const found = await foundAudit(directory, { run: runAround(directory), ...beside }, notes);
      audits.push(
        full.length > 1
          ? {
              ...found,
              name: `${ends[full.indexOf(path)]}${directory.slice(path.length)}`.replace(
                `${sep}audits${sep}`,
                sep,
              ),
            }
          : found,
      );
    }
  }
  const title = ends.join(" and ");
  const open = audits.filter(({ result, broken }) => !result && !broken);
  const state = open.some(({ held }) => held) ? "running" : open.length > 0 ? "stopped" : "whole";
  return { run: null, title, results: null, cells: [], audits, notes, state };
}
