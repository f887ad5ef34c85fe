import { LintelError, unknownName } from "../../util/index.ts";

/** What a job asks Slurm for; names as in submitit. Account and QOS are taken by sbatch from SBATCH_ACCOUNT, SBATCH_QOS. */
export interface SlurmParameters {
  /** Time limit of one attempt at one cell. A cell that runs into it goes on from its checkpoint, three times at most. */
  timeout_min: number;
  slurm_partition: string | null;
  mem_gb: number;
  cpus_per_task: number;
  gpus_per_node: number;
  /** Tasks of one array that may run at the same time. */
  array_parallelism: number;
}

const defaults: SlurmParameters = {
  timeout_min: 120,
  slurm_partition: null,
  mem_gb: 4,
  cpus_per_task: 1,
  gpus_per_node: 0,
  array_parallelism: 256,
};

/** Smallest value of each number; whole numbers except memory. */
const least = {
  timeout_min: 2,
  mem_gb: 0.5,
  cpus_per_task: 1,
  gpus_per_node: 0,
  array_parallelism: 1,
} as const;

function numberOf(name: keyof typeof least, value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  const whole = name !== "mem_gb";
  if (typeof number === "number" && Number.isFinite(number) && number >= least[name]) {
    if (!whole || Number.isInteger(number)) return number;
  }
  throw new LintelError("usage", {
    where: `slurm parameter ${name}`,
    expected: `a ${whole ? "whole " : ""}number of at least ${least[name]}`,
    value: true,
    got: JSON.stringify(value) ?? "nothing",
  });
}

/**
 * Parameters with defaults filled in; numbers may come as text, as from a command line. Throws `LintelError` "usage"
 * for an unknown name, listing the valid ones and the nearest, and for a value that Slurm could not use.
 *
 * @example
 * slurmParameters({ timeout_min: "60" }).timeout_min; // 60
 */
export function slurmParameters(given: Readonly<Record<string, unknown>> = {}): SlurmParameters {
  const parameters = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (Object.hasOwn(least, name)) {
      const known = name as keyof typeof least;
      parameters[known] = numberOf(known, value);
    } else if (name === "slurm_partition") {
      // It stands unquoted in an #SBATCH line, so it must be what partition names are: a word, or several with commas.
      if (typeof value !== "string" || !/^[\w.-]+(,[\w.-]+)*$/.test(value)) {
        throw new LintelError("usage", {
          where: "slurm parameter slurm_partition",
          expected: "the name of a partition",
          value: true,
          got: JSON.stringify(value) ?? "nothing",
        });
      }
      parameters.slurm_partition = value;
    } else throw unknownName("Slurm parameter", name, Object.keys(defaults));
  }
  return parameters;
}
