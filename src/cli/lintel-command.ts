/** commander's command, whose errors are Lintel's: a sentence, one suggestion for an unknown name, fields with --json. */
import { Command, type CommanderError, type ErrorOptions, type ParseOptionsResult } from "commander";
import { LintelError, unknownName } from "../util/index.ts";

const HELP = "--help";

/** The long name in an option's flags: "--out" of "-o, --out <dir>". */
const longOf = (flags: string): string => /--[\w-]+/.exec(flags)?.[0] ?? flags;

export class LintelCommand extends Command {
  override createCommand(name?: string): LintelCommand {
    return new LintelCommand(name);
  }

  /** Unknown options come before missing ones, whose name may be what was mistyped. */
  override parseOptions(args: string[]): ParseOptionsResult {
    const parsed = super.parseOptions(args);
    const [first] = parsed.unknown;
    if (this.commands.length === 0 && first !== undefined && !parsed.unknown.includes(HELP))
      throw this.#unknownOption(first);
    return parsed;
  }

  override error(text: string, { code }: ErrorOptions = {}): never {
    throw this.#wrongUsage(code as CommanderError["code"] | undefined, text.replace(/^error: /, ""));
  }

  #unknownOption(flag: string): LintelError {
    const options = [...this.options, ...(this.parent?.options ?? [])].filter(({ hidden }) => !hidden);
    const names = [...options.map(({ long }) => long!), HELP];
    return unknownName("option", flag.replace(/=.*/s, ""), names, { note: this.#help() });
  }

  #help(): string {
    return this.parent ? `lintel ${this.name()} ${HELP}` : `lintel ${HELP}`;
  }

  #wrongUsage(code: string | undefined, text: string): LintelError {
    const usage = (where: string, expected: string, got: string, message?: string): LintelError =>
      new LintelError("usage", {
        where,
        expected,
        got,
        attempt: this.#help(),
        ...(message && { message: `${message}. Try ${this.#help()}` }),
      });
    const [quoted = "", value = ""] = [...text.matchAll(/'(.*?)'/gs)].map((match) => match[1]!);
    switch (code) {
      case "commander.unknownOption":
        return this.#unknownOption(quoted);
      case "commander.unknownCommand": {
        const names = this.createHelp()
          .visibleCommands(this)
          .map((command) => command.name());
        return unknownName("command", quoted, names, { note: this.#help() });
      }
      case "commander.missingMandatoryOptionValue": {
        const missing = this.options.filter(
          (option) => option.mandatory && this.getOptionValue(option.attributeName()) === undefined,
        );
        const flags = missing.map(({ flags }) => flags).join(" and ");
        const [extra] = this.args.slice(this.registeredArguments.length);
        const unexpected = extra === undefined ? "" : `; ${JSON.stringify(extra)} is no option`;
        return usage(this.name(), flags, "neither", `${this.name()} requires ${flags}${unexpected}`);
      }
      case "commander.missingArgument":
        return usage(
          this.name(),
          `<${quoted}>`,
          "nothing",
          `${this.name()} requires the argument <${quoted}>`,
        );
      case "commander.optionMissingArgument":
        return usage(longOf(quoted), "a value", "none", `${longOf(quoted)} requires a value: ${quoted}`);
      case "commander.invalidArgument": {
        // The parsers of options.ts say what they expect.
        const expected = text.slice(text.indexOf("is invalid. ") + "is invalid. ".length);
        return new LintelError("usage", {
          where: longOf(quoted),
          value: true,
          expected,
          got: JSON.stringify(value),
        });
      }
      case "commander.excessArguments": {
        const [extra = ""] = this.args.slice(this.registeredArguments.length);
        return usage(
          this.name(),
          `${this.registeredArguments.length} arguments`,
          `${this.args.length}`,
          `${this.name()}: unexpected argument "${extra}"`,
        );
      }
      default:
        return usage(this.name(), "other arguments", text, text);
    }
  }
}
