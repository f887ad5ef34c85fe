/** The command line as a commander program. Modules that take time to load are imported by the commands that need them. */
import type { Command } from "commander";
import { lintelVersion } from "../util/index.ts";
import { type AddCommand, examples, helpStyle } from "./command.ts";
import { answer } from "./commands/answer.ts";
import { audit } from "./commands/audit.ts";
import { cell } from "./commands/cell.ts";
import { compare } from "./commands/compare.ts";
import { doctor } from "./commands/doctor.ts";
import { explore } from "./commands/explore.ts";
import { exportCommand } from "./commands/export.ts";
import { generate } from "./commands/generate.ts";
import { inform } from "./commands/inform.ts";
import { interventions } from "./commands/interventions.ts";
import { judge } from "./commands/judge.ts";
import { outcomes } from "./commands/outcomes.ts";
import { plan } from "./commands/plan.ts";
import { probe } from "./commands/probe.ts";
import { report } from "./commands/report.ts";
import { selftest } from "./commands/selftest.ts";
import { study } from "./commands/study.ts";
import { train } from "./commands/train.ts";
import { verify } from "./commands/verify.ts";
import type { Context } from "./context.ts";
import { LintelCommand } from "./lintel-command.ts";

/** Every command in the order of the help; the last three are for Lintel itself and hidden. */
const commands: readonly AddCommand[] = [
  study,
  generate,
  inform,
  train,
  plan,
  audit,
  judge,
  compare,
  outcomes,
  explore,
  exportCommand,
  interventions,
  report,
  verify,
  selftest,
  doctor,
  cell,
  answer,
  probe,
];

/** Widths of the help in characters: narrower terminals wrap by themselves, longer lines are hard to read. */
const [NARROW, WIDE] = [60, 120];

/** The program. It throws commander's errors instead of ending the process, and writes through the context. */
export function createProgram(context: Context): Command {
  const width = (): number => Math.min(WIDE, Math.max(NARROW, context.err.columns));
  const program = new LintelCommand("lintel")
    .description(
      "Tests whether the answers of a vision-language model depend on the latent tokens that it emits before " +
        "them. Results go to standard output, progress and messages to standard error.",
    )
    .version(lintelVersion(), "--version", "print the version")
    .helpOption("--help", "print this help")
    .helpCommand(false)
    .option("--json", "print the result as one JSON document")
    .exitOverride()
    .configureHelp(helpStyle)
    .configureOutput({
      writeOut: (text) => context.out(text),
      writeErr: (text) => context.err.write(text),
      getOutHelpWidth: width,
      getErrHelpWidth: width,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      "after",
      `\nExit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted.\n${examples(
        "lintel study",
        "lintel generate tetris --out data/tetris --set rendering=pocket",
        "lintel train joint --data data/tetris --out models/joint",
        "lintel audit --model models/joint --data data/tetris",
      )}`,
    );
  for (const add of commands) add(program, context);
  for (const command of program.commands) command.helpOption("--help", "print this help");
  return program;
}
