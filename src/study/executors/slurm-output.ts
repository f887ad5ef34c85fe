/** Parses the output of Slurm's programs among the messages of a site's front ends. */
import { LintelError } from "../../util/index.ts";

/** NUMBER or NUMBER;CLUSTER, a line of its own; or what sbatch says where a front end drops --parsable. */
const ID = /^(?:(\d+)(?:;[\w.-]+)?|Submitted batch job (\d+)(?: on cluster [\w.-]+)?)$/;

/** A state of the accounting: TIMEOUT, CANCELLED by 1000, CANCELLED+. */
const STATE = /^[A-Z][A-Z_]+\+?(?: by \d+)?$/;

/** Codes of terminals, which some front ends color their greeting with (ECMA-48). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const TERMINAL_CODES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

function idIn(line: string): string[] {
  const [, bare, worded] = ID.exec(line) ?? [];
  return [bare ?? worded ?? []].flat();
}

const linesOf = (answer: string): string[] =>
  answer
    .replaceAll(TERMINAL_CODES, "")
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter(Boolean);

/**
 * The number of the job that was submitted. Sites put front ends before sbatch that greet, check quotas and say goodbye on
 * standard output; Slurm's own answer to --parsable is a line by itself. Where several lines could be it, the queue tells.
 *
 * Errors: "runtime" with what was answered, where no line is it, or it cannot be told which. The job may be in the queue.
 *
 * @example
 * await submittedId("Welcome to the cluster\n4711;alpha\n", async () => new Set()); // "4711"
 */
export async function submittedId(
  answer: string,
  queuedTasks: () => Promise<ReadonlySet<string>>,
): Promise<string> {
  const lines = linesOf(answer);
  const found = [...new Set(lines.flatMap(idIn))];
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const arrays = new Set([...(await queuedTasks())].map((task) => task.split("_")[0]));
    const queued = found.filter((id) => arrays.has(id));
    if (queued.length === 1) return queued[0]!;
  }
  const said = lines.slice(-5).join(" / ").slice(-500);
  throw new LintelError("runtime", {
    where: "slurm executor",
    expected: "one line with the job's number from sbatch --parsable",
    got:
      lines.length === 0
        ? "nothing"
        : `${found.length === 0 ? "none" : `${found.length} of them`} in: ${said}`,
    attempt:
      "`squeue --me` and `scancel` for what may have been submitted, and a PATH on which the cluster's own sbatch comes first",
  });
}

/**
 * The state that `sacct` tells of a task; null where no line is one.
 *
 * @example
 * stateIn("Welcome\nOUT_OF_MEMORY\n"); // "OUT_OF_MEMORY"
 */
export const stateIn = (answer: string): string | null =>
  linesOf(answer)
    .reverse()
    .find((line) => STATE.test(line)) ?? null;
