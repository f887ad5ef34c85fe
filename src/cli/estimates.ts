/**
 * How far estimates of time were off: `lintel audit --dry-run` notes what it estimates for an engine, the same audit without
 * --dry-run notes what it took, and the next dry run with this engine says both. In the cache, which may be deleted.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureDirectory, parseDocument, writeJson } from "../formats/index.ts";
import { cacheDirectory } from "../util/index.ts";
import type { AuditOptions } from "./audit-request.ts";
import { duration } from "./format.ts";

/** The command of an engine for which none is named. */
const PYTHON = "python3";
/** What is kept: the newest. */
const MOST = 50;

/** One estimate, and the time that the audit took where it was run. */
interface KeptEstimate {
  /** Of everything that is asked, so that an estimate is compared with its own audit. */
  key: string;
  /** The command that started the engine. */
  engine: string;
  model: string;
  date: string;
  /** Seconds, with replies of the usual and of the longest length. */
  usual: number;
  longest: number;
  /** Seconds from the start of the command to its result. */
  taken?: number;
}

const file = (): string => join(cacheDirectory(), "estimates.json");

/** Options that do not change what is computed. */
const ASIDE = new Set(["dryRun", "out", "export", "breakLock", "slice", "json"]);

/**
 * One text for one audit, whatever it is written to.
 *
 * @example
 * const options = { model: "m", data: "d", device: "cpu" };
 * estimateKey({ ...options, dryRun: true }) === estimateKey({ ...options, out: "audits/m" }); // true
 */
export function estimateKey(options: AuditOptions): string {
  const asked = Object.entries(options).filter(([name]) => !ASIDE.has(name));
  return createHash("sha256")
    .update(JSON.stringify(asked.sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest("hex");
}

/** The estimates that are kept, oldest first. */
async function keptEstimates(): Promise<KeptEstimate[]> {
  try {
    const { estimates } = parseDocument(await readFile(file(), "utf8"), file()) as { estimates?: unknown };
    return Array.isArray(estimates) ? (estimates as KeptEstimate[]) : [];
  } catch {
    // Missing, or cut short: a cache, which is begun again.
    return [];
  }
}

async function keep(estimates: readonly KeptEstimate[]): Promise<void> {
  await ensureDirectory(cacheDirectory());
  await writeJson(file(), { estimates: estimates.slice(-MOST) });
}

/** Whether an estimate waits for this audit. */
const isOpen = (each: KeptEstimate, key: string): boolean => each.key === key && each.taken === undefined;

/** Notes the estimate of a dry run, in place of an earlier one of the same audit that was not run. */
export async function noteEstimate(
  options: AuditOptions,
  { usual, longest }: { usual: number; longest: number },
  date = new Date(),
): Promise<void> {
  const key = estimateKey(options);
  const others = (await keptEstimates()).filter((each) => !isOpen(each, key));
  const { python: engine = PYTHON, model } = options;
  await keep([...others, { key, engine, model, date: date.toISOString(), usual, longest }]);
}

/**
 * Runs an audit, and notes what it took where a dry run had estimated it. Of an audit that goes on, or runs in this process,
 * nothing is noted.
 */
export async function timed<T>(options: AuditOptions, run: () => Promise<T>): Promise<T> {
  const { engine, out } = options;
  const whole = engine === "torch" && !(out !== undefined && existsSync(join(out, "outcomes.jsonl")));
  const began = performance.now();
  const result = await run();
  if (!whole) return result;
  const taken = (performance.now() - began) / 1000;
  const key = estimateKey(options);
  const estimates = await keptEstimates();
  if (estimates.some((each) => isOpen(each, key)))
    await keep(estimates.map((each) => (isOpen(each, key) ? { ...each, taken } : each)));
  return result;
}

/** How far the last estimate for the engine of these options was off; null where none was followed by its audit. */
export const lastEstimate = async ({ python = PYTHON }: AuditOptions): Promise<string | null> =>
  lastEstimateText(await keptEstimates(), python);

/**
 * How far the last estimate for an engine was off, in a sentence; null where none was followed by its audit.
 *
 * @example
 * const date = "2026-12-01T10:00:00.000Z";
 * lastEstimateText([{ key: "", engine: "python3", model: "m", date, usual: 100, longest: 300, taken: 150 }], "python3");
 * // "the last estimate for this engine (m, 2026-12-01): at least 1 min 40 s; the audit took 2 min 30 s, 1.5 times as long"
 */
export function lastEstimateText(estimates: readonly KeptEstimate[], engine: string): string | null {
  const last = estimates.filter((each) => each.engine === engine && each.taken !== undefined).at(-1);
  if (!last) return null;
  const { model, date, usual, taken } = last;
  return (
    `the last estimate for this engine (${model}, ${date.slice(0, 10)}): at least ${duration(usual)}; the audit took ` +
    `${duration(taken!)}, ${Number((taken! / usual).toPrecision(2))} times as long`
  );
}
