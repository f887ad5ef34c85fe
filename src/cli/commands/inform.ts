import { join } from "node:path";
import { withLock } from "../../util/index.ts";
import { type AddCommand, breakLock, examples, option, renamedOption } from "../command.ts";
import { duration, figure } from "../format.ts";
import { whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options {
  split?: string;
  map?: string;
  limit: number;
  folds?: number;
  seed?: number;
  out: string;
  breakLock?: boolean;
}

/** `lintel inform DATASET` */
export const inform: AddCommand = (program, context) => {
  const command = program
    .command("inform")
    .argument("<dataset>", "dataset directory; with --map any file or directory of records")
    .summary("measure how informative a dataset's helper images are")
    .description(
      "Measures before any training how informative a dataset's helper images are beyond image and question. Verdict: " +
        "redundant (the input contains them, and they add nothing), informative (they lower the uncertainty about the answer), " +
        "insufficient (neither is shown), or leaking (they give the answer away by themselves). Writes inform.json and inform.html.",
    )
    .addOption(option("--split <name>", "split to measure", { usual: "train, else the first" }))
    .option(
      "--map <name|file>",
      "how to read records that Lintel did not generate: the name of a benchmark, such as vstar, or a YAML file " +
        "(docs/data.md)",
    )
    .option("--limit <n>", "use at most n examples", whole(1), 1000)
    .addOption(
      option("--folds <k>", "number of folds over which the estimate of information is cross-fitted", {
        parse: whole(2),
        usual: "3",
      }),
    )
    .addOption(option("--seed <s>", "seed of all random numbers", { parse: whole(0), usual: "0" }))
    .option("--out <dir>", "directory for inform.json and inform.html", "inform")
    .addOption(breakLock())
    .addHelpText("after", examples("lintel inform data/tetris --out inform/tetris"))
    .action((dataset: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal, log }) => {
        const { limit, map, out, split, breakLock, ...rest } = options;
        const { listSplits, readMapped, readSplit } = await import("../../tasks/index.ts");
        const read = async () => {
          if (map) return readMapped(dataset, map, { split, limit });
          const splits = await listSplits(dataset);
          return readSplit(dataset, split ?? (splits.includes("train") ? "train" : splits[0]!), { limit });
        };
        const { name, task, examples } = await read();
        const { inform: measure } = await import("../../inform/index.ts");
        const { finishedInform, informRequest, writeInform } = await import("../../report/index.ts");
        const { ensureDirectory } = await import("../../formats/index.ts");
        const { seed = 0, folds = 3 } = rest;
        const request = informRequest({ task, split: name, seed, folds }, examples);
        const directory = await ensureDirectory(out);
        const result = await withLock(directory, { breakLock, signal }, async () => {
          const finished = await finishedInform(directory, request);
          if (finished) log(`lintel: complete already; remove ${out} to measure again`);
          if (finished) return finished;
          const settings = { seed, folds, dataset, task, split: name, onProgress, signal };
          const measured = await measure(examples, settings);
          await writeInform(directory, measured, examples);
          return measured;
        });
        if (result.withoutHelper > 0)
          log(`lintel: ${result.withoutHelper} examples have no helper and are left out`);
        const [page, json] = [join(directory, "inform.html"), join(directory, "inform.json")];
        const { verdict, reasons, n, seconds } = result;
        const text = [
          verdict,
          ...reasons.map((reason) => `  ${reason}`),
          "",
          `${figure(n)} examples of ${task}, ${name}, in ${duration(seconds)}`,
          `Page: ${page}`,
          `Data: ${json}`,
        ];
        return { text: text.join("\n"), json: result };
      }),
    );
  renamedOption(command, context, "--mapping <name|file>", "--map");
};
