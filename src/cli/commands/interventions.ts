import { type AddCommand, examples } from "../command.ts";
import { columns } from "../format.ts";
import { perform } from "../perform.ts";

/** `lintel interventions` */
export const interventions: AddCommand = (program, context) => {
  program
    .command("interventions")
    .summary("list the interventions and suites of an audit")
    .description(
      "Lists every intervention of `lintel audit --interventions` with its role and effect, and every suite of " +
        "--suites with the question that it answers.",
    )
    .addHelpText("after", examples("lintel interventions"))
    .action((_options: object, command) =>
      perform(context, command, async () => {
        const { contentDummies, suiteNames, suiteOf } = await import("../../audit/index.ts");
        const { defaultInterventions, interventionRows } = await import("../../reasoning/index.ts");
        const has = (names: readonly string[], name: string): boolean => names.includes(name);
        const rows = interventionRows().map((row) => ({
          ...row,
          standard: has(defaultInterventions, row.name),
          verdict: has(contentDummies, row.name),
        }));
        const suites = suiteNames.map((name) => {
          const { title, source, interventions } = suiteOf(name);
          return { name, question: title, source, interventions };
        });
        const use = ({ standard, verdict }: (typeof rows)[number]): string =>
          verdict ? "verdict" : standard ? "standard" : "";
        const cells = rows.map((row) => [row.name, row.role, use(row), row.description]);
        const text = [
          columns([["name", "role", "used for", "effect"], ...cells]),
          "",
          "verdict: a verdict needs all of these; standard: also run by default, without --interventions and --suites.",
          "Content-free controls hold nothing of the example; in-distribution controls are those of them that look like own latents.",
          "block: the latents between a start and an end marker; slot: one position in it.",
          "",
          columns([
            ["suite", "question"],
            ...suites.map(({ name, question }) => [name, question]),
            ["reviewer", "all of them, further controls, and an appendix for a paper"],
          ]),
        ].join("\n");
        return { text, json: { interventions: rows, suites } };
      }),
    );
};
