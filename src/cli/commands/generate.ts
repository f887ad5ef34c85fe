import { unknownName } from "../../util/index.ts";
import { columns, figure } from "../format.ts";
import { whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

const formats = ["lintel"] as const;

interface Options {
  out: string;
  train?: number;
  eval?: number;
  heldOut?: number;
  seed?: number;
  format: string;
}

/** `lintel generate TASK --out DIR` */
export const generate: AddCommand = (program, context) => {
  program
    .command("generate")
    .argument("<task>", "tetris, crop or crop-masked")
    .summary("write a diagnostic dataset")
    .description("Writes a diagnostic dataset as Parquet with Hugging Face images. Same seed, same pixels.")
    .requiredOption("--out <dir>", "directory to write to")
    .option("--train <n>", "examples to train on (10,000)", whole(0))
    .option("--eval <n>", "examples to evaluate on (1,000)", whole(0))
    .option("--held-out <n>", "examples of what training never shows (1,000)", whole(0))
    .option("--seed <s>", "seed of everything random (0)", whole(0))
    .option("--format <format>", `layout of the dataset: ${formats.join(", ")}`, "lintel")
    .addHelpText("after", "\nExample:\n  $ lintel generate tetris --out data/tetris --train 2000 --seed 1")
    .action((task: string, options: Options, command) =>
      perform(context, command, async ({ onProgress, signal }) => {
        const { format, ...rest } = options;
        if (!formats.some((known) => known === format)) throw unknownName("--format", format, formats);
        const { generateDataset } = await import("../../tasks/index.ts");
        const { manifest, reused } = await generateDataset({
          ...rest,
          task,
          signal,
          onProgress: ({ done, total }) =>
            onProgress({ label: `generate ${task}`, done, total, unit: "examples" }),
        });
        const splits = Object.entries(manifest.splits);
        const rows = splits.map(([name, { examples }]) => [`  ${name}`, `${figure(examples)} examples`]);
        const verb = reused ? "was there already" : "written";
        return {
          text: `${options.out}: dataset ${manifest.task}, seed ${manifest.seed}, ${verb}\n${columns(rows)}`,
          json: { directory: options.out, reused, ...manifest },
        };
      }),
    );
};
