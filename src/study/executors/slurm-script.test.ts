import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slurmParameters } from "./slurm-parameters.ts";
import { shellWord, slurmScript } from "./slurm-script.ts";

const golden = (name: string): string =>
  fileURLToPath(new URL(`../../../test/goldens/slurm/${name}`, import.meta.url));

const jobs = [
  { id: "tetris/joint/0", needs: [], argv: ["cell", "/data/my runs/pocket", "tetris/joint/0", "--events"] },
  { id: "crop/joint/0", needs: [], argv: ["cell", "/data/my runs/pocket", "crop/joint/0", "--events"] },
];

describe("slurmScript", () => {
  it("is the golden script with defaults, and with everything set", async () => {
    const command = ["/usr/bin/node", "/opt/it's here/bin/lintel.js"];
    await expect(slurmScript(jobs, command, slurmParameters())).toMatchFileSnapshot(golden("defaults.sh"));
    const parameters = {
      timeout_min: 30,
      slurm_partition: "gpu",
      mem_gb: 1.5,
      cpus_per_task: 8,
      gpus_per_node: 1,
      array_parallelism: 4,
    };
    await expect(slurmScript(jobs.slice(1), command, slurmParameters(parameters))).toMatchFileSnapshot(
      golden("everything.sh"),
    );
  });

  it("is valid bash whatever stands in the arguments", () => {
    const nasty = [
      "a'b",
      "$(touch /tmp/x)",
      "`id`",
      "x\ny",
      ";;",
      "esac",
      "#",
      "",
      "\\",
      '"',
      "!",
      "~",
      "*",
      "é",
    ];
    const script = slurmScript([{ id: "a", needs: [], argv: nasty }], ["printf", "%s\\0"], slurmParameters());
    const body = script.replace("srun --unbuffered ", "");
    const out = execFileSync("bash", ["-c", body], {
      env: { PATH: process.env.PATH, SLURM_ARRAY_JOB_ID: "1", SLURM_ARRAY_TASK_ID: "0" },
      cwd: "/tmp",
    });
    expect(out.toString().split("\0").slice(0, -1)).toEqual(nasty);
  });
});

describe("shellWord", () => {
  it("comes back from bash and sh unchanged, for 1,000 strings", () => {
    const text = fc
      .oneof(
        fc.string({ unit: "binary" }),
        fc.string(),
        fc.stringMatching(/^['"\\$`!\n ;&|<>(){}[\]*?~#=%-]*$/),
      )
      .filter((each) => !each.includes("\0") && !/\p{Cs}/u.test(each));
    const strings = fc.sample(text, { numRuns: 1000, seed: 1 });
    for (const shell of ["bash", "sh"]) {
      const out = execFileSync(shell, [], { input: `printf '%s\\0' ${strings.map(shellWord).join(" ")}` });
      expect(out.toString("utf8").split("\0").slice(0, -1)).toEqual(strings);
    }
  });

  it("refuses a NUL character", () => {
    expect(() => shellWord("a\0b")).toThrow(/without NUL/);
  });
});
