/** What every command is made of: how it is added to the program, its options, and its help. */
import { type Command, type Help, Option } from "commander";
import { unknownName } from "../util/index.ts";
import type { Context } from "./context.ts";

/** Adds one command to the program. */
export type AddCommand = (program: Command, context: Context) => void;

interface OptionSettings {
  /** Parser of the text; a repeated option is given the value so far. */
  // biome-ignore lint/suspicious/noExplicitAny: commander's own type of parsers
  parse?: (text: string, before: any) => unknown;
  /** The default in words, where it is chosen after the command line was read. */
  usual?: string;
  choices?: readonly string[];
}

/**
 * An option with the settings that the help shows in one style: "(choices: a, b; default: a)".
 *
 * @example
 * option("--seed <s>", "seed of all random numbers", { usual: "0" }).defaultValueDescription; // "0"
 */
export function option(
  flags: string,
  description: string,
  { parse, usual, choices }: OptionSettings = {},
): Option {
  const made = new Option(flags, description);
  if (parse) made.argParser(parse);
  if (choices)
    made.choices(choices).argParser((text) => {
      if (choices.includes(text)) return text;
      throw unknownName("value", text, choices, { where: made.long! });
    });
  return made.default(undefined, usual);
}

/** Accepts the old name of an option: hidden in the help, with a note on standard error. */
export function renamedOption(command: Command, { err }: Context, flags: string, current: string): void {
  const old = new Option(flags).hideHelp();
  const target = new Option(current);
  command.addOption(old).on(`option:${old.name()}`, (text: string) => {
    err.write(`lintel: the option ${old.long} is now called ${target.long}\n`);
    const { parseArg } = command.options.find(({ long }) => long === target.long) ?? {};
    command.setOptionValue(target.attributeName(), parseArg ? parseArg(text, undefined) : text);
  });
}

export const breakLock = (): Option =>
  option(
    "--break-lock",
    "remove the lock of a run that was killed on another machine or in a container; only if it no longer runs",
  );

export const device = (usual?: string, condition = ""): Option => {
  const made = option(
    "--device <name>",
    `${condition}device to compute on: cpu, cuda or webgpu; \`lintel doctor\` tries them`,
  );
  return usual === undefined ? made.default("cpu") : made.default(undefined, usual);
};

/** The options of `--engine torch`; they go together with it. */
export const engineOptions = (): Option[] => [
  option(
    "--engine <name>",
    "what runs the model. onnx: ONNX Runtime in this process, without Python, for Qwen2.5-VL and Qwen3-VL; it reads the " +
      "safetensors without an export. torch: PyTorch in a Python process, here or on a GPU server, for all other " +
      "architectures and recommended from about 3 billion parameters",
    {
      choices: ["onnx", "torch"],
      usual: "onnx",
    },
  ),
  option(
    "--python <command>",
    "with --engine torch: a command that starts a Python with torch and transformers, such as " +
      "'ssh gpu01 /env/bin/python' or 'srun --gres=gpu:1 /env/bin/python'; it is split at spaces and run without a " +
      "shell. Paths of checkpoints are absolute paths on that machine; all other paths are on this one",
    { usual: "python3" },
  ),
  option("--dtype <type>", "with --engine torch: number format of weights and activations", {
    choices: ["auto", "float32", "bfloat16", "float16"],
    usual: "auto, as config.json says",
  }),
  option(
    "--device-map <map>",
    "with --engine torch: where the model is loaded: cpu, cuda:0, or auto to spread it over all devices",
    {
      usual: "auto",
    },
  ),
  option("--attention <kind>", "with --engine torch: implementation of attention", {
    choices: ["sdpa", "eager", "flash_attention_2"],
    usual: "as transformers chooses",
  }),
  option(
    "--trust-remote-code",
    "with --engine torch: run Python files of the checkpoint, as in transformers; only for checkpoints that you trust",
    { usual: "off" },
  ),
];

export const threads = (condition = ""): Option =>
  option("--threads <n>", `${condition}CPU threads within one operation (intra-op threads)`, {
    usual: "one per core",
  });

/** Text behind the options of a help: a heading with examples, each on a line of its own. */
export const examples = (...lines: readonly string[]): string =>
  `\n${lines.length > 1 ? "Examples" : "Example"}:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;

/** Names and descriptions, laid out as commander does options. */
export function table(command: Command, rows: readonly (readonly [string, string])[]): string {
  const helper = Object.assign(command.createHelp(), {
    helpWidth: command.configureOutput().getOutHelpWidth?.(),
  });
  const width = Math.max(...rows.map(([term]) => term.length));
  return rows.map(([term, description]) => helper.formatItem(term, width, description, helper)).join("\n");
}

/** What a description says in parentheses, of an option or an argument. */
function extras({ argChoices, defaultValue, defaultValueDescription }: Extras): string {
  const parts = [
    ...(argChoices ? [`choices: ${argChoices.join(", ")}`] : []),
    ...(defaultValueDescription !== undefined || defaultValue !== undefined
      ? [`default: ${defaultValueDescription ?? String(defaultValue)}`]
      : []),
  ];
  return parts.length > 0 ? ` (${parts.join("; ")})` : "";
}
interface Extras {
  argChoices?: readonly string[] | undefined;
  defaultValue?: unknown;
  defaultValueDescription?: string | undefined;
}

/** Settings of commander's help that all commands share. */
export const helpStyle: Partial<Help> = {
  showGlobalOptions: true,
  optionDescription: (each) => `${each.description}${each.isBoolean() && each.negate ? "" : extras(each)}`,
  argumentDescription: (each) => `${each.description}${extras(each)}`,
  styleTitle: (title) => (title === "Global Options:" ? "Global options:" : title),
};
