import { basename, extname, join } from "node:path";
import { Option } from "commander";
import { withLock } from "../../util/index.ts";
import { BREAK_LOCK_HELP, names, pairs, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  out?: string;
  seeds?: number;
  recipes?: string[];
  tasks?: string[];
  only?: string[];
  equal?: "steps" | "seconds";
  executor: string;
  workers?: number;
  device?: string;
  slurm?: Record<string, string>;
  breakLock?: boolean;
}

/** Where a study goes that is given no directory: a part of a study is another study, and has one of its own. */
function usualOut(preset: string, { recipes = [], tasks = [], only = [], equal }: Options): string {
  const parts = [...recipes, ...tasks, ...only.map((cell) => cell.replace("/", "-"))];
  if (equal === "seconds") parts.push(equal);
  return join("runs", [basename(preset, extname(preset)), ...parts].join("-").slice(0, 120));
}

/** `lintel study [PRESET|FILE.yaml]` */
export const study: AddCommand = (program, context) => {
  program
    .command("study")
    .argument("[preset]", "smoke, pocket, frontier, larger, or a YAML file of your own", "pocket")
    .summary("train models, audit them, report what holds")
    .description(
      "Trains models on diagnostic data, audits what their latents do, and writes results.json and " +
        "report.html. A study that was stopped or killed goes on when the same command is run again.",
    )
    .option("--out <dir>", "run directory (default: runs/PRESET, and the names of the part that is run)")
    .option("--seeds <n>", "repeat every cell with so many seeds", whole(1))
    .option("--recipes <a,b>", "only these recipes; frontier takes any that is registered", names)
    .option("--tasks <x,y>", "only these datasets, by their names or their task's", names)
    .option("--only <cells>", "only these cells, such as tetris/joint, and their bases", names)
    .addOption(
      new Option("--equal <what>", "frontier: what recipes have equally much of").choices([
        "steps",
        "seconds",
      ]),
    )
    .option("--executor <name>", "where cells run: local or slurm", "local")
    .option("--workers <n>", "cells at a time (local; default: one per core)", whole(1))
    .option("--device <name>", "cpu, cuda or webgpu (default: what the file says, else cpu)")
    .option("--slurm <key=value>", "a Slurm parameter, such as slurm_partition=gpu; may be repeated", pairs)
    .option("--break-lock", BREAK_LOCK_HELP)
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ lintel study pocket --seeds 3 --out runs/three\n" +
        "  $ lintel study frontier --recipes joint,precise --tasks tetris",
    )
    .action((preset: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal, log }) => {
        const out = options.out ?? usualOut(preset, options);
        const { estimatedSeconds, planOf, resourcesOf, runStudy } = await import("../../study/index.ts");
        const { deviceNamed } = await import("../../graph/index.ts");
        const { device: named, ...rest } = options;
        const asked = {
          ...rest,
          preset,
          ...(named !== undefined && { device: deviceNamed(named) }),
        };
        const plan = await planOf(asked);
        // Cells of a cluster run on its machines, and try the device there.
        if (options.executor === "local") {
          const { usableDevice } = await import("../devices.ts");
          await usableDevice(plan.device ?? "cpu", { signal, prove: true });
        }
        const seconds = estimatedSeconds(plan);
        if (seconds !== null && options.executor === "local") {
          const { workers } = resourcesOf(plan, options);
          const minutes = Math.max(1, Math.round(seconds / workers / 60));
          log(`lintel: ${plan.cells.length * plan.seeds} cells, about ${minutes} min on ${workers} workers`);
        }
        const results = await runStudy({ ...asked, out, onProgress, signal });
        const { summarizeStudy, writeReport } = await import("../../report/index.ts");
        const { breakLock } = options;
        const path = await withLock(out, { breakLock, signal }, () => writeReport(out));
        return { text: `${summarizeStudy(results)}\n\nReport: ${path}`, json: results };
      }),
    );
};
