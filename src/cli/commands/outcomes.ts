import type { ExampleFilter, FoundExample, TableFormat } from "../../audit/index.ts";
import { type AddCommand, examples, option } from "../command.ts";
import { names, namesWithValues, pairs, whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options {
  csv?: boolean;
  jsonl?: boolean;
  parquet?: boolean;
  ids?: boolean;
  out?: string;
  interventions?: string[];
  flips?: string[];
  right?: string[];
  wrong?: string[];
  where?: Record<string, string>;
  audit?: string[];
  limit?: number;
}

/** Examples that the text shows if nothing else is asked for. */
const SHOWN = 20;

/** Writes the ids of examples, each once and on a line of its own; answers how many. */
async function writeIds(
  found: AsyncIterable<FoundExample>,
  to: string | ((text: string) => void),
): Promise<number> {
  const ids = new Set<string>();
  for await (const { outcomes } of found) ids.add(outcomes.example);
  const text = [...ids, ""].join("\n");
  if (typeof to === "string") {
    const { writeFileAtomic } = await import("../../formats/index.ts");
    await writeFileAtomic(to, text);
  } else to(text);
  return ids.size;
}

/** `lintel outcomes DIR` */
export const outcomes: AddCommand = (program, context) => {
  program
    .command("outcomes")
    .argument("<dir>", "directory of an audit, or of a study")
    .summary("list examples by how they were answered, e.g. those that flipped")
    .description(
      "Lists examples by their outcomes: those that are right under exactly one of two interventions, or right under some " +
        "and wrong under others. Prints a table, or with --csv, --jsonl or --parquet writes one row for each example and " +
        "intervention, or with --ids the ids of the examples, as --slice of an audit reads them.",
    )
    .optionsGroup("Selection:")
    .addOption(
      option("--flips <a,b>", "right under exactly one of two interventions", { parse: namesWithValues }),
    )
    .option("--right <list>", "right under each of these interventions", namesWithValues)
    .option("--wrong <list>", "wrong or unreadable under each of these interventions", namesWithValues)
    .option("--where <KEY=VALUE>", "with this attribute; may be repeated", pairs)
    .option("--audit <list>", "for a study: only audits whose path contains one of these", names)
    .addOption(
      option("--limit <n>", "list at most n examples", {
        parse: whole(1),
        usual: `all; in the text table ${SHOWN}`,
      }),
    )
    .optionsGroup("Output:")
    .addOption(
      option("--interventions <list>", "interventions to include in the output", {
        parse: namesWithValues,
        usual: "those that the selection names, else all",
      }),
    )
    .option("--csv", "write CSV")
    .option("--jsonl", "write JSON Lines")
    .option("--parquet", "write Parquet; needs --out")
    .option("--ids", "write the ids of the examples, one on each line")
    .addOption(option("--out <file>", "file for the table", { usual: "standard output" }))
    .addHelpText(
      "after",
      examples(
        "lintel outcomes audits/joint --flips own,zeros",
        "lintel outcomes audits/joint --right oracle --wrong own",
        "lintel outcomes audits/joint --csv --out audits/joint.csv",
        "lintel outcomes audits/joint --flips own,zeros --ids --out flipped.txt",
        "lintel outcomes runs/pocket --parquet --out runs/outcomes.parquet",
      ),
    )
    .action((directory: string, options: Options, command) =>
      perform(context, command, async () => {
        const audit = await import("../../audit/index.ts");
        const { ensure } = await import("../../util/index.ts");
        const formats = [
          ...audit.tableFormats.filter((name: TableFormat) => options[name]),
          ...(options.ids ? (["ids"] as const) : []),
        ];
        const [format] = formats;
        const usage = (
          holds: boolean,
          parts: { where: string; expected: string; got: string; attempt: string },
        ) => ensure(holds, "usage", () => parts);
        usage(formats.length < 2, {
          where: "format",
          expected: "one of --csv, --jsonl, --parquet and --ids",
          got: formats.map((each) => `--${each}`).join(" and "),
          attempt: "one call for each",
        });
        usage(format !== "parquet" || options.out !== undefined, {
          where: "--parquet",
          expected: "a file to write to",
          got: "none",
          attempt: "--out outcomes.parquet",
        });
        usage(format !== undefined || options.out === undefined, {
          where: "--out",
          expected: "a format: --csv, --jsonl, --parquet or --ids",
          got: "none",
          attempt: `--csv --out ${options.out}`,
        });
        usage(options.flips === undefined || options.flips.length === 2, {
          where: "--flips",
          expected: "two interventions",
          got: String(options.flips?.length ?? 0),
          attempt: "--flips own,zeros",
        });
        const found = (await audit.findAudits(directory)).filter(
          ({ name }) => !options.audit || options.audit.some((part) => name.includes(part)),
        );
        usage(found.length > 0, {
          where: "--audit",
          expected: `part of a path below ${directory}/audits`,
          got: options.audit?.join(", ") ?? "",
          attempt: "the same command without it, which names all",
        });
        const filter: ExampleFilter = {
          flips: options.flips as [string, string] | undefined,
          right: options.right,
          wrong: options.wrong,
          where: options.where,
        };
        const named = options.interventions ?? audit.namedIn(filter);
        const seen = { all: 0, selected: 0, rightUnderFirst: 0, interventions: new Set<string>() };
        const limit = options.limit ?? (format === undefined ? Number.POSITIVE_INFINITY : undefined);
        const selected = async function* (): AsyncGenerator<FoundExample> {
          for await (const each of audit.examplesOf(found)) {
            seen.all++;
            for (const name of Object.keys(each.outcomes.outcomes)) seen.interventions.add(name);
            if (!audit.isSelected(each, filter)) continue;
            if (filter.flips && audit.isSelected(each, { right: [filter.flips[0]] })) seen.rightUnderFirst++;
            if (seen.selected++ < (limit ?? Number.POSITIVE_INFINITY)) yield each;
          }
          audit.checkNamed(
            { ...filter, right: [...named, ...audit.namedIn(filter)] },
            seen.interventions,
            directory,
          );
        };
        const asked = named.length > 0 ? { names: named } : {};
        const { json } = command.optsWithGlobals() as { json?: boolean };
        if (format !== undefined) {
          const { printable } = await import("../../util/index.ts");
          const to = options.out ?? ((text: string) => context.out(printable(text)));
          const rows =
            format === "ids"
              ? await writeIds(selected(), to)
              : await audit.writeOutcomes(selected(), { format, to, ...asked });
          if (options.out === undefined) return null;
          return {
            text: `${options.out}: ${rows} ${format === "ids" ? "ids" : "rows"}, ${seen.selected} of ${seen.all} examples`,
            json: { file: options.out, rows, selected: seen.selected, examples: seen.all },
          };
        }
        if (json) {
          const rows = [];
          for await (const each of selected()) rows.push(...audit.outcomeRows(each, asked.names));
          return { text: "", json: { selected: seen.selected, examples: seen.all, rows } };
        }
        const { outcomesText } = await import("../outcomes-text.ts");
        const shown: FoundExample[] = [];
        for await (const each of selected()) if (shown.length < (options.limit ?? SHOWN)) shown.push(each);
        return {
          text: outcomesText(shown, { ...seen, filter, names: asked.names, width: context.err.columns }),
          json: {},
        };
      }),
    );
};
