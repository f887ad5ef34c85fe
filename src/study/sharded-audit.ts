/** An audit whose examples are split among processes: on this machine, or as jobs of a cluster. */
import { existsSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type AuditResult,
  readAuditResult,
  type Shard,
  shardDirectory,
  shardDone,
  shardText,
} from "../audit/index.ts";
import { ensureDirectory } from "../formats/index.ts";
import { ensure, withLock } from "../util/index.ts";
import { type ExecutorOptions, executorNamed, type Job } from "./executors/index.ts";

interface ShardedAuditRequest extends Omit<ExecutorOptions, "run"> {
  /** Directory of the audit; its parts are in `OUT.shards` until it is finished. */
  out: string;
  shards: number;
  /** local or slurm. */
  executor: string;
  /** Arguments of `lintel audit` for all parts, without its output directory. */
  argv: readonly string[];
  breakLock?: boolean | undefined;
}

/** The jobs that are not finished: own latents, then outcomes, which need all of these, then what remains. */
function jobsOf(
  { out, shards, argv }: Pick<ShardedAuditRequest, "out" | "shards" | "argv">,
  root: string,
): Job[] {
  const job = (shard: Shard, directory: string, needs: readonly string[]): Job => ({
    id: shard.phase === "rest" ? "the rest" : `${shard.phase} ${shard.index + 1}/${shards}`,
    needs,
    // Jobs of a cluster start in a folder of their own.
    argv: [...argv, "--out", directory, "--shard", shardText(shard), "--in", process.cwd(), "--events"],
  });
  const parts = (phase: "own" | "outcomes", needs: readonly string[]): Job[] =>
    Array.from({ length: shards }, (_, index): Shard => ({ phase, index, of: shards, root }))
      .filter((shard) => !shardDone(shard))
      .map((shard) => job(shard, shardDirectory(shard), needs));
  const own = parts("own", []);
  const outcomes = parts(
    "outcomes",
    own.map(({ id }) => id),
  );
  const before = [...own, ...outcomes].map(({ id }) => id);
  return [...own, ...outcomes, job({ phase: "rest", index: 0, of: shards, root }, resolve(out), before)];
}

/**
 * Runs an audit in parts, which come together to the bytes of a single process whatever their order. Finished parts are not
 * repeated, and examples of unfinished ones neither, but for own latents.
 *
 * Errors: as `auditModel`, and "runtime" that quotes what failed parts said.
 *
 * @example
 * await runShardedAudit({ out: "a", shards: 2, executor: "lokal", argv: [] }).catch((error) => error.id); // "E_UNKNOWN_NAME"
 */
export async function runShardedAudit(request: ShardedAuditRequest): Promise<AuditResult> {
  const { out, shards, executor, argv, breakLock, signal } = request;
  const run = executorNamed(executor);
  ensure(shards >= 1, "usage", () => ({
    where: "--shards",
    expected: "at least 1",
    got: String(shards),
    value: true,
  }));
  const root = `${resolve(out)}.shards`;
  await ensureDirectory(root);
  // Of a finished audit only the request is compared.
  const whole = [...argv, "--out", resolve(out), "--in", process.cwd(), "--events"];
  const jobs = existsSync(join(out, "audit.json"))
    ? [{ id: "the rest", needs: [], argv: whole }]
    : jobsOf(request, root);
  await withLock(root, { breakLock, signal }, () => run(jobs, { ...request, run: root, kind: "part" }));
  const result = await readAuditResult(out);
  rmSync(root, { recursive: true, force: true });
  return result;
}
