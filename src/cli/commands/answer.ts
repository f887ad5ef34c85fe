import type { AddCommand } from "../command.ts";

/** `lintel answer`, for `explore`: holds the model that answers beside the server, in a process of its own. */
export const answer: AddCommand = (program, context) => {
  program
    .command("answer", { hidden: true })
    .description("Answers questions that `lintel explore` sends, until it ends.")
    .action(async () => {
      const { answerParent } = await import("../../explorer/index.ts");
      await answerParent(context.signal);
    });
};
