import { basename, extname, join } from "node:path";
import { pairs, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  out?: string;
  seeds?: number;
  executor: string;
  workers?: number;
  device?: string;
  slurm?: Record<string, string>;
}

/** `lintel study [PRESET|FILE.yaml]` */
export const study: AddCommand = (program, context) => {
  program
    .command("study")
    .argument("[preset]", "smoke, pocket, or a YAML file of your own", "pocket")
    .summary("train models, audit them, report what holds")
    .description(
      "Trains models on diagnostic data, audits what their latents do, and writes results.json and\n" +
        "report.html. A study that was stopped or killed goes on when the same command is run again.",
    )
    .option("--out <dir>", "run directory (default: runs/PRESET)")
    .option("--seeds <n>", "repeat every cell with so many seeds", whole(1))
    .option("--executor <name>", "where cells run: local or slurm", "local")
    .option("--workers <n>", "cells at a time (local; default: one per core)", whole(1))
    .option("--device <name>", "cpu, cuda or webgpu (default: what the file says, else cpu)")
    .option("--slurm <key=value>", "a Slurm parameter, such as slurm_partition=gpu; may be repeated", pairs)
    .addHelpText("after", "\nExample:\n  $ lintel study pocket --seeds 3 --out runs/pocket")
    .action((preset: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal }) => {
        const out = options.out ?? join("runs", basename(preset, extname(preset)));
        const { loadPlan, runStudy } = await import("../../study/index.ts");
        const { deviceNamed } = await import("../../graph/index.ts");
        const { device: named, ...rest } = options;
        const device = named === undefined ? (await loadPlan(preset)).device : deviceNamed(named);
        // Cells of a cluster run on its machines, and try the device there.
        if (device && options.executor === "local") {
          const { usableDevice } = await import("../devices.ts");
          await usableDevice(device, signal);
        }
        const results = await runStudy({
          ...rest,
          ...(device && { device }),
          preset,
          out,
          onProgress,
          signal,
        });
        const { summarise, writeReport } = await import("../../report/index.ts");
        const path = await writeReport(out);
        return { text: `${summarise(results)}\n\nReport: ${path}`, json: results };
      }),
    );
};
