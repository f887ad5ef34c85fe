import type { ExportName } from "../../audit/index.ts";
import type { PixelsOf } from "../../reasoning/index.ts";
import { type AddCommand, breakLock, device, examples, option, renamedOption, threads } from "../command.ts";
import { names, namesWithValues, positive, seedOrNone, shareBetween, whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options {
  model: string;
  data: string;
  split?: string;
  map?: string;
  shuffleOptions?: number | "none";
  export?: string[];
  interventions?: string[];
  suites?: string[];
  textBaseline?: string;
  corruptImage?: boolean;
  dryRun?: boolean;
  limit?: number;
  skip?: number;
  look?: number;
  out?: string;
  seed?: number;
  threads?: number;
  device: string;
  weights?: string;
  download?: boolean;
  family?: string;
  repetitionPenalty?: number;
  maxTokens?: number;
  minPixels?: number;
  maxPixels?: number;
  pixels?: PixelsOf;
  oracleModel?: string;
  starvedShare?: number;
  breakLock?: boolean;
}

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
        "rules for the checkpoint's latent blocks: lantern, lvr (lvr-none, lvr-latent), mirage, ilvr, monet " +
          "(monet-transformers), skila, covt, livr, swimbird, coconut, base (no latents), or a YAML file",
        { usual: "detected from config.json" },
      ),
    )
    .addOption(
      option("--weights <format>", "weight quantization: float32, int8 or int4", { usual: "float32" }),
    )
    .option(
      "--oracle-model <dir>",
      "network that computed the training targets: required for oracle latents of skila (SigLIP2), recommended for " +
        "those of ilvr (its teacher; a stand-in is used without it)",
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
        "with --map: seed of the order in which options are listed, or none for the order of the file",
        { parse: seedOrNone, usual: "shuffled where the mapping says so" },
      ),
    )
    .addOption(
      option(
        "--pixels <source>",
        "where the limits on image size come from: the family's published evaluation, or the checkpoint's " +
          "preprocessor_config.json",
        { choices: ["family", "checkpoint"], usual: "family, or checkpoint for models that Lintel trained" },
      ),
    )
    .option("--min-pixels <n>", "smallest area of a resized image in pixels, overrides --pixels", whole(1))
    .option("--max-pixels <n>", "largest area of a resized image in pixels, overrides --pixels", whole(1))
    .option("--corrupt-image", "with --map: black out the helper's source region in the input image")
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
        "mediation, knockout, dose, gradient, full",
      names,
    )
    .option(
      "--text-baseline <dir>",
      "checkpoint trained on the same data without latents; paired comparison per example",
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
        "--starved-share <share>",
        "a model counts as starved if its own latents close at most this share of the accuracy gap from the best " +
          "in-distribution control to the oracle",
        { parse: shareBetween, usual: "0.1" },
      ),
    )
    .optionsGroup("Output and device:")
    .option(
      "--out <dir>",
      "write outcomes, latents, audit.json and verdict.md there; rerun the same command to resume",
    )
    .option("--export <formats>", "also write outcomes for other tools to --out: lm-eval", names)
    .addOption(breakLock())
    .addOption(device())
    .addOption(threads().argParser(whole(1)))
    .addHelpText(
      "after",
      examples(
        "lintel audit --model models/joint --data data/tetris --limit 300",
        "lintel audit --model models/joint --data data/tetris --suites trt --out audits/joint",
        "lintel audit --model checkpoints/mine --data vstar_bench --map vstar --out audits/vstar",
        "lintel audit --model models/joint --data data/tetris --interventions 'blend(0.5)' --dry-run",
      ),
    )
    .action((options: Options, command) =>
      perform(context, command, async ({ onProgress, signal, log }) => {
        const { auditModel, planAudit, readInterventions } = await import("../../audit/index.ts");
        const { defined, LintelError, usableCores } = await import("../../util/index.ts");
        const { deviceNamed } = await import("../../graph/index.ts");
        const { usableDevice } = await import("../devices.ts");
        const { weightFormatNamed } = await import("../../qwen/index.ts");
        const { resolveModel } = await import("../../hub/index.ts");
        const { interventions: named, suites, weights: format, shuffleOptions: order } = options;
        const hub = { download: options.download === true, onProgress, signal };
        const { device: deviceName, oracleModel } = options;
        const onWarning = (warning: string): void => log(`lintel: ${warning}`);
        const directory = await resolveModel(options.model, hub);
        const model = {
          directory,
          ...defined({
            family: options.family,
            repetitionPenalty: options.repetitionPenalty,
            maxTokens: options.maxTokens,
            minPixels: options.minPixels,
            maxPixels: options.maxPixels,
            pixels: options.pixels,
            weights: format === undefined ? undefined : weightFormatNamed(format),
            oracleModel: oracleModel === undefined ? undefined : await resolveModel(oracleModel, hub),
            textBaseline: options.textBaseline,
          }),
        };
        const request = {
          data: {
            directory: options.data,
            split: options.split,
            map: options.map,
            shuffleOptions: order === "none" ? null : order,
            corruptImage: options.corruptImage,
            limit: options.limit,
            skip: options.skip,
          },
          interventions: { ...(named && (await readInterventions(named))), ...(suites && { suites }) },
          verdict: defined({ look: options.look, starvedShare: options.starvedShare }),
          output: {
            directory: options.out,
            exports: options.export as ExportName[] | undefined,
            breakLock: options.breakLock,
          },
          seed: options.seed,
          onWarning,
        };
        if (options.dryRun) {
          const plan = await planAudit({ ...request, model: { ...model, device: deviceNamed(deviceName) } });
          const { dryRunText } = await import("../dry-run-text.ts");
          return { text: dryRunText(plan), json: plan };
        }
        const usable = await usableDevice(deviceName, { signal });
        const result = await auditModel({
          ...request,
          model: { ...model, threads: options.threads ?? usableCores(), device: usable },
          onProgress,
          signal,
        });
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
        const { auditText } = await import("../audit-text.ts");
        const { suitesText } = await import("../suites-text.ts");
        const text = [
          auditText(result),
          ...(result.suites ? [suitesText(result.suites)] : []),
          ...(options.out === undefined
            ? []
            : [`Files: ${options.out} (verdict.md, table.md, audit.json, outcomes.jsonl)`]),
        ].join("\n\n");
        return { text, json: result };
      }),
    );
  renamedOption(command, context, "--sister <dir>", "--text-baseline");
  renamedOption(command, context, "--suite <list>", "--suites");
};
