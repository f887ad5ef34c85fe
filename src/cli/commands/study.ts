import { basename, extname, join } from "node:path";
import { withLock } from "../../util/index.ts";
import { type AddCommand, breakLock, device, examples, option } from "../command.ts";
import { names, pairs, seeds, whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options {
  out?: string;
  seeds?: number | number[];
  recipes?: string[];
  tasks?: string[];
  only?: string[];
  equal?: "steps" | "seconds";
  executor: string;
  workers?: number;
  device?: string;
  slurm?: Record<string, string>;
  breakLock?: boolean;
  verify?: boolean;
  redoAltered?: boolean;
}

/** The run directory without --out; a part of a study has its own. */
function usualOut(preset: string, { recipes = [], tasks = [], only = [], equal }: Options): string {
  const parts = [...recipes, ...tasks, ...only.map((cell) => cell.replace("/", "-"))];
  if (equal === "seconds") parts.push(equal);
  return join("runs", [basename(preset, extname(preset)), ...parts].join("-").slice(0, 120));
}

/** `lintel study [PRESET|FILE.yaml]` */
export const study: AddCommand = (program, context) => {
  program
    .command("study")
    .argument("[preset]", "smoke, pocket, frontier, regimes, larger, or a YAML file", "pocket")
    .summary("train models, audit them, report the findings")
    .description(
      "Trains models on diagnostic data, audits whether they use their latents, and writes results.json and " +
        "report.html. A cell of a study is one dataset, one recipe and one seed: a model is trained and audited. An " +
        "interrupted study resumes when the same command is run again.",
    )
    .addOption(
      option("--out <dir>", "run directory", {
        usual: "runs/PRESET, with --tasks, --recipes and --only in its name",
      }),
    )
    .addOption(
      option(
        "--seeds <seeds>",
        "number of seeds for every dataset and recipe (5: seeds 0 to 4), a range (10..14) or a list (3,7,9)",
        {
          parse: seeds,
          usual: "the preset's",
        },
      ),
    )
    .option("--recipes <list>", "comma-separated recipes to train; frontier accepts any recipe", names)
    .option(
      "--tasks <list>",
      "comma-separated datasets to train on, by the name of the dataset or of its task",
      names,
    )
    .option(
      "--only <list>",
      "comma-separated cells (dataset/recipe) to run, together with the cells whose checkpoints they start from",
      names,
    )
    .addOption(
      option(
        "--equal <budget>",
        "with frontier: train all recipes for the same number of steps, or for the same time",
        {
          choices: ["steps", "seconds"],
          usual: "the preset's",
        },
      ),
    )
    .option("--executor <name>", "where cells run: local or slurm", "local")
    .addOption(
      option("--workers <n>", "with --executor local: number of cells that run at the same time", {
        parse: whole(1),
        usual: "one per core",
      }),
    )
    .addOption(device("the preset's, else cpu"))
    .option(
      "--slurm <key=value>",
      "with --executor slurm: one parameter of the jobs, such as slurm_partition=gpu; may be repeated",
      pairs,
    )
    .option("--verify", "hash every file of finished parts again, not only those whose size or times changed")
    .option(
      "--redo-altered",
      "delete parts whose files were altered, with everything derived from them, and run them again",
    )
    .addOption(breakLock())
    .addHelpText(
      "after",
      examples(
        "lintel study pocket --seeds 3 --out runs/three",
        "lintel study frontier --recipes joint,precise --tasks tetris",
      ),
    )
    .action((preset: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal, log }) => {
        const out = options.out ?? usualOut(preset, options);
        const { estimatedSeconds, planOf, resourcesOf, runStudy, seedsOf } = await import(
          "../../study/index.ts"
        );
        const { deviceNamed } = await import("../../graph/index.ts");
        const { device: named, ...rest } = options;
        const request = {
          ...rest,
          preset,
          ...(named !== undefined && { device: deviceNamed(named) }),
        };
        const plan = await planOf({ ...request, onNote: (note) => log(`lintel: ${note}`) });
        // Cells of a cluster run on its machines, and try the device there.
        if (options.executor === "local") {
          const { usableDevice } = await import("../devices.ts");
          await usableDevice(plan.device ?? "cpu", { signal, prove: true });
        }
        const seconds = estimatedSeconds(plan);
        if (seconds !== null && options.executor === "local") {
          const { workers } = resourcesOf(plan, options);
          const minutes = Math.max(1, Math.round(seconds / workers / 60));
          log(
            `lintel: ${plan.cells.length * seedsOf(plan).length} cells, about ${minutes} min on ${workers} workers`,
          );
        }
        const told = new Map<string, string>();
        const results = await runStudy({
          ...request,
          out,
          onProgress,
          signal,
          onWarning: (text) => log(`lintel: ${text}`),
          async onResults(some, of) {
            const { findingText, writeRunningReport } = await import("../../report/index.ts");
            for (const finding of some.findings) {
              const { id, state = "not run" } = finding;
              if (state === "not run" || told.get(id) === state) continue;
              told.set(id, state);
              log(findingText(finding));
            }
            const page = await writeRunningReport(out, some, of);
            if (some.cells.length === 1) log(`lintel: the report fills while the study runs: ${page}`);
          },
        });
        const { summaryText, writeReport } = await import("../../report/index.ts");
        const { breakLock } = options;
        const path = await withLock(out, { breakLock, signal }, () => writeReport(out));
        return { text: `${summaryText(results, context.err.columns)}\n\nReport: ${path}`, json: results };
      }),
    );
};
