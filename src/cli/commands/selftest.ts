import type { SuiteName } from "../../audit/index.ts";
import type { SuitesResult } from "../../selftest/index.ts";
import { LintelError, unknownName } from "../../util/index.ts";
import { type AddCommand, breakLock, examples, option } from "../command.ts";
import { columns, duration } from "../format.ts";
import { names, whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options {
  suites?: string[] | true;
  sizes?: number[];
  models?: string[];
  seed?: number;
  out?: string;
  keep?: string;
  breakLock?: boolean;
}

function suiteNamed(name: string, known: readonly SuiteName[]): SuiteName {
  const found = known.find((each) => each === name);
  if (found) return found;
  throw unknownName("suite", name, known, { where: "--suites" });
}

/** A verdict or conclusion compared with the ground truth. */
const standing = (passed: boolean, same: boolean): string =>
  !passed ? "WRONG" : same ? "as known" : "undecided";

/** Counts by standing; undecided ones do not count as known. */
function tally(what: string, rows: readonly { passed: boolean }[], few: number, seconds: number): string {
  const wrong = rows.filter(({ passed }) => !passed).length;
  const rest = few > 0 ? `, ${few} undecided for lack of examples` : "";
  return `${rows.length - wrong - few} of ${rows.length} ${what} as known${rest}, ${wrong} wrong, in ${duration(seconds)}`;
}

/** Conclusions of suites, and the reasons of wrong ones. */
function suitesText({ rows, analyses, seconds }: SuitesResult): string {
  const table = rows.map(({ model, suite, n, conclusion, found, passed }) => [
    model,
    suite,
    String(n),
    conclusion,
    found,
    standing(passed, found === conclusion),
  ]);
  const wrong = rows.filter(({ passed }) => !passed);
  const numbers = analyses.map(({ model, analysis, n, claim, passed }) => [
    model,
    analysis,
    String(n),
    claim,
    standing(passed, true),
  ]);
  return [
    columns([["model", "suite", "n", "known", "found", ""], ...table]),
    ...wrong.map(({ model, suite, n, reason }) => `${model}, ${suite}, n = ${n}: ${reason}`),
    ...(analyses.length > 0 ? ["", columns([["model", "analysis", "n", "known", ""], ...numbers])] : []),
    ...analyses
      .filter(({ passed }) => !passed)
      .map(
        ({ model, analysis, n, found }) =>
          `${model}, ${analysis}, n = ${n}: ${Object.entries(found)
            .map(([place, value]) => `${place} ${value ?? "–"}`)
            .join(", ")}`,
      ),
    "",
    ...(analyses.length > 0
      ? [
          `${analyses.filter(({ passed }) => passed).length} of ${analyses.length} numbers of analyses as known`,
        ]
      : []),
    tally(
      "conclusions",
      rows,
      rows.filter(({ passed, found, conclusion }) => passed && found !== conclusion).length,
      seconds,
    ),
  ].join("\n");
}

/** Examples per dataset with --keep. */
const KEPT = 200;

const sizes = (text: string): number[] => names(text).map(whole(2));

/** `lintel selftest` */
export const selftest: AddCommand = (program, context) => {
  program
    .command("selftest")
    .summary("run the audit on models with known ground truth")
    .description(
      "Audits models whose weights were written by hand, so that the right verdict is known, and compares every " +
        "verdict with it; with --suites, every conclusion of a suite, and numbers of its analyses. The exit code is 1 if one " +
        "is wrong.",
    )
    .option(
      "--suites [list]",
      "test the conclusions of these comma-separated suites (without a list: of all)",
      names,
    )
    .addOption(
      option("--sizes <list>", "comma-separated numbers of examples to audit each model on", {
        parse: sizes,
        usual: "60,200,1000; with --suites 60,200,600",
      }),
    )
    .addOption(
      option("--models <list>", "comma-separated models to test, by the names that the table shows", {
        parse: names,
        usual: "all",
      }),
    )
    .addOption(option("--seed <s>", "seed of examples and noise", { parse: whole(0), usual: "0" }))
    .option(
      "--keep <dir>",
      "test nothing: write the models, data for them and a README with the right verdicts to this directory",
    )
    .option(
      "--out <dir>",
      "also write the tested models to this directory, as checkpoints for `lintel audit` and transformers",
    )
    .addOption(breakLock())
    .addHelpText(
      "after",
      examples(
        "lintel selftest --models reads-latents,starved --sizes 60",
        "lintel selftest --suites trt,markers --models presence",
        "lintel selftest --keep known",
      ),
    )
    .action(async (options: Options, command) => {
      let failed: number | undefined;
      await perform(context, command, async ({ onProgress, signal }) => {
        const selftests = await import("../../selftest/index.ts");
        const { keepKnown, knownModels, selftest: run, selftestSuites } = selftests;
        const {
          models: wanted = knownModels.map(({ name }) => name),
          suites: requested,
          keep,
          breakLock,
          ...rest
        } = options;
        const models = wanted.map((name) => {
          const found = knownModels.find((model) => model.name === name);
          if (found) return found;
          throw unknownName(
            "model",
            name,
            knownModels.map((model) => model.name),
            { where: "--models" },
          );
        });
        if (keep !== undefined) {
          const { seed, sizes: counts = [KEPT] } = rest;
          const examples = Math.max(...counts);
          const kept = await keepKnown(keep, {
            models,
            examples,
            breakLock,
            signal,
            ...(seed !== undefined && { seed }),
          });
          const commands = [...kept.models, ...kept.reading].map(({ command }) => `  ${command}`);
          const text = [
            `${keep}: ${kept.models.length} models; README.md has their ground truth. Commands to run there:`,
            ...commands,
          ];
          return { text: text.join("\n"), json: { directory: keep, ...kept } };
        }
        if (requested) {
          const { suiteNames } = await import("../../audit/index.ts");
          const suites =
            requested === true ? suiteNames : requested.map((name) => suiteNamed(name, suiteNames));
          const some = options.models === undefined ? {} : { models };
          const result = await selftestSuites({ ...rest, ...some, suites, onProgress, signal });
          failed = [...result.rows, ...result.analyses].filter(({ passed }) => !passed).length;
          return { text: suitesText(result), json: result };
        }
        const result = await run({ ...rest, models, onProgress, signal });
        failed = result.rows.filter(({ passed }) => !passed).length;
        const rows = result.rows.map(({ model, n, expected, verdict, passed, wrong }) => [
          model,
          String(n),
          expected,
          verdict,
          standing(passed, verdict === expected),
          wrong
            .map(
              (fact) =>
                `${fact.intervention} ${fact.accuracy?.toFixed(3) ?? "–"}, not ${fact.expected.toFixed(3)}`,
            )
            .join("; "),
        ]);
        const text = [
          ...models.map(({ name, truth }) => `${name}: ${truth}`),
          "",
          columns([["model", "n", "known", "verdict", "", ""], ...rows]),
          "",
          tally(
            "audits",
            result.rows,
            result.rows.filter(({ passed, verdict, expected }) => passed && verdict !== expected).length,
            result.seconds,
          ),
        ].join("\n");
        return { text, json: result };
      });
      if (failed)
        throw new LintelError("runtime", {
          where: "selftest",
          id: "E_SELFTEST",
          expected: "the known verdict for every model, and the known conclusion for every suite",
          got: `${failed} wrong`,
          attempt: "reporting it with the output of `lintel selftest --json` and `lintel doctor`",
        });
    });
};
