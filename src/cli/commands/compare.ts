import { type AddCommand, examples, option } from "../command.ts";
import { names, shareBetween } from "../options.ts";
import { refusePart } from "../parts.ts";
import { perform } from "../perform.ts";

interface Options {
  names?: string[];
  margin?: number;
  out?: string;
}

/** `lintel compare A B` */
export const compare: AddCommand = (program, context) => {
  program
    .command("compare")
    .argument("<a>", "directory of audit A")
    .argument("<b>", "directory of audit B, of the same examples")
    .summary("compare two audits of the same examples: is B better, and where")
    .description(
      "Compares two audits on the examples that they share, for example of two checkpoints, of two recipes, or of a model " +
        "before and after reinforcement learning: paired difference B − A with interval and exact test, flips, differences by attribute, and " +
        "whether B relies more on its latents.",
    )
    .addOption(
      option("--names <a,b>", "names of A and B in the output", {
        parse: names,
        usual: "the parts of the paths that differ",
      }),
    )
    .addOption(
      option("--margin <share>", "equivalence margin as a difference of accuracies: 0.02 is 2 points", {
        parse: shareBetween,
        usual: "0.02",
      }),
    )
    .option("--out <dir>", "directory for comparison.json and comparison.html")
    .addHelpText(
      "after",
      examples(
        "lintel compare audits/base audits/rl",
        "lintel compare audits/base audits/rl --names base,RL --out audits/base-rl",
      ),
    )
    .action((a: string, b: string, options: Options, command) =>
      perform(context, command, async () => {
        const { compareAuditDirectories, readQuestions } = await import("../../audit/index.ts");
        const { defined, LintelError } = await import("../../util/index.ts");
        if (options.names && options.names.length !== 2)
          throw new LintelError("usage", {
            where: "--names",
            expected: "two names",
            got: String(options.names.length),
            attempt: "--names base,RL",
          });
        const found = await compareAuditDirectories(
          a,
          b,
          defined({ names: options.names as [string, string] | undefined, margin: options.margin }),
        );
        const { comparisonText } = await import("../comparison-text.ts");
        const questions = new Map([...(await readQuestions(b)), ...(await readQuestions(a))]);
        const text = comparisonText(found, context.err.columns, questions);
        if (options.out === undefined) return { text, json: found };
        const { ensureDirectory } = await import("../../formats/index.ts");
        refusePart(options.out);
        const { writeComparison } = await import("../../report/index.ts");
        const page = await writeComparison(await ensureDirectory(options.out), found);
        return { text: `${text}\n\nPage: ${page}`, json: found };
      }),
    );
};
