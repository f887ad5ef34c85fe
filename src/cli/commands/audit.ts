import { Option } from "commander";
import type { DataRequest } from "../../audit/index.ts";
import { ensure } from "../../util/index.ts";
import { type AuditOptions, auditRequest, dataOf, warnWithoutVerdict } from "../audit-request.ts";
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
import { modelOptions } from "../model-options.ts";
import { names, namesWithValues, pairs, positive, seedOrNone, shareBetween, whole } from "../options.ts";
import { perform } from "../perform.ts";
import { asWorker } from "../worker.ts";
import { auditInParts, refuseWithoutShards, runPart } from "./audit-parts.ts";
import { suiteHelp } from "./suite-help.ts";

/** `lintel audit --model DIR --data DIR` */
export const audit: AddCommand = (program, context) => {
  const command = program
    .command("audit")
    .summary("test whether a checkpoint uses its latents")
    .description(
      "Decodes every example of a split once with the model's own latents and once under each intervention on the latent " +
        "block (zeros, noise, another example's latents, …), compares the accuracies with paired tests, and gives a " +
        "verdict: load-bearing (replacing the latents lowers the accuracy), bypassed (it changes the accuracy by less than 2 " +
        "percentage points, by equivalence tests), starved (oracle latents, the features of the helper image, raise the " +
        "accuracy; the model's own do not) or inconclusive. Decoding is greedy, in batches that fit into memory. Most audits " +
        "need only --model, --data, --map (for data that Lintel did not generate) and --out, and models of several billion " +
        "parameters also --engine torch and --python; try --dry-run first.",
    )
    .optionsGroup("Model:")
    .requiredOption(
      "--model <dir|id>",
      "checkpoint directory, or org/name[@revision] of the Hugging Face Hub. With --engine onnx a Hub id is read from the " +
        "local cache (see --download); with --engine torch the directory is an absolute path on the machine of --python, and " +
        "transformers resolves a Hub id there (required)",
    )
    .addOption(
      modelOptions.family("detected from config.json and the tokenizer, with an error where that fails"),
    )
    .addOption(modelOptions.weights("float32"))
    .addOption(modelOptions.oracleModel())
    .addOption(modelOptions.download())
    .optionsGroup("Data:")
    .requiredOption(
      "--data <dir>",
      "directory made by lintel generate, or with --map a benchmark as downloaded from the Hub, or any file or directory " +
        "of records: Parquet, JSON Lines, JSON, CSV, TSV, Arrow or tar (required)",
    )
    .addOption(modelOptions.map(". Without helper images there is no oracle, and starved cannot be reported"))
    .addOption(
      option("--split <name>", "split to audit", { usual: "eval, or with --map the benchmark's test split" }),
    )
    .addOption(
      option("--limit <n>", "use at most n examples, counted after --skip", {
        parse: whole(1),
        usual: "all",
      }),
    )
    .addOption(
      option("--skip <n>", "leave out the first n examples, for example those of an earlier audit", {
        parse: whole(0),
        usual: "0",
      }),
    )
    .addOption(
      option(
        "--shuffle-options <seed|none>",
        "with --map: shuffle the answer options of multiple-choice questions with this seed, or keep the order of the file (none)",
        {
          parse: seedOrNone,
          usual: "the field shuffle of the mapping, with the seed of --seed",
        },
      ),
    )
    .addOption(modelOptions.pixels("family, or checkpoint for models that Lintel trained"))
    .addOption(modelOptions.minPixels())
    .addOption(modelOptions.maxPixels())
    .option(
      "--corrupt-image",
      "with --map, for benchmarks that give the box of the helper image in the input, such as viscot-mc: black out that box in " +
        "the input image under every intervention, so that only oracle latents contain it",
    )
    .optionsGroup("Interventions:")
    .addOption(
      option(
        "--interventions <list>",
        "comma-separated interventions, or JSON files that define some (docs/interventions.md). Replaces the standard set; with " +
          "--suites, is added to the suites. own (the model's own latents) is always run. No verdict but inconclusive is " +
          "possible without zeros, noise, noise-matched, mean and other-own, and starved also needs oracle. `lintel " +
          "interventions` describes all and marks the 13 of the standard set",
        { parse: namesWithValues, usual: "the standard set; with --suites those of the suites" },
      ),
    )
    .option(
      "--suites <list>",
      "comma-separated suites, listed below, to run instead of the standard set. A suite is a set of interventions with an " +
        "analysis and a conclusion. Those with * include the interventions that a verdict needs; to have the verdict with " +
        "another one, name both, for example viveiros,markers",
      names,
    )
    .option(
      "--text-baseline <dir>",
      "checkpoint that was trained on the same data without latents (Hub ids as for --model): it answers the same examples, " +
        "and the paired difference of the accuracies is reported. Its family is detected; the verdict does not depend on it",
    )
    .option(
      "--dry-run",
      "print one prompt, the options in force, the memory needed (with --engine torch also the time), and to how many " +
        "examples each intervention applies, then exit; no weights are read",
    )
    .addOption(
      option(
        "--budget <minutes>",
        "wall-clock time to fill, in minutes (estimated), instead of running the standard set. Always runs the interventions " +
          "that a verdict needs (an error if these alone take longer) and --interventions. The time that remains goes to " +
          "--suites, or without --suites to all suites and controls of docs/controls.md, in the order of log2(number of " +
          "possible conclusions) per minute. No examples are dropped; what is left out is listed",
        { parse: positive },
      ),
    )
    .optionsGroup("Decoding and statistics:")
    .addOption(modelOptions.maxTokens("that of the family's published evaluation; --dry-run prints it"))
    .addOption(
      modelOptions.repetitionPenalty(
        "that of the family's published evaluation, else of generation_config.json",
      ),
    )
    .addOption(
      option(
        "--seed <s>",
        "seed of all random numbers: noise, the choice of other examples whose latents are used, the order of answer options",
        {
          parse: whole(0),
          usual: "0",
        },
      ),
    )
    .addOption(
      option(
        "--look <k>",
        "1 + the number of earlier audits whose results you have seen and that have examples in common with this one, of this " +
          "model or of any that it was developed from (an earlier checkpoint, a training repeated after seeing a result), " +
          "whichever suites they ran. Lintel cannot check it. The significance level is 0.05 at look 1, 0.005 at look 2 and " +
          "half of the one before at each further look. A resumed audit does not count. With --looks: the number of the stage",
        { parse: whole(1), usual: "1" },
      ),
    )
    .addOption(
      option(
        "--looks <n>",
        "number of stages of a group-sequential design, planned before the first: n equal parts of the examples, of which stage " +
          "k audits the first k (--look k --limit of their number), with a new --out. Give the same n in every stage, and stop " +
          "at the first verdict that is not inconclusive. The significance levels of all stages add up to 0.05; `lintel plan " +
          "--looks n` prints them. 1 is a single stage",
        { parse: whole(1), usual: "1" },
      ),
    )
    .addOption(
      option(
        "--starved-share <share>",
        "for the verdict starved: the largest share of the gap to the oracle that own latents may close, (own − C) / (oracle − " +
          "C), where C is the best accuracy of noise-matched, mean and other-own; shown by a one-sided test at the " +
          "significance level. The oracle must also beat every control. Lower is stricter",
        { parse: shareBetween, usual: "0.1" },
      ),
    )
    .option(
      "--slice <files>",
      "also report accuracies and paired differences on subsets, one for each of these comma-separated text files, which have " +
        "one example id per line (`lintel outcomes --ids` and the explorer write such files). The verdict does not depend " +
        "on them",
      names,
    )
    .optionsGroup("Output and device:")
    .option(
      "--out <dir>",
      "directory for the results (audit.json, verdict.md, outcomes, latents, report.html); rerun the same command to " +
        "resume; without it the result is only printed, and an interrupted audit starts again",
    )
    .option(
      "--export <formats>",
      "with --out: also write the outcomes for other tools; the only format is lm-eval (results_*.json, samples_*.jsonl)",
      names,
    )
    .addOption(breakLock())
    .addOption(device(undefined, "with --engine onnx: "))
    .addOption(threads("with --engine onnx: ").argParser(whole(1)))
    .optionsGroup("Parallel execution:")
    .addOption(
      option(
        "--shards <n>",
        "with --out: split the examples into n parts that run as separate processes, as many at a time as --workers says. " +
          "Each loads the model (with --engine torch, each starts --python); their results are merged, and finished parts are " +
          "not repeated",
        { parse: whole(1), usual: "one process" },
      ),
    )
    .addOption(
      option(
        "--executor <name>",
        "with --shards: where the parts run. local: processes on this machine. slurm: array jobs that this command submits with " +
          "sbatch, monitors and collects; if it was stopped, rerun it to continue monitoring. The compute nodes need Node, and " +
          "--model, --data, --out and this installation on a shared file system; with --engine torch, --python is the path of a " +
          "Python on the nodes, without srun",
        {
          choices: ["local", "slurm"],
          usual: "local",
        },
      ),
    )
    .addOption(
      option(
        "--workers <n>",
        "with --executor local: number of parts that run at the same time. Each loads a copy of the model (with --engine torch, " +
          "on --device-map), so that the memory multiplies",
        {
          parse: whole(1),
          usual: "1, or cores / threads if --threads is given",
        },
      ),
    )
    .option(
      "--slurm <key=value>",
      "with --executor slurm: one parameter of the jobs: slurm_partition, timeout_min, mem_gb, " +
        "cpus_per_task, gpus_per_node or array_parallelism; may be repeated. sbatch reads all others from the " +
        "environment, such as SBATCH_ACCOUNT, SBATCH_QOS and SBATCH_CONSTRAINT",
      pairs,
    )
    .addOption(new Option("--shard <part>").hideHelp())
    .addOption(new Option("--in <dir>").hideHelp())
    .addOption(new Option("--events").hideHelp())
    .optionsGroup("Engine:");
  for (const each of engineOptions()) command.addOption(each);
  command
    .addHelpText("after", () => suiteHelp(command))
    .addHelpText(
      "after",
      examples(
        "lintel audit --model models/joint --data data/tetris --limit 300",
        "lintel audit --model models/joint --data data/tetris --suites trt --out audits/joint",
        "lintel audit --model checkpoints/mine --data vstar_bench --map vstar --out audits/vstar",
        "lintel audit --model models/joint --data data/tetris --suites viveiros --interventions 'blend(0.5)' --dry-run",
        "lintel audit --model models/joint --data data/tetris --looks 3 --look 1 --limit 400 --out audits/stage-1",
        "lintel audit --model /models/mine --engine torch --python 'ssh gpu01 /env/bin/python' --data vstar_bench --map vstar --out audits/vstar",
        "lintel audit --model /models/mine --engine torch --python /env/bin/python --data vstar_bench --map vstar --out audits/parts --shards 8 --executor slurm --slurm slurm_partition=gpu --slurm gpus_per_node=1",
      ),
    )
    .action((options: AuditOptions, command) => {
      if (options.events)
        return asWorker(context, true, (onProgress) => runPart(options, context, onProgress));
      return perform(context, command, async ({ onProgress, signal, log }) => {
        const { auditModel, missingForVerdict, planAudit, planBudget, withBudget } = await import(
          "../../audit/index.ts"
        );
        const { LintelError } = await import("../../util/index.ts");
        const { interventions: named, suites } = options;
        const onWarning = (warning: string): void => log(`lintel: ${warning}`);
        const onLine = (line: string): void => log(`engine: ${line}`);
        const tools = { onProgress, signal, onWarning, onLine };
        refuseWithoutShards(options);
        const inParts = options.shards !== undefined && !options.dryRun;
        ensure(!inParts || options.budget === undefined, "usage", () => ({
          where: "--budget",
          expected: "an audit in one process",
          got: "--shards",
          attempt: "--budget with --dry-run, then the options that it prints, with --shards",
        }));
        const asked = inParts ? null : await auditRequest(options, tools);
        const budget =
          asked && options.budget !== undefined ? await planBudget(asked, options.budget) : undefined;
        const chosen = asked && budget ? { ...withBudget(asked, budget), budget } : null;
        if (chosen) warnWithoutVerdict(missingForVerdict(chosen.interventions), onWarning);
        const request = chosen ?? asked;
        if (request && options.dryRun) {
          const plan = await planAudit(request);
          const { dryRunText } = await import("../dry-run-text.ts");
          const { lastEstimate, noteEstimate } = await import("../estimates.ts");
          const last = plan.engine ? await lastEstimate(options) : null;
          if (plan.engine?.seconds) await noteEstimate(options, plan.engine.seconds);
          const text = dryRunText(plan, last);
          if (!budget) return { text, json: plan };
          const { budgetOptions, budgetText } = await import("../budget-text.ts");
          const same = await budgetOptions(budget, named);
          return { text: `${budgetText(budget)}\n${same}\n\n${text}`, json: { ...plan, budget } };
        }
        const { timed } = await import("../estimates.ts");
        const result = request
          ? await timed(options, () => auditModel(request))
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
