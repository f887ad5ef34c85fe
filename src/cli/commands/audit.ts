import { Option } from "commander";
import type { ExportName } from "../../audit/index.ts";
import type { PixelsOf } from "../../reasoning/index.ts";
import {
  BREAK_LOCK_HELP,
  DEVICE_HELP,
  names,
  outsideBrackets,
  positive,
  seedOrNone,
  shareBetween,
  whole,
} from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  model: string;
  data: string;
  split?: string;
  map?: string;
  shuffleOptions?: number | "none";
  export?: string[];
  interventions?: string[];
  suite?: string[];
  sister?: string;
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
  program
    .command("audit")
    .summary("does this checkpoint use its latents?")
    .description(
      "Answers every example of a split under interventions on the latent block, and judges from the " +
        "differences whether the latents carry load.",
    )
    .requiredOption("--model <dir>", "checkpoint directory, or org/name[@revision] of the Hugging Face Hub")
    .requiredOption("--data <dir>", "dataset directory")
    .option(
      "--split <name>",
      "split of the dataset (eval; of a benchmark the one that is there to be tested)",
    )
    .option(
      "--map <name|file>",
      "read a benchmark: viscot-mc, blink, vstar, mmvp, hr-bench, … or a YAML file",
    )
    .option(
      "--shuffle-options <seed>",
      "with --map: list options in random order, or `none` (default: where the benchmark needs it)",
      seedOrNone,
    )
    .option("--export <formats>", "with --out: outcomes for other tools as well (lm-eval)", names)
    .option(
      "--interventions <names>",
      "interventions with commas between them, blend(0.5) with their values, or JSON files of your own " +
        "(default: what a verdict rests on, and the usual controls)",
      outsideBrackets,
    )
    .option(
      "--suite <names>",
      "suites: viveiros, trt, markers, prism, mediation, knockout, dose, gradient, full",
      names,
    )
    .option("--corrupt-image", "with --map: the part of the input that a helper was cut out of is black")
    .option("--sister <dir>", "a model trained on the same data with words alone: compared by example")
    .option(
      "--dry-run",
      "show one question as the model will read it, say what would be replaced where, and stop",
    )
    .option("--limit <n>", "audit at most this many examples of the split", whole(1))
    .option(
      "--skip <n>",
      "leave out the first examples of the split: fresh ones for a further audit",
      whole(0),
    )
    .option(
      "--look <k>",
      "2 for the second audit that uses the same examples, and so on: tests take place at a smaller level (1)",
      whole(1),
    )
    .option("--out <dir>", "keep outcomes, latents and audit.json there; an audit that was stopped goes on")
    .option("--seed <s>", "seed of everything random (0)", whole(0))
    .option("--threads <n>", "threads of matrix products (default: one per core)", whole(1))
    .option("--device <name>", DEVICE_HELP, "cpu")
    .option(
      "--family <name|file>",
      "how the checkpoint's latent blocks are decoded: lantern, lvr (lvr-none, lvr-latent), mirage, ilvr, monet " +
        "(monet-transformers), skila, covt, livr, swimbird, coconut, base, or a YAML file (docs/families.md; " +
        "default: what config.json says)",
    )
    .option(
      "--repetition-penalty <p>",
      "penalty on ids of prompt and reply (default: the family's evaluation, else generation_config.json)",
      positive,
    )
    .option(
      "--max-tokens <n>",
      "ids at which a reply is given up (default: the family's evaluation)",
      whole(1),
    )
    .addOption(
      new Option(
        "--pixels <whose>",
        "bounds of images: those of the family's own evaluation (docs/families.md), or preprocessor_config.json's " +
          "(default: family; checkpoints that Lintel trained keep their own)",
      ).choices(["family", "checkpoint"]),
    )
    .option("--min-pixels <n>", "smallest area of an image after resizing, instead of those bounds", whole(1))
    .option("--max-pixels <n>", "largest area of an image after resizing, instead of those bounds", whole(1))
    .option(
      "--oracle-model <dir>",
      "the network that training took its targets from: ilvr's teacher, skila's SigLIP2 (docs/families.md)",
    )
    .option(
      "--starved-share <share>",
      "own latents of a starved model close at most this share of the way from the best dummy to the oracle\n(0.1)",
      shareBetween,
    )
    .option("--weights <form>", "float32, or rounded to int8 or int4 for machines that cannot hold the model")
    .option("--break-lock", BREAK_LOCK_HELP)
    .option("--download", "fetch what the Hub's cache lacks of the model; nothing is fetched without")
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  $ lintel audit --model models/joint --data data/tetris --limit 300\n" +
        "  $ lintel audit --model models/joint --data data/tetris --suite trt,gradient --out audits/joint\n" +
        "  $ lintel audit --model checkpoints/mine --data vstar_bench --map vstar --out audits/vstar --export lm-eval\n" +
        "  $ lintel audit --model models/joint --data data/tetris --interventions 'blend(0.5),mine.json' --dry-run",
    )
    .action((options: Options, command) =>
      perform(context, command, async ({ onProgress, signal, log }) => {
        const { auditModel, planAudit, readInterventions } = await import("../../audit/index.ts");
        const { usableCores } = await import("../../util/index.ts");
        const { deviceNamed } = await import("../../graph/index.ts");
        const { usableDevice } = await import("../devices.ts");
        const { weightFormatNamed } = await import("../../qwen/index.ts");
        const {
          interventions: named,
          suite: suites,
          dryRun,
          weights: form,
          export: formats,
          shuffleOptions: order,
          download,
          ...rest
        } = options;
        const { resolveModel } = await import("../../hub/index.ts");
        const asked = { download: download === true, onProgress, signal };
        rest.model = await resolveModel(rest.model, asked);
        if (rest.oracleModel !== undefined) rest.oracleModel = await resolveModel(rest.oracleModel, asked);
        const weights = form === undefined ? {} : { weights: weightFormatNamed(form) };
        const onWarning = (warning: string): void => log(`lintel: ${warning}`);
        const chosen = {
          ...rest,
          ...weights,
          onWarning,
          ...(named && (await readInterventions(named))),
          ...(suites && { suites }),
          ...(order !== undefined && { shuffleOptions: order === "none" ? null : order }),
          ...(formats && { exports: formats as ExportName[] }),
        };
        if (dryRun) {
          const plan = await planAudit({ ...chosen, device: deviceNamed(rest.device) });
          const { dryRunText } = await import("../dry-run-text.ts");
          return { text: dryRunText(plan), json: plan };
        }
        const device = await usableDevice(rest.device, { signal });
        const result = await auditModel({ threads: usableCores(), ...chosen, device, onProgress, signal });
        const { skipped = [] } = result;
        if (skipped.length > 0)
          onWarning(
            `${skipped.length} of ${result.n + skipped.length} examples could not be asked and are left out; ` +
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
};
