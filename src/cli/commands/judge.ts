import { type AddCommand, breakLock, examples, option } from "../command.ts";
import { names, pairs, shareBetween, whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options {
  latents?: string;
  split?: string;
  chance?: number;
  reader?: string;
  rename?: Record<string, string>;
  custom?: string[];
  allowMissing?: boolean;
  metric?: string;
  filter?: string;
  look?: number;
  starvedShare?: number;
  slice?: string[];
  seed?: number;
  out?: string;
  breakLock?: boolean;
}

/** `lintel judge FILE…` */
export const judge: AddCommand = (program, context) => {
  program
    .command("judge")
    .argument("<files...>", "files of outcomes; INTERVENTION=FILE where the rows name no intervention")
    .summary("judge outcomes that another program made")
    .description(
      "Gives outcomes of any evaluation loop the statistics, guards and verdict of an audit. Reads rows of example, " +
        "intervention and choice or correctness (JSON Lines, CSV, Parquet), sample logs of lm-eval and lmms-eval, " +
        "prediction tables of VLMEvalKit, and outcomes.jsonl of an audit.",
    )
    .optionsGroup("Outcomes:")
    .option("--latents <file>", "safetensors with own (and oracle) latents [n, K, D], ids in its metadata")
    .addOption(option("--split <name>", "what the examples are called", { usual: "eval" }))
    .option("--chance <share>", "accuracy of guessing, for rows without options", shareBetween)
    .addOption(
      option("--reader <name>", "reads the option from replies of rows without a choice", {
        usual: "vlmevalkit",
      }),
    )
    .option(
      "--rename <KEY=VALUE>",
      "read an intervention under another name, e.g. baseline=own; may be repeated",
      pairs,
    )
    .option("--custom <list>", "names of custom interventions", names)
    .option("--allow-missing", "accept examples that lack an intervention")
    .option("--metric <name>", "of sample logs: the metric that says whether a reply is right")
    .addOption(
      option("--filter <name>", "of sample logs: the filter of replies", { usual: "exact, or the first" }),
    )
    .optionsGroup("Statistics:")
    .addOption(
      option("--look <k>", "this is the k-th judgment of the same examples", { parse: whole(1), usual: "1" }),
    )
    .addOption(option("--starved-share <share>", "as in lintel audit", { parse: shareBetween, usual: "0.1" }))
    .option(
      "--slice <files>",
      "as in lintel audit: also report differences on these lists of examples",
      names,
    )
    .addOption(option("--seed <s>", "seed of the retrieval gallery", { parse: whole(0), usual: "0" }))
    .optionsGroup("Output:")
    .option("--out <dir>", "write outcomes, audit.json, verdict.md and report.html there")
    .addOption(breakLock())
    .addHelpText(
      "after",
      examples(
        "lintel judge audits/joint/outcomes.jsonl --latents audits/joint/latents.safetensors",
        "lintel judge my-outcomes.jsonl --out audits/mine",
      ),
    )
    .action((given: string[], options: Options, command) =>
      perform(context, command, async ({ log }) => {
        const { judgeFiles, readSlices } = await import("../../audit/index.ts");
        const { defined } = await import("../../util/index.ts");
        const { existsSync } = await import("node:fs");
        const files = given.map((text) => {
          const at = text.indexOf("=");
          return at > 0 && !existsSync(text)
            ? { intervention: text.slice(0, at), path: text.slice(at + 1) }
            : { path: text };
        });
        const { look, starvedShare, out, breakLock, slice, ...rest } = options;
        const result = await judgeFiles({
          ...rest,
          files,
          ...(slice && { slices: await readSlices(slice) }),
          verdict: defined({ look, starvedShare }),
          output: { directory: out, breakLock },
        });
        const { resultText } = await import("../result-text.ts");
        const page = out === undefined ? undefined : await writePage(out, log);
        const text = resultText(result, { directory: out, page, width: context.err.columns });
        return { text, json: result };
      }),
    );
};

/** Writes the page beside the result. */
async function writePage(directory: string, log: (text: string) => void): Promise<string> {
  const { writeAuditPage } = await import("../../report/index.ts");
  const { keepIndex } = await import("../../explorer/index.ts");
  log("lintel: writing report.html");
  await keepIndex(directory);
  return writeAuditPage(directory, { title: directory });
}
