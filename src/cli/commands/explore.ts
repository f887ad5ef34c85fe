import { type AddCommand, examples, option } from "../command.ts";
import { whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options {
  port?: number;
  static?: string;
  data?: string;
  json?: boolean;
}

/** `lintel explore PATH…` */
export const explore: AddCommand = (program, context) => {
  program
    .command("explore")
    .argument("<paths...>", "run directory, or directories of audits")
    .summary("look at runs and audits in the browser")
    .description(
      "Serves a page on this machine with the findings, examples, latents and training curves of a run, and prints its " +
        "address. A run may still be in progress; several audits are compared. --static writes the same page as a folder.",
    )
    .addOption(
      option("--port <n>", "port to serve on", { parse: whole(1), usual: "the first free one from 4320" }),
    )
    .addOption(option("--static <dir>", "write the page and its data to this folder instead of serving them"))
    .addOption(
      option("--data <dir>", "dataset of the audits, for their questions and images", {
        usual: "that of the run",
      }),
    )
    .addHelpText(
      "after",
      examples(
        "lintel explore runs/pocket",
        "lintel explore audits/base audits/rl",
        "lintel explore runs/pocket --static site",
      ),
    )
    .action(async (paths: string[], { port, static: directory, data }: Options, command) => {
      const { exportExplorer, openContents, serveExplorer } = await import("../../explorer/index.ts");
      if (directory !== undefined)
        return perform(context, command, async ({ onProgress, signal }) => {
          const files = await exportExplorer(await openContents(paths, data), directory, onProgress, signal);
          return { text: `${files} files: open ${directory}/index.html`, json: { directory, files } };
        });
      const served = await serveExplorer(await openContents(paths, data), port === undefined ? {} : { port });
      const { json } = command.optsWithGlobals() as Options;
      context.out(json ? `${JSON.stringify({ url: served.url })}\n` : `${served.url}\n`);
      context.err.write("Open this address in a browser on this machine; Ctrl-C ends the server.\n");
      await new Promise<void>((done) => {
        if (context.signal.aborted) done();
        context.signal.addEventListener("abort", () => done(), { once: true });
      });
      await served.close();
    });
};
