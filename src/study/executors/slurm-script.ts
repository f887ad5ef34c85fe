/** The text of an sbatch script. */
import { ensure, TRY_AGAIN } from "../../util/index.ts";
import type { SlurmParameters } from "./slurm-parameters.ts";
import type { Job } from "./types.ts";

/** A cell that ran out of time is started again at most so often. */
export const REQUEUES = 3;

/**
 * One word of a POSIX shell that stands for exactly `text`. Throws `LintelError` "usage" for text with a NUL
 * character, which no argument can hold.
 *
 * @example
 * shellWord("it's"); // "'it'\\''s'"
 */
export function shellWord(text: string): string {
  ensure(!text.includes("\0"), "usage", () => ({
    where: "argument of a job",
    expected: "text without NUL characters",
    got: JSON.stringify(text),
  }));
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * An array job, one task per job. A task writes its exit code to ARRAY_TASK.exit when it is over for good. Ninety seconds
 * before its time is up Slurm sends USR2, on which a worker stops at a checkpoint and asks to be tried again.
 *
 * The script is submitted from the folder of its logs, so that no path has to stand in an #SBATCH line, where
 * there is no reliable quoting.
 */
export function slurmScript(
  jobs: readonly Job[],
  command: readonly string[],
  parameters: SlurmParameters,
): string {
  const { timeout_min, slurm_partition, mem_gb, cpus_per_task, gpus_per_node, array_parallelism } =
    parameters;
  const directives = [
    "job-name=lintel",
    `array=0-${jobs.length - 1}%${array_parallelism}`,
    "output=%A_%a_log.out",
    "error=%A_%a_log.err",
    "open-mode=append",
    "nodes=1",
    "ntasks=1",
    `time=${timeout_min}`,
    `mem=${Math.ceil(mem_gb * 1024)}M`,
    `cpus-per-task=${cpus_per_task}`,
    ...(gpus_per_node > 0 ? [`gpus-per-node=${gpus_per_node}`] : []),
    ...(slurm_partition ? [`partition=${slurm_partition}`] : []),
    "signal=USR2@90",
    "requeue",
  ];
  const cases = jobs.map(({ argv }, index) => `  ${index}) set -- ${argv.map(shellWord).join(" ")} ;;`);
  return `#!/usr/bin/env bash
${directives.map((directive) => `#SBATCH --${directive}`).join("\n")}
set -u
task="\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
rm -f "$task.exit"
case "$SLURM_ARRAY_TASK_ID" in
${cases.join("\n")}
  *) echo "no job for task $task" >&2; exit 2 ;;
esac
srun --unbuffered ${command.map(shellWord).join(" ")} "$@"
code=$?
if [ "$code" -eq ${TRY_AGAIN} ]; then
  timeouts=$(($(cat "$task.timeouts" 2>/dev/null || echo 0) + 1))
  echo "$timeouts" > "$task.timeouts"
  if [ "$timeouts" -le ${REQUEUES} ]; then
    # Slurm ends this script when it requeues the task; the exit only follows where it does not.
    scontrol requeue "$task" && sleep 60 && exit "$code"
  fi
fi
echo "$code" > "$task.exit"
exit "$code"
`;
}
