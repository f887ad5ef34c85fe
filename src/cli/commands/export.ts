import { type AddCommand, examples, option } from "../command.ts";
import { names } from "../options.ts";
import { refusePart } from "../parts.ts";
import { perform } from "../perform.ts";

interface Options {
  out: string;
  to?: string[];
  audit?: string[];
}

/** Formats by name, with what a directory of them holds. */
const formats = {
  parquet: "outcomes.parquet and latents.parquet, for pandas and DuckDB",
  projector: "latents for the Embedding Projector, a folder for each audit",
  vlmevalkit: "prediction tables of VLMEvalKit, a file for each intervention",
  tensorboard: "training curves as TensorBoard event files",
  figures: "every figure of report.html as SVG, with its data as CSV",
} as const;
type Format = keyof typeof formats;

/** `lintel export DIR --out DIR` */
export const exportCommand: AddCommand = (program, context) => {
  program
    .command("export")
    .argument("<dir>", "directory of an audit, or of a study")
    .summary("write outcomes, latents, curves and figures for other tools")
    .description(
      "Writes what a study or an audit found in formats that other tools read: Parquet, the Embedding Projector, " +
        "VLMEvalKit, TensorBoard, and figures as SVG with their data as CSV.",
    )
    .requiredOption("--out <dir>", "directory of the files")
    .addOption(
      option("--to <list>", `comma-separated formats: ${Object.keys(formats).join(", ")}`, {
        parse: names,
        usual: "all",
      }),
    )
    .option("--audit <list>", "of a study: only audits whose path contains one of these", names)
    .addHelpText(
      "after",
      examples(
        "lintel export runs/pocket --out runs/exported",
        "lintel export audits/joint --to parquet,projector --out audits/exported",
      ),
    )
    .action((directory: string, options: Options, command) =>
      perform(context, command, async () => {
        const { join } = await import("node:path");
        const { existsSync } = await import("node:fs");
        const { readFile } = await import("node:fs/promises");
        const audit = await import("../../audit/index.ts");
        const { ensureDirectory } = await import("../../formats/index.ts");
        const { LintelError, unknownName } = await import("../../util/index.ts");
        const all = Object.keys(formats) as Format[];
        for (const name of options.to ?? [])
          if (!(all as string[]).includes(name)) throw unknownName("format", name, all, { where: "--to" });
        const chosen = new Set<string>(options.to ?? all);
        const found = (await audit.findAudits(directory)).filter(
          ({ name }) => !options.audit || options.audit.some((part) => name.includes(part)),
        );
        if (found.length === 0)
          throw new LintelError("usage", {
            where: "--audit",
            expected: `part of a path below ${directory}/audits`,
            got: options.audit!.join(", "),
          });
        refusePart(options.out);
        const out = await ensureDirectory(options.out);
        const written: { format: Format; what: string }[] = [];
        const wrote = (format: Format, what: string): void => void written.push({ format, what });
        if (chosen.has("parquet")) {
          const to = join(out, "outcomes.parquet");
          const rows = await audit.writeOutcomes(audit.examplesOf(found), { format: "parquet", to });
          const latents = await audit.writeLatentsTable(found, join(out, "latents.parquet"));
          wrote("parquet", `outcomes.parquet (${rows} rows), latents.parquet (${latents} rows)`);
        }
        for (const each of found) {
          if (chosen.has("projector")) {
            const points = await audit.writeProjector(
              each,
              await ensureDirectory(join(out, "projector", each.name)),
            );
            wrote("projector", `projector/${each.name}: ${points} points`);
          }
          if (chosen.has("vlmevalkit")) {
            const files = await audit.writeVlmevalkit(
              each,
              await ensureDirectory(join(out, "vlmevalkit", each.name)),
            );
            wrote("vlmevalkit", `vlmevalkit/${each.name}: ${files.length} tables`);
          }
        }
        const report = await import("../../report/index.ts");
        if (chosen.has("tensorboard")) {
          const models = await report.writeEventFiles(directory, join(out, "tensorboard"));
          wrote(
            "tensorboard",
            models > 0 ? `tensorboard: curves of ${models} models` : "tensorboard: no training curves here",
          );
        }
        if (chosen.has("figures")) {
          const page = join(directory, "report.html");
          if (existsSync(page)) {
            const ids = await report.writeFigures(
              await readFile(page, "utf8"),
              await ensureDirectory(join(out, "figures")),
            );
            wrote("figures", `figures: ${ids.length} as SVG and CSV`);
          } else
            wrote("figures", `figures: none, \`lintel report ${directory}\` writes the page that has them`);
        }
        return {
          text: [`${options.out}:`, ...written.map(({ what }) => `  ${what}`)].join("\n"),
          json: { out: options.out, written },
        };
      }),
    );
};
