import { join } from "node:path";
import { withLock } from "../../util/index.ts";
import { duration, figure } from "../format.ts";
import { BREAK_LOCK_HELP, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  split?: string;
  mapping?: string;
  limit: number;
  folds?: number;
  seed?: number;
  out: string;
  breakLock?: boolean;
}

/** `lintel inform DATASET` */
export const inform: AddCommand = (program, context) => {
  program
    .command("inform")
    .argument("<dataset>", "dataset directory; with --map any Parquet, JSONL, CSV, … file or directory")
    .summary("measure what a dataset's helper images are worth")
    .description(
      "Tells before any training whether helper images can teach a model anything: are they contained in the " +
        "input, what do they tell beyond image and question, and do they give the answer away? " +
        "Verdict: informative, redundant, insufficient or leaking. Writes inform.json and inform.html.",
    )
    .option("--split <name>", "split to measure (train, else the first)")
    .option(
      "--map, --mapping <name|file>",
      "where the fields of a foreign dataset are: a ready mapping or a YAML file",
    )
    .option("--limit <n>", "examples at most", whole(1), 1000)
    .option("--folds <k>", "parts of cross-fitting (3)", whole(2))
    .option("--seed <s>", "seed of everything random (0)", whole(0))
    .option("--out <dir>", "directory of the two files", "inform")
    .option("--break-lock", BREAK_LOCK_HELP)
    .addHelpText("after", "\nExample:\n  $ lintel inform data/tetris --out inform/tetris")
    .action((dataset: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal, log }) => {
        const { limit, mapping, out, split, breakLock, ...rest } = options;
        const { listSplits, readMapped, readSplit } = await import("../../tasks/index.ts");
        const read = async () => {
          if (mapping) return readMapped(dataset, mapping, { split, limit });
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
          if (finished) log(`lintel: measured already; remove ${out} to measure again`);
          if (finished) return finished;
          const asked = { seed, folds, dataset, task, split: name, onProgress, signal };
          const measured = await measure(examples, asked);
          await writeInform(directory, measured, examples);
          return measured;
        });
        if (result.withoutHelper > 0)
          log(`lintel: ${result.withoutHelper} examples without a helper were passed over`);
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
};
