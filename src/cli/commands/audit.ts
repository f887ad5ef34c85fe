import { Option } from "commander";
import type { AuditResult, DataRequest } from "../../audit/index.ts";
import { ensure, type OnProgress, usableCores } from "../../util/index.ts";
import { type AuditOptions, type AuditTools, auditRequest, dataOf } from "../audit-request.ts";
import {
  type AddCommand,
  breakLock,
  device,
  engineOptions,
  examples,
  option,
  renamedOption,
  threads,
} from "../command.ts";
import type { Context } from "../context.ts";
import {
  names,
  namesWithValues,
  pairs,
  positive,
  seedOrNone,
  shareBetween,
  whole,
  withoutOptions,
} from "../options.ts";
import { perform } from "../perform.ts";
import { asWorker } from "../worker.ts";

/** `lintel audit --model DIR --data DIR` */
export const audit: AddCommand = (program, context) => {
  const command = program
    .command("audit")
    .summary("test whether a checkpoint uses its latents")
    .description(
      "Decodes every example of a split several times, each time with the latent block changed in another way " +
        "(zeros, noise, another example's latents, …), compares the accuracies with paired tests, and gives a " +
        "verdict: load-bearing, starved, bypassed or inconclusive.",
    )
    .optionsGroup("Model:")
    .requiredOption("--model <dir>", "checkpoint directory, or org/name[@revision] on the Hugging Face Hub")
    .addOption(
      option(
        "--family <name|file>",
        "model family: how the checkpoint marks, fills and ends latent blocks, and how it is prompted; lantern, lvr " +
          "(lvr-none, lvr-latent), mirage, ilvr, monet (monet-transformers), skila, covt, livr, swimbird, coconut, " +
          "base (no latents), or a YAML file",
        { usual: "detected from config.json" },
      ),
    )
    .addOption(
      option("--weights <format>", "number format of the weights: float32, or int8 or int4 to save memory", {
        usual: "float32",
      }),
    )
    .option(
      "--oracle-model <dir>",
      "network that computed or selected the training targets of the latents: required for oracle latents of skila " +
        "(SigLIP2), recommended for those of ilvr (its teacher), which are approximated without it",
    )
    .addOption(option("--download", "download missing files of the model from the Hub", { usual: "offline" }))
    .optionsGroup("Data:")
    .requiredOption("--data <dir>", "dataset directory; with --map any file or directory of records")
    .addOption(
      option(
        "--map <name|file>",
        "read a foreign dataset by a mapping of its fields: viscot-mc, blink, vstar, mmvp, hr-bench, mmmu, … or a " +
          "YAML file",
      ),
    )
    .addOption(
      option("--split <name>", "split to audit", { usual: "eval, or with --map the benchmark's test split" }),
    )
    .addOption(option("--limit <n>", "use at most n examples", { parse: whole(1), usual: "all" }))
    .addOption(
      option("--skip <n>", "leave out the first n examples, to audit fresh ones after an earlier audit", {
        parse: whole(0),
        usual: "0",
      }),
    )
    .addOption(
      option(
        "--shuffle-options <seed>",
        "with --map: seed for shuffling the options of multiple-choice questions, or none to keep the file's order",
        { parse: seedOrNone, usual: "shuffled where the mapping says so" },
      ),
    )
    .addOption(
      option(
        "--pixels <source>",
        "where the smallest and largest image size come from: the family's published evaluation, or the " +
          "checkpoint's preprocessor_config.json",
        { choices: ["family", "checkpoint"], usual: "family, or checkpoint for models that Lintel trained" },
      ),
    )
    .option(
      "--min-pixels <n>",
      "enlarge smaller images to at least n pixels (width × height); overrides --pixels",
      whole(1),
    )
    .option(
      "--max-pixels <n>",
      "shrink larger images to at most n pixels (width × height); overrides --pixels",
      whole(1),
    )
    .option(
      "--corrupt-image",
      "with --map: black out the region of the input image that the helper image was cut from",
    )
    .optionsGroup("Interventions:")
    .addOption(
      option(
        "--interventions <list>",
        "comma-separated interventions, e.g. zeros,blend(0.5), or JSON files that define some (list: lintel interventions)",
        { parse: namesWithValues, usual: "the 13 standard ones" },
      ),
    )
    .option(
      "--suites <list>",
      "comma-separated suites, each a set of interventions with an analysis: viveiros, trt, markers, prism, " +
        "mediation, knockout, dose, gradient, paths, oracle-format, full; reviewer: all of them, and an appendix for a paper",
      names,
    )
    .option(
      "--text-baseline <dir>",
      "checkpoint trained on the same data without latents; paired comparison per example",
    )
    .addOption(
      option(
        "--budget <minutes>",
        "choose suites and controls by what they decide per minute, as many as fit into this time by the estimate of " +
          "--dry-run, and say which were left out; with --suites, of these alone",
        { parse: positive },
      ),
    )
    .option("--dry-run", "print one prompt and what each intervention would replace, then exit")
    .optionsGroup("Decoding and statistics:")
    .addOption(
      option("--max-tokens <n>", "maximum number of new tokens per reply", {
        parse: whole(1),
        usual: "that of the family's published evaluation",
      }),
    )
    .addOption(
      option("--repetition-penalty <p>", "repetition penalty over prompt and reply; 1 is none", {
        parse: positive,
        usual: "that of the family's published evaluation, else of generation_config.json",
      }),
    )
    .addOption(option("--seed <s>", "seed of all random numbers", { parse: whole(0), usual: "0" }))
    .addOption(
      option(
        "--look <k>",
        "this is the k-th audit of the same examples; from the second on tests use a stricter significance level, so " +
          "that the error rate of all together stays at 5 %",
        { parse: whole(1), usual: "1" },
      ),
    )
    .addOption(
      option(
        "--looks <n>",
        "number of audits planned in advance, each on a larger part of the examples, in equal steps (lintel plan " +
          "--looks n)",
        { parse: whole(1), usual: "1" },
      ),
    )
    .addOption(
      option(
        "--starved-share <share>",
        "a model counts as starved if its own latents close at most this share of the accuracy gap from the best " +
          "in-distribution control to the oracle",
        { parse: shareBetween, usual: "0.1" },
      ),
    )
    .option(
      "--slice <files>",
      "also report accuracies and paired differences on these slices: text files with one example id in a line, as the " +
        "explorer writes them",
      names,
    )
    .optionsGroup("Output and device:")
    .option(
      "--out <dir>",
      "directory for the results (audit.json, verdict.md, outcomes, latents, report.html); rerun the same command to " +
        "resume",
    )
    .option(
      "--export <formats>",
      "with --out: also write the outcomes in the format of other tools: lm-eval",
      names,
    )
    .addOption(breakLock())
    .addOption(device())
    .addOption(threads().argParser(whole(1)))
    .optionsGroup("In parts:")
    .addOption(
      option(
        "--shards <n>",
        "split the examples into n parts that run as separate processes; their results are merged, and finished parts " +
          "are not repeated",
        { parse: whole(1), usual: "one process" },
      ),
    )
    .option("--executor <name>", "with --shards: where the parts run, local or slurm", "local")
    .addOption(
      option("--workers <n>", "with --executor local: number of parts that run at the same time", {
        parse: whole(1),
        usual: "cores divided by --threads",
      }),
    )
    .option(
      "--slurm <key=value>",
      "with --executor slurm: a job parameter, such as slurm_partition=gpu; may be repeated",
      pairs,
    )
    .addOption(new Option("--shard <part>").hideHelp())
    .addOption(new Option("--in <dir>").hideHelp())
    .addOption(new Option("--events").hideHelp())
    .optionsGroup("Engine:");
  for (const each of engineOptions()) command.addOption(each);
  command
    .addHelpText(
      "after",
      examples(
        "lintel audit --model models/joint --data data/tetris --limit 300",
        "lintel audit --model models/joint --data data/tetris --suites trt --out audits/joint",
        "lintel audit --model checkpoints/mine --data vstar_bench --map vstar --out audits/vstar",
        "lintel audit --model models/joint --data data/tetris --interventions 'blend(0.5)' --dry-run",
        "lintel audit --model models/joint --data data/tetris --out audits/parts --shards 8 --executor slurm",
      ),
    )
    .action((options: AuditOptions, command) => {
      if (options.events)
        return asWorker(context, true, (onProgress) => runPart(options, context, onProgress));
      return perform(context, command, async ({ onProgress, signal, log }) => {
        const { auditModel, planAudit, planBudget, withBudget } = await import("../../audit/index.ts");
        const { LintelError } = await import("../../util/index.ts");
        const { interventions: named, suites } = options;
        const onWarning = (warning: string): void => log(`lintel: ${warning}`);
        const onLine = (line: string): void => log(`engine: ${line}`);
        const tools = { onProgress, signal, onWarning, onLine };
        const inParts = options.shards !== undefined && !options.dryRun;
        ensure(!inParts || options.budget === undefined, "usage", () => ({
          where: "--budget",
          expected: "an audit in one process",
          got: "--shards",
          attempt: "--budget with --dry-run, then its suites and interventions with --shards",
        }));
        const asked = inParts ? null : await auditRequest(options, tools);
        const budget =
          asked && options.budget !== undefined ? await planBudget(asked, options.budget) : undefined;
        const request = asked && budget ? { ...withBudget(asked, budget), budget } : asked;
        if (request && options.dryRun) {
          const plan = await planAudit(request);
          const { dryRunText } = await import("../dry-run-text.ts");
          const text = dryRunText(plan);
          if (!budget) return { text, json: plan };
          const { budgetText } = await import("../budget-text.ts");
          return { text: `${budgetText(budget)}\n\n${text}`, json: { ...plan, budget } };
        }
        const result = request
          ? await auditModel(request)
          : await auditInParts(options, command.parent?.rawArgs ?? [], tools);
        const page = await writePage(options, dataOf(options));
        const onlyOwn = (names: readonly string[]): boolean => names.every((name) => name === "own");
        const only = named !== undefined && onlyOwn(named) && !suites;
        if (onlyOwn(Object.keys(result.interventions)) && !result.notApplied && !only)
          throw new LintelError("checkpoint", {
            where: options.model,
            id: "E_NO_LATENT_BLOCK",
            expected: "a model that opens a latent block",
            got: `none in ${result.n} examples`,
            attempt:
              "--family and the prompt format of the training data; --interventions own still measures accuracy",
          });
        const { skipped = [] } = result;
        if (skipped.length > 0)
          onWarning(
            `${skipped.length} of ${result.n + skipped.length} examples could not be used and are left out; ` +
              `the first, ${skipped[0]!.example}: ${skipped[0]!.reason}`,
          );
        const { questionWarnings } = await import("../../audit/index.ts");
        for (const warning of result.questions ? questionWarnings(result.questions) : []) onWarning(warning);
        const { resultText } = await import("../result-text.ts");
        const text = resultText(result, { directory: options.out, page, width: context.err.columns });
        if (!budget) return { text, json: result };
        const { budgetText } = await import("../budget-text.ts");
        return { text: `${text}\n${budgetText(budget)}`, json: result };
      });
    });
  renamedOption(command, context, "--sister <dir>", "--text-baseline");
  renamedOption(command, context, "--suite <list>", "--suites");
};

/** Writes report.html into --out, with the images of its examples, and the explorer's index; undefined without --out. */
async function writePage(
  { model, out, seed = 0 }: AuditOptions,
  data: DataRequest,
): Promise<string | undefined> {
  if (out === undefined) return undefined;
  const { readAuditData } = await import("../../audit/index.ts");
  const { writeAuditPage } = await import("../../report/index.ts");
  const { keepIndex } = await import("../../explorer/index.ts");
  const { examples } = await readAuditData(data, seed);
  await keepIndex(out);
  return writeAuditPage(out, { title: model, examples });
}

/** Runs an audit as jobs of an executor. `rawArgs`: the command line, which every job gets without what splits it. */
async function auditInParts(
  options: AuditOptions,
  rawArgs: readonly string[],
  { onProgress, signal }: AuditTools,
): Promise<AuditResult> {
  const { out, shards = 1, executor, slurm, breakLock } = options;
  const { runShardedAudit } = await import("../../study/index.ts");
  ensure(out !== undefined, "usage", () => ({
    where: "--shards",
    expected: "a directory where parts come together",
    got: "none",
    attempt: "--out DIR",
  }));
  // The last bits of a product depend on the number of threads, which is the same for all parts.
  const cores = executor === "local" ? usableCores() : Number(slurm?.cpus_per_task ?? 1);
  const threads = options.threads ?? cores;
  const workers = options.workers ?? Math.max(1, Math.floor(usableCores() / threads));
  const split = ["--out", "--shards", "--executor", "--workers", "--slurm", "--threads"];
  const argv = [...withoutOptions(rawArgs, split), "--threads", String(threads)];
  return runShardedAudit({ out, shards, executor, workers, slurm, breakLock, argv, onProgress, signal });
}

/** One part of an audit, for an executor. */
async function runPart(options: AuditOptions, { signal }: Context, onProgress: OnProgress): Promise<void> {
  const { auditModel, auditShard, shardFrom } = await import("../../audit/index.ts");
  if (options.in !== undefined) process.chdir(options.in);
  const quiet = { onWarning: (): void => undefined, onLine: (): void => undefined };
  const request = await auditRequest(options, { onProgress, signal, ...quiet });
  if (options.shard === undefined) {
    await auditModel(request);
    return;
  }
  const shard = shardFrom(options.shard);
  const { phase, index, of } = shard;
  if (phase === "rest") {
    await auditModel({ ...request, shard: { ...shard, phase } });
    return;
  }
  const output = {
    directory: options.out,
    breakLock: options.breakLock,
    label: `${phase} ${index + 1}/${of}`,
  };
  await auditShard({ ...request, output, shard });
}
