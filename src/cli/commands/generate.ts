import type { Command } from "commander";
import type { DatasetFormat, ParameterSpec } from "../../tasks/index.ts";
import { type AddCommand, breakLock, examples, option, table } from "../command.ts";
import { columns, figure } from "../format.ts";
import { pairs, whole } from "../options.ts";
import { perform } from "../perform.ts";

const formats = ["lintel", "jsonl", "lantern"] as const satisfies readonly DatasetFormat[];

interface Options {
  out: string;
  train?: number;
  eval?: number;
  heldOut?: number;
  seed?: number;
  set?: Record<string, string>;
  format: string;
  breakLock?: boolean;
}

/** Type or range, and the default of a parameter. */
function rangeOf({ default: usual, choices, min, max }: ParameterSpec): string {
  const values = choices ? choices.join(", ") : min === undefined ? typeof usual : `${min}–${max}`;
  return `(${values}; default: ${usual})`;
}

const rowOf = ([name, spec]: [string, ParameterSpec]): [string, string] => [
  name,
  `${spec.description} ${rangeOf(spec)}`,
];

/** A value of a parameter other than its default. */
const otherValue = ({ default: usual, choices, min, max }: ParameterSpec): unknown =>
  choices?.find((each) => each !== usual) ??
  (typeof usual === "boolean" ? !usual : usual === max ? min : max);

/** All tasks, or the parameters of one with an example. The tasks are loaded for this help only. */
async function tasksHelp(task: string | undefined): Promise<(command: Command) => string> {
  const { tasks } = await import("../../tasks/index.ts");
  const chosen = Object.values(tasks).find(({ name }) => name === task);
  return (command) => {
    if (!chosen) {
      const rows = Object.values(tasks).map(({ name, title }): [string, string] => [
        name,
        title.toLowerCase(),
      ]);
      return `\nTasks (their parameters: lintel generate TASK --help):\n${table(command, rows)}\n${examples(
        "lintel generate tetris --out data/tetris --set rendering=pocket",
        "lintel generate crop --out data/crop --train 2000 --seed 1 --format jsonl",
      )}`;
    }
    const parameters = Object.entries(chosen.parameters as Record<string, ParameterSpec>);
    const [name, spec] =
      parameters.find(([each]) => each !== "rendering" && each !== "plan") ?? parameters[0]!;
    return `\nParameters of ${chosen.name} (${chosen.title.toLowerCase()}), for --set:\n${table(command, parameters.map(rowOf))}\n${examples(
      `lintel generate ${chosen.name} --out data/${chosen.name} --set rendering=pocket --set ${name}=${otherValue(spec)}`,
    )}`;
  };
}

/** `lintel generate TASK --out DIR` */
export const generate: AddCommand = (program, context) => {
  let help: (command: Command) => string = () => "";
  program.hook("preSubcommand", async (_, command) => {
    if (command.name() !== "generate" || !program.args.includes("--help")) return;
    help = await tasksHelp(program.args.slice(1).find((each) => !each.startsWith("-")));
  });
  program
    .command("generate")
    .argument("<task>", "name of a task, listed below")
    .summary("write a diagnostic dataset")
    .description(
      "Generates a diagnostic dataset: questions with images, options and helper images. The same seed gives the " +
        "same pixels. An interrupted generation resumes when the same command is run again.",
    )
    .requiredOption("--out <dir>", "directory for the dataset (required)")
    .addOption(option("--train <n>", "examples in the training split", { parse: whole(0), usual: "10000" }))
    .addOption(option("--eval <n>", "examples in the evaluation split", { parse: whole(0), usual: "1000" }))
    .addOption(
      option(
        "--held-out <n>",
        "examples in the held-out split, with configurations that do not occur in the training split",
        {
          parse: whole(0),
          usual: "1000",
        },
      ),
    )
    .addOption(option("--seed <s>", "seed of all random numbers", { parse: whole(0), usual: "0" }))
    .option("--set <name=value>", "set a parameter of the task; may be repeated", pairs)
    .addOption(
      option(
        "--format <format>",
        "format of the files. lintel: Parquet; jsonl: JSON Lines and PNG; lantern: LanteRn's format",
        {
          choices: formats,
        },
      ).default("lintel"),
    )
    .addOption(breakLock())
    .addHelpText("after", ({ command }) => help(command))
    .action((task: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal, log }) => {
        const { format, set = {}, ...rest } = options;
        const { generateDataset, parameterValues, taskNamed } = await import("../../tasks/index.ts");
        const parameters = parameterValues(taskNamed(task).parameters, set);
        const { manifest, reused } = await generateDataset({
          ...rest,
          task,
          format: format as DatasetFormat,
          parameters,
          signal,
          onProgress: ({ done, total }) =>
            onProgress({ label: `generate ${task}`, done, total, unit: "examples" }),
        });
        if (format === "lintel" && manifest.parameters.rendering === "full")
          log(
            "lintel: full rendering, as published models read it; `lintel train` needs --set rendering=pocket",
          );
        const splits = Object.entries(manifest.splits);
        const rows = splits.map(([name, { examples }]) => [`  ${name}`, `${figure(examples)} examples`]);
        const verb = reused ? "complete already" : "written";
        return {
          text: `${options.out}: dataset ${manifest.task}, seed ${manifest.seed}, ${verb}\n${columns(rows)}`,
          json: { directory: options.out, reused, ...manifest },
        };
      }),
    );
};
