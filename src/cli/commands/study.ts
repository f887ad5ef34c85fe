import { basename, extname, join } from "node:path";
import { pairs, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  out?: string;
  seeds?: number;
  executor: string;
  workers?: number;
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
    .option("--slurm <key=value>", "a Slurm parameter, such as slurm_partition=gpu; may be repeated", pairs)
    .addHelpText("after", "\nExample:\n  $ lintel study pocket --seeds 3 --out runs/pocket")
    .action((preset: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal }) => {
        const out = options.out ?? join("runs", basename(preset, extname(preset)));
        const { runStudy } = await import("../../study/index.ts");
        const results = await runStudy({ ...options, preset, out, onProgress, signal });
        const { summarise, writeReport } = await import("../../report/index.ts");
        const path = await writeReport(out);
        return { text: `${summarise(results)}\n\nReport: ${path}`, json: results };
      }),
    );
};
