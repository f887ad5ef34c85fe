import { names, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  model: string;
  data: string;
  split: string;
  interventions?: string[];
  limit?: number;
  out?: string;
  seed?: number;
  threads?: number;
}

/** `lintel audit --model DIR --data DIR` */
export const audit: AddCommand = (program, context) => {
  program
    .command("audit")
    .summary("does this checkpoint use its latents?")
    .description(
      "Answers every example of a split under interventions on the latent block, and judges from the\n" +
        "differences whether the latents carry load.",
    )
    .requiredOption("--model <dir>", "checkpoint directory")
    .requiredOption("--data <dir>", "dataset directory")
    .option("--split <name>", "split of the dataset", "eval")
    .option(
      "--interventions <names>",
      "interventions with commas between them (default: all that apply)",
      names,
    )
    .option("--limit <n>", "only the first examples of the split", whole(1))
    .option("--out <dir>", "keep outcomes, latents and audit.json there; an audit that was stopped goes on")
    .option("--seed <s>", "seed of everything random (0)", whole(0))
    .option("--threads <n>", "threads of matrix products (default: one per core)", whole(1))
    .addHelpText(
      "after",
      "\nExample:\n  $ lintel audit --model models/joint --data data/tetris --interventions own,oracle,zeros --limit 300",
    )
    .action((options: Options, command) =>
      perform(context, command, async ({ onProgress, signal }) => {
        const { auditModel } = await import("../../audit/index.ts");
        const { usableCores } = await import("../../util/index.ts");
        const result = await auditModel({ threads: usableCores(), ...options, onProgress, signal });
        const { auditText } = await import("../audit-text.ts");
        return { text: auditText(result), json: result };
      }),
    );
};
