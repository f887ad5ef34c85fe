import { InvalidArgumentError } from "commander";
import { columns, figure } from "../format.ts";
import { shareBetween, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

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
}

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError("Expected a number of at least 0.");
};
const points = (text: string): number => number(text) / 100;

/** `lintel plan --margin 2 --power 0.8` */
export const plan: AddCommand = (program, context) => {
  program
    .command("plan")
    .summary("how many examples an audit needs")
    .description(
      "Says how many examples an audit needs to call a model bypassed, load-bearing, or starved, before it is run.",
    )
    .option("--margin <points>", "differences within ± so many points are none (2)", points)
    .option("--power <p>", "chance of the verdict where it is true (0.8)", shareBetween)
    .option("--alpha <p>", "chance of a false verdict (0.05)", shareBetween)
    .option("--discordance <percent>", "examples that two equally good conditions differ on (5)", points)
    .option("--gain <points>", "by how much own latents beat a dummy where they carry load (10)", points)
    .option("--chance <percent>", "accuracy of own latents and dummies of a starved model (25)", points)
    .option("--oracle-gain <points>", "by how much the oracle of a starved model is better (50)", points)
    .option(
      "--starved-share <share>",
      "of the way to the oracle, closed at most by a starved model (0.1)",
      shareBetween,
    )
    .option("--no-oracle", "the dataset has no oracles")
    .option("--per-image <n>", "questions about one image (1)", whole(1))
    .option("--correlation <r>", "how alike answers about one image are, 0 to 1 (0)", number)
    .addHelpText("after", "\nExample:\n  $ lintel plan --margin 2 --power 0.9 --discordance 5")
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
          `equally good conditions differ on ${percent(found.discordance)} of examples; the gain to be found is ${figure(100 * found.gain)} points`,
          ...(found.oracle
            ? [
                `starved: own latents and dummies are right in ${percent(found.chance)}, each by its own luck, the oracle in ${percent(found.chance + found.oracleGain)}; own latents are to close at most ${percent(found.starvedShare)} of the way`,
              ]
            : []),
          ...(found.designEffect > 1
            ? [`images are shared: ${figure(found.designEffect)} times as many examples as without`]
            : []),
          "",
          columns([["  verdict", "examples", "one comparison", "normal formula", "exact power"], ...rows]),
          "",
          ...found.rows.map(({ verdict, comparisons }) =>
            verdict === "starved"
              ? `starved: ${comparisons} tests must all succeed, the oracle over each dummy and that of the gap, which is "one comparison" here (its power is simulated)`
              : `${verdict}: ${comparisons} comparisons must all succeed`,
          ),
        ].join("\n");
        return { text, json: found };
      }),
    );
};
