/** The command line as a commander program. Modules that take time to load are imported by the commands that need them. */
import { Command } from "commander";
import { lintelVersion } from "../util/index.ts";
import { audit } from "./commands/audit.ts";
import { cell } from "./commands/cell.ts";
import { doctor } from "./commands/doctor.ts";
import { generate } from "./commands/generate.ts";
import { inform } from "./commands/inform.ts";
import { plan } from "./commands/plan.ts";
import { probe } from "./commands/probe.ts";
import { report } from "./commands/report.ts";
import { selftest } from "./commands/selftest.ts";
import { study } from "./commands/study.ts";
import { train } from "./commands/train.ts";
import type { Context } from "./context.ts";

/** Adds one command to the program. */
export type AddCommand = (program: Command, context: Context) => void;

/** Every command, in the order of the help. The last ones are for Lintel itself and are not listed there. */
const commands: readonly AddCommand[] = [
  study,
  generate,
  inform,
  train,
  plan,
  audit,
  report,
  selftest,
  doctor,
  cell,
  probe,
];

/** The program. It throws commander's errors instead of ending the process, and writes through the context. */
export function createProgram(context: Context): Command {
  const program = new Command("lintel")
    .description(
      "Tells whether the latent tokens of a vision-language model carry load.\n" +
        "Results go to standard output, progress and messages to standard error.",
    )
    .version(lintelVersion(), "--version", "print the version")
    .helpOption("--help", "print this help")
    .helpCommand(false)
    .option("--json", "print the result as one JSON document")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => context.out(text),
      writeErr: (text) => context.err.write(text),
      outputError: (text, write) => write(`lintel: ${text.replace(/^error: /, "")}`),
      getOutHelpWidth: () => 100,
      getErrHelpWidth: () => 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

Examples:
  $ lintel study            # the findings in minutes, on models trained before your eyes
  $ lintel generate tetris --out data/tetris --set rendering=pocket
  $ lintel train joint --data data/tetris --out models/joint
  $ lintel audit --model models/joint --data data/tetris`,
    );
  for (const add of commands) add(program, context);
  for (const command of program.commands) {
    command
      .helpOption("--help", "print this help")
      .showHelpAfterError("Add --help for usage and an example.");
  }
  program.showHelpAfterError("Add --help for usage and an example.");
  return program;
}
