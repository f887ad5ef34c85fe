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
      "Applies the statistics, guards and verdict of an audit to outcomes of any evaluation loop. Reads one row per example " +
        'and intervention, such as {"example": 1, "intervention": "zeros", "correct": true} or {"example": 1, ' +
        '"intervention": "zeros", "choice": 2, "answer": 0} (JSON Lines, CSV or Parquet; all fields: ' +
        "docs/outcomes.schema.json), sample logs of lm-eval and lmms-eval, prediction tables of VLMEvalKit, and " +
        "outcomes.jsonl of an audit.",
    )
    .optionsGroup("Outcomes:")
    .option(
      "--latents <file>",
      "safetensors with the tensors own and, if there are any, oracle, of shape [examples, slots, width]; examples in the order of the metadata (docs/how-to/judge-outcomes.md)",
    )
    .addOption(option("--split <name>", "name of the split in the results", { usual: "eval" }))
    .option(
      "--chance <share>",
      "accuracy of guessing, between 0 and 1 (e.g. 0.25), for rows without options",
      shareBetween,
    )
    .addOption(
      option(
        "--reader <name>",
        "how the chosen option is parsed from the replies of rows without a choice: as the evaluation of a family does (lvr, mirage, …), or vlmevalkit",
        {
          usual: "vlmevalkit",
        },
      ),
    )
    .option(
      "--rename <KEY=VALUE>",
      "read an intervention under another name, e.g. baseline=own; may be repeated",
      pairs,
    )
    .option(
      "--custom <list>",
      "comma-separated interventions to accept although `lintel interventions` does not list them",
      names,
    )
    .option(
      "--allow-missing",
      "accept examples that lack an intervention; each paired comparison uses the examples that have both",
    )
    .option(
      "--metric <name>",
      "for sample logs: the metric that says whether a reply is right (default: the first of the log's own list, else acc, exact_match, …)",
    )
    .addOption(
      option("--filter <name>", "for sample logs: the filter whose replies are read", {
        usual: "the filter named exact, else the first",
      }),
    )
    .optionsGroup("Statistics:")
    .addOption(
      option(
        "--look <k>",
        "which look at these examples this is, counted from 1; the significance level is 0.05 at the first, 0.005 at the second and half of the one before at each further one",
        { parse: whole(1), usual: "1" },
      ),
    )
    .addOption(
      option(
        "--starved-share <share>",
        "for the verdict starved: the largest share of the gap to the oracle that own latents may close",
        { parse: shareBetween, usual: "0.1" },
      ),
    )
    .option(
      "--slice <files>",
      "comma-separated text files, each with one example id per line: also report differences on each of these subsets",
      names,
    )
    .addOption(
      option(
        "--seed <s>",
        "seed for sampling the candidates of the retrieval measurement (own latents to their oracle)",
        { parse: whole(0), usual: "0" },
      ),
    )
    .optionsGroup("Output:")
    .option("--out <dir>", "directory for outcomes, audit.json, verdict.md and report.html")
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
