/** The order of jobs: ready, done, failed and dropped ones, for all executors. */
import { type ErrorCode, ensure, LintelError, type OnProgress } from "../../util/index.ts";
import type { Job, JobKind } from "./types.ts";

export interface Failure {
  code: ErrorCode;
  message: string;
}

interface Schedule {
  /** Jobs with everything they need done; each is handed out once. */
  ready(): Job[];
  /** Notes the end of a job; a failure also ends those that need it, which are returned. */
  finish(id: string, failure: Failure | null): Job[];
  /** Whether every job is done, failed, or will not run. */
  readonly over: boolean;
  /** Throws where a job failed. */
  conclude(): void;
}

/** A cycle would wait for ever, so it is refused: peel off jobs whose needs are peeled off until none is left. */
function checkOrder(jobs: readonly Job[]): void {
  let left = jobs;
  while (left.length > 0) {
    const ids = new Set(left.map(({ id }) => id));
    const blocked = left.filter(({ needs }) => needs.some((need) => ids.has(need)));
    ensure(blocked.length < left.length, "runtime", () => ({
      where: "jobs",
      expected: "needs without a cycle",
      got: `a cycle among ${[...ids].join(", ")}`,
    }));
    left = blocked;
  }
}

/** Messages of at most this many failed jobs are quoted in full. */
const QUOTED = 3;

/**
 * The schedule of some jobs. Throws `LintelError` "runtime" for ids that occur twice and for needs in a circle.
 */
export function createSchedule(
  jobs: readonly Job[],
  onProgress?: OnProgress,
  kind: JobKind = "cell",
): Schedule {
  const label = { cell: "study", part: "audit", model: "selftest" }[kind];
  const byId = new Map(jobs.map((job) => [job.id, job]));
  ensure(byId.size === jobs.length, "runtime", () => ({
    where: `jobs of the ${label}`,
    expected: "each id once",
    got: jobs.map(({ id }) => id).join(", "),
  }));
  checkOrder(jobs);
  const waiting = new Map(byId);
  const done = new Set<string>();
  const failed = new Map<string, Failure>();
  const dropped = new Set<string>();
  const isDone = (id: string): boolean => done.has(id) || !byId.has(id);
  const report = (): void => onProgress?.({ label, done: done.size, total: jobs.length, unit: `${kind}s` });
  if (jobs.length > 0) report();

  /** Everything that, directly or through others, needs `id`. */
  const drop = (id: string): Job[] =>
    [...waiting.values()]
      .filter(({ needs }) => needs.includes(id))
      .flatMap((job) => {
        if (!waiting.delete(job.id)) return [];
        dropped.add(job.id);
        return [job, ...drop(job.id)];
      });

  return {
    ready() {
      const ready = [...waiting.values()].filter(({ needs }) => needs.every(isDone));
      for (const { id } of ready) waiting.delete(id);
      return ready;
    },
    finish(id, failure) {
      waiting.delete(id);
      if (failure) {
        failed.set(id, failure);
        return drop(id);
      }
      done.add(id);
      report();
      return [];
    },
    get over() {
      return done.size + failed.size + dropped.size === jobs.length;
    },
    conclude() {
      if (failed.size === 0) return;
      const [first] = failed.values();
      const quotes = [...failed].slice(0, QUOTED).map(([id, { message }]) => `${id}: ${message}`);
      const more = failed.size > QUOTED ? [`and ${failed.size - QUOTED} more`] : [];
      const lost = dropped.size > 0 ? `; not run without them: ${[...dropped].join(", ")}` : "";
      throw new LintelError(first!.code, {
        where: label,
        id: "E_CELLS_FAILED",
        expected: jobs.length === 1 ? `the ${kind} to finish` : `all ${jobs.length} ${kind}s to finish`,
        got: `${failed.size} failed (${[...quotes, ...more].join(" | ")})${lost}`,
        attempt: `the same command again once the cause is gone; finished ${kind}s are kept`,
      });
    },
  };
}
