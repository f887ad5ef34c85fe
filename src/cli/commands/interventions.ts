import { type AddCommand, examples } from "../command.ts";
import { columns } from "../format.ts";
import { perform } from "../perform.ts";

/** `lintel interventions` */
export const interventions: AddCommand = (program, context) => {
  program
    .command("interventions")
    .summary("list the interventions of an audit")
    .description("Lists every intervention of `lintel audit --interventions`, with its role and effect.")
    .addHelpText("after", examples("lintel interventions"))
    .action((_options: object, command) =>
      perform(context, command, async () => {
        const { interventionRows } = await import("../../reasoning/index.ts");
        const rows = interventionRows();
        const cells = rows.map(({ name, role, description }) => [name, role, description]);
        return { text: columns([["name", "role", "effect"], ...cells]), json: rows };
      }),
    );
};
