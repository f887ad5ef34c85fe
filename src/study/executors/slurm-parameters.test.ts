import { describe, expect, it } from "vitest";
import { slurmParameters } from "./slurm-parameters.ts";

describe("slurmParameters", () => {
  it("fills in defaults and reads numbers from text", () => {
    expect(slurmParameters()).toMatchObject({
      timeout_min: 120,
      array_parallelism: 256,
      slurm_partition: null,
    });
    expect(
      slurmParameters({ mem_gb: "2.5", gpus_per_node: 1, slurm_partition: "gpu-a100,gpu_h100" }),
    ).toMatchObject({
      mem_gb: 2.5,
      gpus_per_node: 1,
      slurm_partition: "gpu-a100,gpu_h100",
    });
  });

  it("lists the valid names for a misspelt one", () => {
    expect(() => slurmParameters({ timeout_mins: 5 })).toThrow(
      'Unknown Slurm parameter "timeout_mins". Did you mean "timeout_min"?',
    );
  });

  it("refuses what Slurm could not use", () => {
    for (const bad of [0, 1.5, -1, "", "ten", Number.NaN, null, undefined, "Infinity"]) {
      expect(() => slurmParameters({ cpus_per_task: bad })).toThrow(
        /cpus_per_task must be a whole number of at least 1/,
      );
    }
    for (const bad of ["", "a b", "x\n#SBATCH --uid=0", "a,,b", 3]) {
      expect(() => slurmParameters({ slurm_partition: bad })).toThrow(/name of a partition/);
    }
  });
});
