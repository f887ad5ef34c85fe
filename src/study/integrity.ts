/** Whether the parts of a run are as they were written: their manifests, and the digest of the results. */
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import {
  changedPart,
  checkPart,
  digestOf,
  foreignDirectory,
  MANIFEST_FILE,
  readJson,
  sha256Of,
} from "../formats/index.ts";
import { type CellPlan, cellsOf, type StudyPlan } from "./plan.ts";
import type { Results } from "./results.ts";

export interface VerifyOptions {
  /** Read every file again; default: only those whose size or times are not the recorded ones. */
  all?: boolean;
}

/** A part of a run: a dataset, a model, an audit, or one of the two files that describe the run. */
export interface VerifiedPart {
  /** Path in the run; "." for the directory itself. */
  part: string;
  /** "without manifest": finished by a version that wrote none. */
  state: "verified" | "altered" | "without manifest";
  /** Number of files compared. */
  files: number;
  /** What differs, a phrase each. */
  changed: string[];
  /** Of the part's files; null without a manifest. */
  digest: string | null;
}

export interface Verification {
  parts: VerifiedPart[];
  /** Of the whole run, as results.json has it; null for runs that are unfinished or older, and for single parts. */
  digest: string | null;
}

const ours = { expected: "JSON, as Lintel wrote it", attempt: "restoring the file" };

/** The file whose presence says that a part is finished. */
const markers: readonly string[] = ["lintel.json", "training.json", "audit.json"];
const rooms = ["datasets", "models", "audits"] as const;

const unsealed = (part: string): VerifiedPart => ({
  part,
  state: "without manifest",
  files: 0,
  changed: [],
  digest: null,
});

async function verifyPart(run: string, part: string, options: VerifyOptions): Promise<VerifiedPart> {
  const checked = await checkPart(join(run, part), options);
  if (!checked) return unsealed(part);
  return { part, state: checked.changed.length > 0 ? "altered" : "verified", ...checked };
}

/** Directories of finished parts, relative to the run. */
async function finishedParts(run: string): Promise<string[]> {
  const found: string[] = [];
  for (const room of rooms.filter((name) => existsSync(join(run, name))))
    for (const entry of await readdir(join(run, room), { recursive: true, withFileTypes: true }))
      if (entry.isFile() && markers.includes(entry.name)) found.push(relative(run, entry.parentPath));
  return [...new Set(found)].map((part) => part.split(sep).join("/")).sort();
}

/** The digest of results: everything in results.json besides the digest itself. */
const digestOfResults = (results: object): string => digestOf([JSON.parse(JSON.stringify(results))]);

/**
 * Results with the digests of the parts that they were made from, and one over all of it.
 */
export async function sealResults(run: string, results: Results): Promise<Results> {
  const parts: Record<string, string | null> = { "study.json": await sha256Of(join(run, "study.json")) };
  for (const part of await finishedParts(run)) parts[part] = (await verifyPart(run, part, {})).digest;
  return { ...results, parts, digest: digestOfResults({ ...results, parts }) };
}

/** The parts that results name, with what differs from them. */
function compareWithResults(found: readonly VerifiedPart[], named: Readonly<Record<string, string | null>>) {
  const parts = found.map((part): VerifiedPart => {
    const digest = named[part.part];
    if (digest === undefined || digest === null || part.state === "altered" || digest === part.digest)
      return part;
    const what = part.digest === null ? `${MANIFEST_FILE} is missing` : "all of it was replaced";
    return { ...part, state: "altered", changed: [what] };
  });
  const missing = Object.keys(named).filter((part) => !found.some((each) => each.part === part));
  return [
    ...parts,
    ...missing.map(
      (part): VerifiedPart => ({ ...unsealed(part), state: "altered", changed: ["it is missing"] }),
    ),
  ];
}

async function verifyStudy(run: string, options: VerifyOptions): Promise<Verification> {
  const parts: VerifiedPart[] = [];
  for (const part of await finishedParts(run)) parts.push(await verifyPart(run, part, options));
  const results = Object(await readJson(join(run, "results.json"), ours)) as Partial<Results>;
  const { digest, ...rest } = results;
  if (digest === undefined || typeof rest.parts !== "object") {
    if (existsSync(join(run, "results.json"))) parts.push(unsealed("results.json"));
    return { parts, digest: null };
  }
  const study = existsSync(join(run, "study.json")) ? await sha256Of(join(run, "study.json")) : null;
  const file = (part: string, same: boolean, now: string | null): VerifiedPart => ({
    part,
    state: same ? "verified" : "altered",
    files: 1,
    changed: same ? [] : ["it was changed"],
    digest: now,
  });
  return {
    parts: [
      ...compareWithResults(
        [...parts, file("study.json", study === rest.parts["study.json"], study)],
        rest.parts,
      ),
      file("results.json", digestOfResults(rest) === digest, digest),
    ],
    digest,
  };
}

/**
 * Compares what Lintel wrote into a directory (a study, a dataset of one, a model, an audit) with the manifests in it.
 *
 * Errors: "usage" for a directory that has neither.
 *
 * @public
 * @example
 * await generateDataset({ task: "tetris", out: "seen", train: 8, eval: 4, heldOut: 0, parameters: { rendering: "pocket" } });
 * await trainModel({ recipe: "text", data: "seen", out: "sealed", steps: 1, batch: 4, followExamples: 2 });
 * (await verifyRun("sealed")).parts[0].state; // "verified"
 */
export async function verifyRun(directory: string, options: VerifyOptions = {}): Promise<Verification> {
  if (existsSync(join(directory, "study.json")) || existsSync(join(directory, "results.json")))
    return verifyStudy(directory, options);
  const finished = [...markers, MANIFEST_FILE].some((name) => existsSync(join(directory, name)));
  if (!finished)
    throw foreignDirectory(
      directory,
      "the directory of a study, or a finished dataset, model or audit",
      existsSync(directory) ? (await readdir(directory)).sort() : ["no files"],
    );
  return { parts: [await verifyPart(directory, ".", options)], digest: null };
}

/** The error for the altered parts of a run; null where there are none. */
export function alterationOf(run: string, { parts }: Verification, attempt: string) {
  const altered = parts.filter(({ state }) => state === "altered");
  const phrases = altered.flatMap(({ part, changed }) =>
    changed.map((each) => (part === "." ? each : `${part}: ${each}`)),
  );
  return altered.length > 0 ? changedPart(run, phrases, attempt) : null;
}

/** Advice for a run that is to be read. */
export const RESTORE =
  "restoring them, or the same `lintel study` with --redo-altered, which makes these parts again";

/** Cells that are made from others: those that start from `ids`, and so on. */
function withDependents(cells: readonly CellPlan[], ids: ReadonlySet<string>): Set<string> {
  const all = new Set(ids);
  for (const { id, base } of cells) if (base !== undefined && all.has(base)) all.add(id);
  return all.size === ids.size ? all : withDependents(cells, all);
}

/** Removes altered parts, what was made from them, and the results. */
async function removeAltered(run: string, plan: StudyPlan, altered: readonly string[]): Promise<void> {
  const cells = cellsOf(plan);
  const under = (room: string, name: string): boolean => altered.includes(`${room}/${name}`);
  const direct = cells.filter(({ id, task }) => under("datasets", task) || under("models", id));
  const models = withDependents(cells, new Set(direct.map(({ id }) => id)));
  const gone = [
    ...altered.filter((part) => (rooms as readonly string[]).includes(part.split("/")[0]!)),
    ...[...models].flatMap((id) => [`models/${id}`, `audits/${id}`]),
    "results.json",
    "report.html",
  ];
  for (const part of gone) await rm(join(run, part), { recursive: true, force: true });
}

/**
 * Verifies a run before it goes on: altered parts are errors, or removed with all that was made from them.
 *
 * @returns The parts that have no manifest.
 *
 * Errors: "input" (`E_CHANGED_FILE`) naming the parts and files.
 */
export async function verifyBeforeWork(
  run: string,
  plan: StudyPlan,
  { redoAltered, ...options }: VerifyOptions & { redoAltered?: boolean | undefined },
): Promise<string[]> {
  const verification = await verifyRun(run, options);
  const error = alterationOf(run, verification, RESTORE);
  if (error && !redoAltered) throw error;
  if (error) {
    const altered = verification.parts.filter(({ state }) => state === "altered");
    await removeAltered(
      run,
      plan,
      altered.map(({ part }) => part),
    );
  }
  return verification.parts.filter(({ state }) => state === "without manifest").map(({ part }) => part);
}

/** Words for parts without a manifest; null where all have one. */
export const unsealedNote = (run: string, parts: readonly string[]): string | null =>
  parts.length === 0
    ? null
    : `${run}: ${parts.length} of its parts have no ${MANIFEST_FILE} (an older version of Lintel wrote them): changes to them cannot be found`;
