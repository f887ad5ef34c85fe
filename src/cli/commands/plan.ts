import { InvalidArgumentError } from "commander";
import { type AddCommand, examples, option } from "../command.ts";
import { columns, figure } from "../format.ts";
import { shareBetween, whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options {
  margin?: number;
  power?: number;
  alpha?: number;
  discordance?: number;
  gain?: number;
  oracle: boolean;
  chance?: number;
  oracleGain?: number;
  starvedShare?: number;
  perImage?: number;
  correlation?: number;
  interaction?: number;
  looks?: number;
}

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError("a number of at least 0");
};
const points = (text: string): number => number(text) / 100;

/** `lintel plan --margin 2 --power 0.8` */
export const plan: AddCommand = (program, context) => {
  program
    .command("plan")
    .summary("compute how many examples an audit needs")
    .description(
      "Computes, before an audit is run, how many examples it needs to call a model bypassed, load-bearing or starved, for " +
        "effects that you assume. The defaults of --margin and --alpha are what `lintel audit` uses; for a further look at the " +
        "same examples (--look 2) plan with --alpha 0.005.",
    )
    .addOption(
      option("--margin <points>", "equivalence margin in percentage points, e.g. 2", {
        parse: points,
        usual: "2",
      }),
    )
    .addOption(
      option("--power <p>", "probability of reaching the verdict where it is true (power)", {
        parse: shareBetween,
        usual: "0.8",
      }),
    )
    .addOption(option("--alpha <p>", "significance level", { parse: shareBetween, usual: "0.05" }))
    .addOption(
      option(
        "--discordance <percent>",
        "assumed percentage of examples that exactly one of two equally accurate interventions answers right",
        {
          parse: points,
          usual: "5",
        },
      ),
    )
    .addOption(
      option(
        "--gain <points>",
        "load-bearing: assumed accuracy of own latents above the best content-free control",
        {
          parse: points,
          usual: "10",
        },
      ),
    )
    .addOption(
      option(
        "--chance <percent>",
        "starved: assumed accuracy of own latents and of content-free controls, e.g. 25",
        {
          parse: points,
          usual: "25",
        },
      ),
    )
    .addOption(
      option("--oracle-gain <points>", "starved: assumed accuracy of the oracle above own latents", {
        parse: points,
        usual: "50",
      }),
    )
    .addOption(
      option(
        "--starved-share <share>",
        "starved: largest share of the gap to the oracle that own latents close",
        {
          parse: shareBetween,
          usual: "0.1",
        },
      ),
    )
    .option("--no-oracle", "the dataset has no oracle latents")
    .addOption(
      option("--per-image <n>", "number of questions about one image", { parse: whole(1), usual: "1" }),
    )
    .addOption(
      option("--correlation <r>", "intra-cluster correlation of answers about one image, 0 to 1", {
        parse: number,
        usual: "0",
      }),
    )
    .option(
      "--interaction <points>",
      "also plan the suite paths: assumed gain of own latents over a control where the answer cannot see the image, minus the " +
        "gain where it can",
      points,
    )
    .addOption(
      option(
        "--looks <n>",
        "stages of a group-sequential audit (lintel audit --looks), at equal shares of the examples; prints their significance levels",
        { parse: whole(1), usual: "1" },
      ),
    )
    .addHelpText("after", examples("lintel plan --power 0.9 --discordance 10", "lintel plan --looks 3"))
    .action((options: Options, command) =>
      perform(context, command, async () => {
        const { sampleSizes } = await import("../../audit/index.ts");
        const found = sampleSizes(options);
        const show = (n: number | null): string => (n === null ? "–" : figure(n));
        const percent = (share: number): string => `${figure(100 * share)} %`;
        const rows = found.rows.map((row) => [
          `  ${row.verdict}`,
          show(row.all),
          show(row.one),
          show(row.oneNormal),
          row.power === null ? "–" : percent(row.power),
        ]);
        const text = [
          `power ${percent(found.power)}, α ${percent(found.alpha)}, margin ±${figure(100 * found.margin)} points`,
          `assumed: ${percent(found.discordance)} discordant pairs between equally accurate conditions; gain of own latents ${figure(100 * found.gain)} points`,
          ...(found.oracle
            ? [
                `starved: accuracy of own latents and controls ${percent(found.chance)}, independent of each other, of the oracle ${percent(found.chance + found.oracleGain)}; own latents close at most ${percent(found.starvedShare)} of the gap`,
              ]
            : []),
          ...(found.designEffect > 1
            ? [`questions share images: ${figure(found.designEffect)} times as many examples as without`]
            : []),
          "",
          columns([["  verdict", "examples", "one comparison", "normal formula", "exact power"], ...rows]),
          "",
          ...found.rows.map(({ verdict, comparisons }) =>
            verdict === "starved"
              ? `starved: ${comparisons} tests must all succeed: the oracle against each control, and the gap, which is "one comparison" here (simulated power)`
              : `${verdict}: ${comparisons} comparisons must all succeed`,
          ),
          ...(found.interaction
            ? [
                `interaction of ${figure(100 * found.interaction.difference)} points (deviation ${figure(found.interaction.deviation)} of an example): ${show(found.interaction.all)} examples over every in-distribution control, ${show(found.interaction.one)} over one`,
              ]
            : []),
          ...(found.looks
            ? [
                `${found.looks.length} looks (lintel audit --look k --looks ${found.looks.length}): ${found.looks.map(({ share, level }) => `${percent(share)} of the examples at level ${level.toPrecision(2)}`).join(", ")}; sizes are those of the last look`,
              ]
            : []),
        ].join("\n");
        return { text, json: found };
      }),
    );
};
