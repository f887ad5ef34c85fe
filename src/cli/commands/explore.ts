import type { Command } from "commander";
import type { ModelRequest } from "../../audit/index.ts";
import type { ContentOptions } from "../../explorer/index.ts";
import { defined, ensure } from "../../util/index.ts";
import { type ModelOptions, modelRequest } from "../audit-request.ts";
import { type AddCommand, device, engineOptions, examples, option, threads } from "../command.ts";
import type { Context } from "../context.ts";
import { engineRequest } from "../engine-request.ts";
import { modelOptions } from "../model-options.ts";
import { whole } from "../options.ts";
import { perform } from "../perform.ts";

interface Options extends Omit<ModelOptions, "model" | "device"> {
  model?: string;
  device?: string;
  port?: number;
  static?: string;
  data?: string;
  map?: string;
  besideServer?: boolean;
  json?: boolean;
}

/** What is usual of the options that an audit records. */
const RECORDED = "as the audit recorded";

/** Options that a model in a page does not have: with one of them it runs beside the server. */
const elsewhere = (options: Options): boolean =>
  [
    options.engine === "torch" ? "torch" : undefined,
    options.besideServer,
    options.weights,
    options.device,
    options.family,
    options.oracleModel,
    options.maxTokens,
    options.repetitionPenalty,
    options.pixels,
    options.minPixels,
    options.maxPixels,
  ].some((value) => value !== undefined);

/** The model that options name, and the options that the audit's own are loaded with where they name none. */
async function given(
  options: Options,
  { signal }: Pick<Context, "signal">,
): Promise<Partial<ModelRequest> | undefined> {
  const { model, static: directory } = options;
  const named = elsewhere(options);
  ensure(!named || directory === undefined, "usage", () => ({
    where: "--static",
    expected: "models that run in the page",
    got: "an option of a model beside the server",
    attempt: "--model alone, or serving the page",
  }));
  // Refuses options of an engine that is not named.
  engineRequest({ ...options, device: options.device ?? "cpu" });
  ensure(!options.download || model !== undefined, "usage", () => ({
    where: "--download",
    expected: "--model beside it",
    got: "none",
    message: "--download needs --model org/name, whose missing files it downloads",
  }));
  ensure(options.engine !== "torch" || model !== undefined, "usage", () => ({
    where: "--engine torch",
    expected: "--model with a path that the engine can read",
    got: "none",
  }));
  // Threads are used by models that are too large for the page, whatever else is named.
  if (model === undefined && !named)
    return options.threads === undefined ? undefined : { threads: options.threads };
  const request = await modelRequest(
    { ...options, model: model ?? ".", device: options.device ?? "cpu" },
    { signal, onProgress: () => undefined },
  );
  if (model !== undefined) return request;
  const { directory: _, ...rest } = request;
  return rest;
}

/** Serves until the command is stopped. */
async function serve(paths: string[], options: Options, context: Context): Promise<void> {
  const { createModelHost, openContents, serveExplorer, startAnswerProcess } = await import(
    "../../explorer/index.ts"
  );
  const { lintelCommand } = await import("../../study/index.ts");
  const contents = await openContents(paths, {
    ...defined({ data: options.data, map: options.map, model: await given(options, context) }),
    beside: elsewhere(options) ? "all" : "large",
  });
  const onLine = (line: string): void => context.err.write(`lintel: ${line}\n`);
  const host = createModelHost((asked) => startAnswerProcess(asked, { command: lintelCommand(), onLine }));
  const served = await serveExplorer(contents, { port: options.port, host });
  context.out(options.json ? `${JSON.stringify({ url: served.url })}\n` : `${served.url}\n`);
  context.err.write("Open this address in a browser on this machine; Ctrl-C ends the server.\n");
  await new Promise<void>((done) => {
    if (context.signal.aborted) done();
    context.signal.addEventListener("abort", () => done(), { once: true });
  });
  await served.close();
}

/** Writes the page and its data. */
const write = (paths: string[], options: Options, directory: string, context: Context, command: Command) =>
  perform(context, command, async ({ onProgress, signal }) => {
    const { exportExplorer, openContents } = await import("../../explorer/index.ts");
    const { data, map } = options;
    const settings: ContentOptions = defined({ data, map, model: await given(options, context) });
    const files = await exportExplorer(await openContents(paths, settings), directory, onProgress, signal);
    return { text: `${files} files: open ${directory}/index.html`, json: { directory, files } };
  });

/** `lintel explore PATH…` */
export const explore: AddCommand = (program, context) => {
  const command = program
    .command("explore")
    .argument("<paths...>", "directory of a study, or directories of audits")
    .summary("look at runs and audits in the browser")
    .description(
      "Serves a page on this machine with the findings, examples, latents and training curves of a run, and prints its " +
        "address. A run is the directory of a study, which may still be in progress, or of an audit; several audits are " +
        "compared. --static writes the same page as a folder. Pocket models run in the page; larger ones in a process on " +
        "this machine, or with --engine torch in that of --python, which has to be given again for each call.",
    )
    .optionsGroup("Page:")
    .addOption(
      option("--port <n>", "port to serve on", { parse: whole(1), usual: "the first free one from 4320" }),
    )
    .addOption(option("--static <dir>", "write the page and its data to this folder instead of serving them"))
    .optionsGroup("Data:")
    .addOption(
      option("--data <dir>", "dataset of the audits, for their questions and images", {
        usual: "that of the run",
      }),
    )
    .addOption(modelOptions.map().default(undefined, RECORDED))
    .optionsGroup("Model:")
    .addOption(
      option(
        "--model <dir>",
        'checkpoint of the audits, which the views "Try it" and "Inside" run: a directory, or org/name[@revision] of the ' +
          "Hugging Face Hub",
        { usual: "that of the run" },
      ),
    )
    .addOption(
      option("--beside-server", "do not run models in the page, even if they are small enough for it"),
    )
    .addOption(modelOptions.family(`${RECORDED}, else detected from config.json`))
    .addOption(modelOptions.weights(RECORDED))
    .addOption(modelOptions.oracleModel().default(undefined, RECORDED))
    .addOption(modelOptions.download())
    .addOption(modelOptions.pixels(RECORDED))
    .addOption(modelOptions.minPixels().default(undefined, RECORDED))
    .addOption(modelOptions.maxPixels().default(undefined, RECORDED))
    .addOption(modelOptions.maxTokens(RECORDED))
    .addOption(modelOptions.repetitionPenalty(RECORDED))
    .addOption(device("cpu", "with --engine onnx: "))
    .addOption(threads("with --engine onnx: ").argParser(whole(1)))
    .optionsGroup("Engine:");
  for (const each of engineOptions()) command.addOption(each);
  command
    .addHelpText(
      "after",
      examples(
        "lintel explore runs/pocket",
        "lintel explore audits/base audits/rl",
        "lintel explore audits/vstar --data vstar_bench --model checkpoints/mine",
        "lintel explore runs/pocket --static site",
      ),
    )
    .action(async (paths: string[], _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { static: directory } = options;
      if (directory !== undefined) return write(paths, options, directory, context, command);
      return serve(paths, options, context);
    });
};
