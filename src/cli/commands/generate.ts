import type { DatasetFormat, ParameterSpec } from "../../tasks/index.ts";
import { unknownName } from "../../util/index.ts";
import { columns, figure } from "../format.ts";
import { BREAK_LOCK_HELP, pairs, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

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

/** `text` behind `lead`, in lines of at most `width` characters. */
function wrapped(lead: string, text: string, width = 100): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`;
    if (lead.length + line.length > width) lines.push(` ${word}`);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line, i) => `${i === 0 ? lead : " ".repeat(lead.length)}${line}`).join("\n");
}

const dial = (name: string, { default: usual, description, choices, min, max }: ParameterSpec): string => {
  const values = choices ? choices.join(" | ") : min === undefined ? typeof usual : `${min}–${max}`;
  return wrapped(`    ${name.padEnd(12)}`, `${description} (${values}; ${usual})`);
};

/** Tasks with their parameters. They are loaded for this alone: no other help needs them. */
async function listOfTasks(): Promise<string> {
  const { tasks } = await import("../../tasks/index.ts");
  const all = Object.values(tasks);
  const [first] = all;
  const common = ["rendering", "plan"] as const;
  const shared = common.map((name) => dial(name, first!.parameters[name]));
  const own = all.map(({ name, title, parameters }) =>
    [
      `  ${name}: ${title.toLowerCase()}`,
      ...Object.entries(parameters as Record<string, ParameterSpec>)
        .filter(([parameter]) => !common.some((each) => each === parameter))
        .map(([parameter, spec]) => dial(parameter, spec)),
    ].join("\n"),
  );
  return ["\nTasks and their parameters:", "  every task:", ...shared, ...own].join("\n");
}

/** `lintel generate TASK --out DIR` */
export const generate: AddCommand = (program, context) => {
  let tasksHelp = "";
  program.hook("preSubcommand", async (_, command) => {
    if (command.name() === "generate" && program.args.includes("--help")) tasksHelp = await listOfTasks();
  });
  program
    .command("generate")
    .argument("<task>", "name of a task, see below")
    .summary("write a diagnostic dataset")
    .description("Writes a diagnostic dataset as Parquet with Hugging Face images. Same seed, same pixels.")
    .requiredOption("--out <dir>", "directory to write to")
    .option("--train <n>", "examples to train on (10,000)", whole(0))
    .option("--eval <n>", "examples to evaluate on (1,000)", whole(0))
    .option("--held-out <n>", "examples of what training never shows (1,000)", whole(0))
    .option("--seed <s>", "seed of everything random (0)", whole(0))
    .option("--set <name=value>", "parameter of the task; may be repeated", pairs)
    .option("--format <format>", `layout of the dataset: ${formats.join(", ")}`, "lintel")
    .option("--break-lock", BREAK_LOCK_HELP)
    .addHelpText("after", () => tasksHelp)
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ lintel generate tetris --out data/tetris --set rendering=pocket\n" +
        "  $ lintel generate crop --out data/crop --train 2000 --seed 1 --format jsonl",
    )
    .action((task: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal, log }) => {
        const { format, set = {}, ...rest } = options;
        const known = formats.find((each) => each === format);
        if (!known) throw unknownName("format", format, formats, { where: "--format" });
        const { generateDataset, parameterValues, taskNamed } = await import("../../tasks/index.ts");
        const parameters = parameterValues(taskNamed(task).parameters, set);
        const { manifest, reused } = await generateDataset({
          ...rest,
          task,
          format: known,
          parameters,
          signal,
          onProgress: ({ done, total }) =>
            onProgress({ label: `generate ${task}`, done, total, unit: "examples" }),
        });
        if (known === "lintel" && manifest.parameters.rendering === "full")
          log(
            "lintel: whole sheets, as published models see them; `lintel train` wants --set rendering=pocket",
          );
        const splits = Object.entries(manifest.splits);
        const rows = splits.map(([name, { examples }]) => [`  ${name}`, `${figure(examples)} examples`]);
        const verb = reused ? "was there already" : "written";
        return {
          text: `${options.out}: dataset ${manifest.task}, seed ${manifest.seed}, ${verb}\n${columns(rows)}`,
          json: { directory: options.out, reused, ...manifest },
        };
      }),
    );
};
