import { Option } from "commander";
import type { SuiteName } from "../../audit/index.ts";
import type { KnownModel, SelftestOptions, SelftestResult, SuitesResult } from "../../selftest/index.ts";
import { LintelError, unknownName, usableCores } from "../../util/index.ts";
import { type AddCommand, breakLock, examples, option } from "../command.ts";
import { columns, duration } from "../format.ts";
import { names, whole, withoutOptions } from "../options.ts";
import { type Outcome, perform } from "../perform.ts";
import { asWorker } from "../worker.ts";

interface Options {
  suites?: string[] | true;
  sizes?: number[];
  models?: string[];
  seed?: number;
  out?: string;
  keep?: string;
  breakLock?: boolean;
  workers?: number;
  /** Set by the process that split the models. */
  result?: string;
}

function suiteNamed(name: string, known: readonly SuiteName[]): SuiteName {
  const found = known.find((each) => each === name);
  if (found) return found;
  throw unknownName("suite", name, known, { where: "--suites" });
}

function modelNamed(name: string, known: readonly KnownModel[]): KnownModel {
  const found = known.find((model) => model.name === name);
  if (found) return found;
  const all = known.map((model) => model.name);
  throw unknownName("model", name, all, { where: "--models" });
}

type Tools = Pick<SelftestOptions, "onProgress" | "signal">;

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
    ...(rows.length > 0 ? [columns([["model", "suite", "n", "known", "found", ""], ...table])] : []),
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

/** Verdicts of audits, and the accuracies that are not as known. */
function verdictsText({ rows, seconds }: SelftestResult): string {
  const table = rows.map(({ model, n, expected, verdict, passed, wrong }) => [
    model,
    String(n),
    expected,
    verdict,
    standing(passed, verdict === expected),
    wrong
      .map(
        ({ intervention, accuracy, expected: known }) =>
          `${intervention} ${accuracy?.toFixed(3) ?? "–"}, not ${known.toFixed(3)}`,
      )
      .join("; "),
  ]);
  const truths = new Map(rows.map(({ model, truth }) => [model, truth]));
  return [
    ...[...truths].map(([model, truth]) => `${model}: ${truth}`),
    "",
    columns([["model", "n", "known", "verdict", "", ""], ...table]),
    "",
    tally(
      "audits",
      rows,
      rows.filter(({ passed, verdict, expected }) => passed && verdict !== expected).length,
      seconds,
    ),
  ].join("\n");
}

/** What processes found that tested a model each, in one result. */
const together = <Result extends SelftestResult | SuitesResult>(
  parts: readonly Result[],
  seconds: number,
): Result =>
  ({
    passed: parts.every(({ passed }) => passed),
    seconds,
    rows: parts.flatMap(({ rows }): unknown[] => rows),
    ...("analyses" in parts[0]! && {
      analyses: parts.flatMap((part) => ("analyses" in part ? part.analyses : [])),
    }),
  }) as Result;

/** Tests models one after the other in this process, or each in one of several processes. */
async function tested(
  options: Options,
  argv: readonly string[],
  tools: Tools,
): Promise<SelftestResult | SuitesResult> {
  const { knownModels, selftest, selftestSuites, suiteModels } = await import("../../selftest/index.ts");
  const {
    models: wanted,
    suites: requested,
    workers = usableCores(),
    breakLock: _,
    result: __,
    ...rest
  } = options;
  const all = requested ? suiteModels : knownModels;
  const models = (wanted ?? all.map(({ name }) => name)).map((name) => modelNamed(name, all));
  if (workers > 1 && models.length > 1) {
    const { splitSelftest } = await import("../../study/index.ts");
    const started = performance.now();
    const parts = await splitSelftest({ models: models.map(({ name }) => name), argv, workers, ...tools });
    return together(parts as (SelftestResult | SuitesResult)[], (performance.now() - started) / 1000);
  }
  if (!requested) return selftest({ ...rest, models, ...tools });
  const { suiteNames } = await import("../../audit/index.ts");
  const suites = requested === true ? suiteNames : requested.map((name) => suiteNamed(name, suiteNames));
  return selftestSuites({ ...rest, models, suites, ...tools });
}

/** Examples per dataset with --keep. */
const KEPT = 200;

async function keepModels(
  directory: string,
  { models, ...options }: Options,
  signal: AbortSignal,
): Promise<Outcome> {
  const { keepKnown, knownModels } = await import("../../selftest/index.ts");
  const { seed, sizes: counts = [KEPT], breakLock } = options;
  const kept = await keepKnown(directory, {
    models: models?.map((name) => modelNamed(name, knownModels)) ?? knownModels,
    examples: Math.max(...counts),
    breakLock,
    signal,
    ...(seed !== undefined && { seed }),
  });
  const commands = [...kept.models, ...kept.reading].map(({ command }) => `  ${command}`);
  const text = [
    `${directory}: ${kept.models.length} models; README.md has their ground truth. Commands to run there:`,
    ...commands,
  ];
  return { text: text.join("\n"), json: { directory, ...kept } };
}

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
    .addOption(
      option("--workers <n>", "models that are tested at the same time", {
        parse: whole(1),
        usual: "one per core",
      }),
    )
    .option(
      "--keep <dir>",
      "test nothing: write the models, data for them and a README with the right verdicts to this directory",
    )
    .option(
      "--out <dir>",
      "also write the tested models to this directory, as checkpoints for `lintel audit` and transformers",
    )
    .addOption(breakLock())
    .addOption(new Option("--result <file>").hideHelp())
    .addHelpText(
      "after",
      examples(
        "lintel selftest --models reads-latents,starved --sizes 60",
        "lintel selftest --suites trt,markers --models presence",
        "lintel selftest --keep known",
      ),
    )
    .action(async (options: Options, command) => {
      const { result: file, keep } = options;
      const { signal } = context;
      if (file !== undefined)
        return asWorker(context, true, async () => {
          const { writeJson } = await import("../../formats/index.ts");
          await writeJson(file, await tested(options, [], { signal }));
        });
      let failed: number | undefined;
      await perform(context, command, async ({ onProgress }) => {
        if (keep !== undefined) return keepModels(keep, options, signal);
        const raw = withoutOptions(command.parent?.rawArgs ?? [], ["--models", "--workers"]);
        const argv = raw.filter((each: string) => each !== "--json");
        const result = await tested(options, argv, { onProgress, signal });
        const numbers = "analyses" in result ? result.analyses : [];
        failed = [...result.rows, ...numbers].filter(({ passed }) => !passed).length;
        return { text: "analyses" in result ? suitesText(result) : verdictsText(result), json: result };
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
