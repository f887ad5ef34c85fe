import { LintelError } from "../../util/index.ts";
import { type AddCommand, examples } from "../command.ts";
import { columns } from "../format.ts";
import { perform } from "../perform.ts";

interface Options {
  digest?: string;
}

/** `lintel verify RUN` */
export const verify: AddCommand = (program, context) => {
  program
    .command("verify")
    .argument("<run>", "directory of a study, a model or an audit")
    .summary("check that no file was changed since it was written")
    .description(
      "Reads every file of a study, model or audit and compares its SHA-256 with the manifests that were written when " +
        "each part was finished. Prints the digest that names the whole run; the exit code is 1 if a file was changed or " +
        "a part has no manifest.",
    )
    .option("--digest <hex>", "also compare the digest of the run, such as one printed in a paper")
    .addHelpText("after", examples("lintel verify runs/pocket"))
    .action((run: string, { digest: printed }: Options, command) =>
      perform(context, command, async () => {
        const { alterationOf, RESTORE, unsealedNote, verifyRun } = await import("../../study/index.ts");
        const found = await verifyRun(run, { all: true });
        const error = alterationOf(run, found, RESTORE);
        if (error) throw error;
        const without = found.parts
          .filter(({ state }) => state === "without manifest")
          .map(({ part }) => part);
        const fail = (expected: string, got: string): LintelError =>
          new LintelError("input", { where: run, id: "E_UNVERIFIABLE", expected, got });
        if (without.length > 0) throw fail("a manifest of every part", unsealedNote(run, without)!);
        if (
          printed !== undefined &&
          (printed.length < 12 || !found.digest?.startsWith(printed.toLowerCase()))
        )
          throw fail(
            `the digest ${printed}${printed.length < 12 ? " with 12 digits or more" : ""}`,
            found.digest ?? "none: this is no finished study",
          );
        const rows = found.parts.map(({ part, files, digest }) => [
          part,
          String(files),
          digest?.slice(0, 16) ?? "",
        ]);
        const text = [
          columns([["part", "files", "digest"], ...rows]),
          "",
          `All files are as they were written.${found.digest === null ? "" : ` Digest of the run: ${found.digest}`}`,
        ];
        return { text: text.join("\n"), json: found };
      }),
    );
};
