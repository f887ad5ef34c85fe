import { InvalidArgumentError } from "commander";
import { columns, figure } from "../format.ts";
import { whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  margin?: number;
  power?: number;
  alpha?: number;
  discordance?: number;
  gain?: number;
  oracle: boolean;
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
      "Says how many examples an audit needs to call a model bypassed, or load-bearing, before it is run.",
    )
    .option("--margin <points>", "differences within ± so many points are none (2)", points)
    .option("--power <p>", "chance of the verdict where it is true (0.8)", number)
    .option("--alpha <p>", "chance of a false verdict (0.05)", number)
    .option("--discordance <percent>", "examples that two equally good conditions differ on (5)", points)
    .option("--gain <points>", "by how much own latents beat a dummy where they carry load (10)", points)
    .option("--no-oracle", "the dataset has no oracles")
    .option("--per-image <n>", "questions about one image (1)", whole(1))
    .option("--correlation <r>", "how alike answers about one image are, 0 to 1 (0)", number)
    .addHelpText("after", "\nExample:\n  $ lintel plan --margin 2 --power 0.9 --discordance 5")
    .action((options: Options, command) =>
      perform(context, command, async () => {
        const { auditSizes } = await import("../../audit/index.ts");
        const found = auditSizes(options);
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
          ...(found.designEffect > 1
            ? [`images are shared: ${figure(found.designEffect)} times as many examples as without`]
            : []),
          "",
          columns([["  verdict", "examples", "one comparison", "normal formula", "exact power"], ...rows]),
          "",
          ...found.rows.map(
            ({ verdict, comparisons }) => `${verdict}: ${comparisons} comparisons must all succeed`,
          ),
        ].join("\n");
        return { text, json: found };
      }),
    );
};
