import { LintelError, unknownName } from "../../util/index.ts";
import { columns, duration } from "../format.ts";
import { names, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  sizes?: number[];
  models?: string[];
  seed?: number;
  out?: string;
}

const sizes = (text: string): number[] => names(text).map(whole(2));

/** `lintel selftest` */
export const selftest: AddCommand = (program, context) => {
  program
    .command("selftest")
    .summary("does the audit call known models by their names?")
    .description(
      "Audits models whose weights were written by hand, so that it is known what their answers rest on, and\n" +
        "holds every verdict against the truth. Exits with 1 if one is wrong.",
    )
    .option("--sizes <n,n>", "numbers of examples (60,200,1000)", sizes)
    .option("--models <names>", "only these models, with commas between them", names)
    .option("--seed <s>", "seed of examples and noise (0)", whole(0))
    .option("--out <dir>", "keep the models there, as checkpoints that `lintel audit` and transformers open")
    .addHelpText("after", "\nExample:\n  $ lintel selftest --models reads-latents,starved --sizes 60")
    .action(async (options: Options, command) => {
      let failed: number | undefined;
      await perform(context, command, async ({ onProgress, signal }) => {
        const { knownModels, selftest: run } = await import("../../selftest/index.ts");
        const { models: wanted = knownModels.map(({ name }) => name), ...rest } = options;
        const models = wanted.map((name) => {
          const found = knownModels.find((model) => model.name === name);
          if (found) return found;
          throw unknownName(
            "--models",
            name,
            knownModels.map((model) => model.name),
          );
        });
        const result = await run({ ...rest, models, onProgress, signal });
        failed = result.rows.filter(({ passed }) => !passed).length;
        const rows = result.rows.map(({ model, n, expected, verdict, passed, wrong }) => [
          model,
          String(n),
          expected,
          verdict,
          passed ? "as known" : "WRONG",
          wrong
            .map(
              (fact) =>
                `${fact.intervention} ${fact.accuracy?.toFixed(3) ?? "–"}, not ${fact.expected.toFixed(3)}`,
            )
            .join("; "),
        ]);
        const text = [
          ...models.map(({ name, truth }) => `${name}: ${truth}`),
          "",
          columns([["model", "n", "known", "verdict", "", ""], ...rows]),
          "",
          `${result.rows.length - failed} of ${result.rows.length} audits as known, in ${duration(result.seconds)}`,
        ].join("\n");
        return { text, json: result };
      });
      if (failed)
        throw new LintelError("runtime", {
          where: "selftest",
          expected: "every known model to be called by its name",
          got: `${failed} wrong`,
          attempt: "reporting it with the output of lintel selftest --json and of lintel doctor",
        });
    });
};
