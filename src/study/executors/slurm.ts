/** Jobs as arrays on a Slurm cluster. This process submits, watches, and gathers; it may die and be started again. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { ensureDirectory, readJson, writeFileAtomic, writeJson } from "../../formats/index.ts";
import { LintelError, TRY_AGAIN } from "../../util/index.ts";
import { lintelCommand } from "./command.ts";
import { createSchedule, type Failure } from "./schedule.ts";
import { openLog, type TaskLog } from "./slurm-log.ts";
import { stateIn, submittedId } from "./slurm-output.ts";
import { slurmParameters } from "./slurm-parameters.ts";
import { REQUEUES, slurmScript } from "./slurm-script.ts";
import type { Executor, Job } from "./types.ts";

const run = promisify(execFile);

/** So often in a row the queue may fail to answer before we give up; controllers are restarted now and then. */
const SILENT_POLLS = 10;
/** A task out of the queue without an exit code is looked at again, because shared file systems lag behind. */
const PATIENCE_POLLS = 3;

/** Which task each job was submitted as, e.g. { "tetris/joint/0": "4711_0" }. */
type Submitted = Record<string, string>;

interface Watched {
  job: Job;
  task: string;
  log: TaskLog;
  /** Polls since it left the queue. */
  gone: number;
}

async function slurm(program: string, args: readonly string[], cwd?: string): Promise<string> {
  try {
    return (await run(program, [...args], { cwd, maxBuffer: 64 << 20 })).stdout;
  } catch (cause) {
    const { code, stderr, message } = cause as NodeJS.ErrnoException & { stderr?: string };
    const missing = code === "ENOENT";
    throw new LintelError("runtime", {
      where: "slurm executor",
      expected: `${program} to answer`,
      got: missing ? "no such program" : (stderr?.trim().split("\n")[0] ?? "") || message,
      attempt: missing ? "--executor local, or a machine that submits to the cluster" : undefined,
      cause,
    });
  }
}

/** Tasks of this user that wait or run. */
async function queuedTasks(): Promise<Set<string>> {
  const text = await slurm("squeue", ["--noheader", "--me", "--array", "--format=%i"]);
  return new Set(text.split(/\s+/).filter(Boolean));
}

const readSubmitted = async (path: string): Promise<Submitted> =>
  ((await readJson(path, {
    expected: "the record of submitted jobs",
    attempt: "deleting the file if no job of this study is in the queue",
  })) ?? {}) as Submitted;

/** Why a task left the queue without an exit code, from the accounting where the cluster keeps one. */
async function fate(task: string): Promise<string> {
  try {
    const args = ["--noheader", "--parsable2", "--allocations", "--format=State", `--jobs=${task}`];
    return stateIn(await slurm("sacct", args)) ?? "unknown to the accounting";
  } catch (error) {
    return `no accounting: ${(error as Error).message}`;
  }
}

/** Slurm's usual MaxArraySize is 1001: indices reach 1000. */
const MOST_TASKS = 1000;

/** Tasks of an array that this cluster takes. */
async function mostTasks(): Promise<number> {
  try {
    const size = /^MaxArraySize\s*=\s*(\d+)/m.exec(await slurm("scontrol", ["show", "config"]))?.[1];
    return Math.min(MOST_TASKS, Math.max(1, Number(size ?? MOST_TASKS)));
  } catch {
    // Some sites let users ask the queue alone.
    return MOST_TASKS;
  }
}

/**
 * Jobs that wait for the same jobs form one array, or several where they are too many. Needs outside of `ids` are done and
 * do not count.
 */
function groups(jobs: readonly Job[], ids: ReadonlySet<string>, most: number): Job[][] {
  const byNeeds = new Map<string, Job[]>();
  for (const job of jobs) {
    const key = JSON.stringify(job.needs.filter((need) => ids.has(need)).sort());
    byNeeds.set(key, [...(byNeeds.get(key) ?? []), job]);
  }
  return [...byNeeds.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / most) }, (_, i) => all.slice(i * most, (i + 1) * most)),
  );
}

async function failureOf(watched: Watched, directory: string): Promise<Failure | null | "open"> {
  const { task, log } = watched;
  let code: number;
  try {
    const text = (await readFile(join(directory, `${task}.exit`), "utf8")).trim();
    code = text === "" ? Number.NaN : Number(text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    code = Number.NaN;
  }
  if (code === 0) return null;
  if (Number.isNaN(code)) {
    watched.gone++;
    if (watched.gone < PATIENCE_POLLS) return "open";
  }
  if (log.said) return log.said;
  if (code === TRY_AGAIN) {
    return {
      code: "runtime",
      message: `task ${task} ran out of time ${REQUEUES + 1} times. Try a larger timeout_min`,
    };
  }
  const how = Number.isNaN(code) ? `left the queue: ${await fate(task)}` : `ended with exit code ${code}`;
  const words = await log.lastWords();
  return {
    code: "runtime",
    message: `task ${task} ${how}${words ? `; its output ended with: ${words}` : ""}`,
  };
}

/**
 * Runs jobs through sbatch: one array per set of needs, `afterok` between them. Scripts, logs and the record of what was
 * submitted lie in RUN/slurm. Started again, it goes on watching the tasks that are still in the queue. An abort
 * cancels them.
 *
 * @example
 * await runSlurm([], { run: "runs/nothing" }); // undefined: nothing to submit
 */
export const runSlurm: Executor = async (jobs, options) => {
  const { onProgress, signal, command = lintelCommand(), pollSeconds = 10 } = options;
  const parameters = slurmParameters(options.slurm);
  const schedule = createSchedule(jobs, onProgress, options.kind);
  if (jobs.length === 0) return;
  signal?.throwIfAborted();
  const directory = await ensureDirectory(join(resolve(options.run), "slurm"));
  const record = join(directory, "submitted.json");
  const submitted = await readSubmitted(record);
  let queued = await queuedTasks();

  const watched = new Map<string, Watched>();
  const watch = (job: Job, task: string): void => {
    watched.set(job.id, { job, task, log: openLog(directory, task, onProgress), gone: 0 });
  };
  for (const job of jobs) {
    const task = submitted[job.id];
    if (task !== undefined && queued.has(task)) watch(job, task);
  }

  const cancel = async (tasks: readonly string[]): Promise<void> => {
    if (tasks.length > 0) await slurm("scancel", tasks);
  };
  try {
    const ids = new Set(jobs.map(({ id }) => id));
    let rest = jobs.filter(({ id }) => !watched.has(id));
    const most = rest.length > 0 ? await mostTasks() : MOST_TASKS;
    for (let count = 0; rest.length > 0; ) {
      const able = rest.filter(({ needs }) => needs.every((need) => !ids.has(need) || watched.has(need)));
      for (const group of groups(able, ids, most)) {
        signal?.throwIfAborted();
        const script = join(directory, `${count++}_submission.sh`);
        await writeFileAtomic(script, slurmScript(group, command, parameters));
        const needs = group[0]!.needs.flatMap((need) => watched.get(need)?.task ?? []);
        const after = needs.length > 0 ? [`--dependency=afterok:${needs.join(":")}`] : [];
        const kill = needs.length > 0 ? ["--kill-on-invalid-dep=yes"] : [];
        const answer = await slurm("sbatch", ["--parsable", ...after, ...kill, script], directory);
        const array = await submittedId(answer, queuedTasks);
        for (const [index, job] of group.entries()) {
          const task = `${array}_${index}`;
          submitted[job.id] = task;
          watch(job, task);
        }
        await writeJson(record, submitted);
      }
      rest = rest.filter(({ id }) => !watched.has(id));
    }

    let silent = 0;
    while (!schedule.over) {
      await sleep(pollSeconds * 1000, undefined, { signal });
      try {
        queued = await queuedTasks();
        silent = 0;
      } catch (error) {
        if (++silent >= SILENT_POLLS) throw error;
        continue;
      }
      for (const { job, task } of [...watched.values()]) {
        const entry = watched.get(job.id);
        if (!entry) continue; // dropped in this very round
        await entry.log.follow();
        if (queued.has(task)) {
          entry.gone = 0;
          continue;
        }
        const failure = await failureOf(entry, directory);
        if (failure === "open") continue;
        watched.delete(job.id);
        const lost = schedule.finish(job.id, failure);
        if (!failure) options.onFinished?.(job.id);
        await cancel(lost.flatMap(({ id }) => watched.get(id)?.task ?? []));
        for (const { id } of lost) watched.delete(id);
      }
    }
  } catch (error) {
    if (signal?.aborted) await cancel([...watched.values()].map(({ task }) => task));
    throw signal?.aborted ? signal.reason : error;
  }
  schedule.conclude();
};
