/** Audits in parts: processes or jobs that each run some of the examples. */
import type { AuditResult } from "../../audit/index.ts";
import { ensure, type OnProgress, usableCores } from "../../util/index.ts";
import { type AuditOptions, type AuditTools, auditRequest } from "../audit-request.ts";
import type { Context } from "../context.ts";
import { withoutOptions } from "../options.ts";

/** Throws "usage" for options of parts where there are none: they would have no effect. */
export function refuseWithoutShards({ shards, executor, workers, slurm }: AuditOptions): void {
  const given = Object.entries({ "--executor": executor, "--workers": workers, "--slurm": slurm });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  ensure(name === undefined || shards !== undefined, "usage", () => ({
    where: name!,
    expected: "--shards beside it",
    got: "none",
    message: `${name} needs --shards N: without it the audit runs in this process`,
  }));
}

/** Runs an audit as jobs of an executor. `rawArgs`: the command line, which every job gets without what splits it. */
export async function auditInParts(
  options: AuditOptions,
  rawArgs: readonly string[],
  { onProgress, signal }: AuditTools,
): Promise<AuditResult> {
  const { out, shards = 1, executor = "local", slurm, breakLock } = options;
  const { runShardedAudit } = await import("../../study/index.ts");
  ensure(out !== undefined, "usage", () => ({
    where: "--shards",
    expected: "--out beside it",
    got: "none",
    message: "--shards needs --out DIR, where the parts come together",
  }));
  // The last bits of a product depend on the number of threads, which is the same for all parts.
  const cores = executor === "local" ? usableCores() : Number(slurm?.cpus_per_task ?? 1);
  const threads = options.threads ?? cores;
  const workers = options.workers ?? Math.max(1, Math.floor(usableCores() / threads));
  const split = ["--out", "--shards", "--executor", "--workers", "--slurm", "--threads"];
  const argv = [...withoutOptions(rawArgs, split), "--threads", String(threads)];
  return runShardedAudit({ out, shards, executor, workers, slurm, breakLock, argv, onProgress, signal });
}

/** One part of an audit, for an executor. */
export async function runPart(
  options: AuditOptions,
  { signal }: Context,
  onProgress: OnProgress,
): Promise<void> {
  const { auditModel, auditShard, shardFrom } = await import("../../audit/index.ts");
  if (options.in !== undefined) process.chdir(options.in);
  const quiet = { onWarning: (): void => undefined, onLine: (): void => undefined };
  const request = await auditRequest(options, { onProgress, signal, ...quiet });
  if (options.shard === undefined) {
    await auditModel(request);
    return;
  }
  const shard = shardFrom(options.shard);
  const { phase, index, of } = shard;
  if (phase === "rest") {
    await auditModel({ ...request, shard: { ...shard, phase } });
    return;
  }
  const output = {
    directory: options.out,
    breakLock: options.breakLock,
    label: `${phase} ${index + 1}/${of}`,
  };
  await auditShard({ ...request, output, shard });
}
