import { ensure } from "../../util/index.ts";
import { duration, figure } from "../format.ts";
import { BREAK_LOCK_HELP, DEVICE_HELP, whole } from "../options.ts";
import { perform } from "../perform.ts";
import type { AddCommand } from "../program.ts";

interface Options {
  data: string;
  out: string;
  base?: string;
  steps?: number;
  seed?: number;
  threads?: number;
  device: string;
  breakLock?: boolean;
  fullRendering?: boolean;
}

/** Names are written out, so that help needs nothing but the command line; a test holds them against the registry. */
const RECIPES = `
Recipes (docs/recipes.md):
  published: joint, text, infonce, lvr, mirage, monet, livr, wm-flow, coconut, pause
  ours: precise, and its ablations: precise-glu-head, precise-no-rationale, joint-no-rationale, joint-bare-rationale,
    joint-bare-rationale-gamma-1, linear, codebook, scheduled
`;

/** A small model that is started afresh learns next to nothing from whole sheets, and that is said before it tries. */
async function checkRendering(data: string): Promise<void> {
  const { readManifest } = await import("../../tasks/index.ts");
  const manifest = await readManifest(data);
  const { rendering = "pocket" } = manifest?.parameters ?? {};
  ensure(rendering === "pocket", "usage", () => ({
    where: data,
    expected: "the pocket rendering, which the small model that starts without --base learns from in minutes",
    got: `the rendering "${rendering}", from which it learns little in any number of steps tried`,
    attempt: `lintel generate ${manifest!.task} --out DIR --set rendering=pocket; --full-rendering trains on it all the same`,
  }));
}

/** `lintel train RECIPE --data DIR --out DIR` */
export const train: AddCommand = (program, context) => {
  program
    .command("train")
    .argument("<recipe>", "joint, text, precise, …: docs/recipes.md")
    .summary("train one checkpoint")
    .description(
      "Trains a model by a recipe and writes it as a Hugging Face checkpoint. A training that was stopped or " +
        "killed goes on from its last saved state when the same command is run again.",
    )
    .requiredOption("--data <dir>", "dataset to train on")
    .requiredOption("--out <dir>", "directory of the checkpoint")
    .option("--base <dir>", "checkpoint to start from (default: a fresh pocket model)")
    .option(
      "--full-rendering",
      "train a fresh pocket model on whole sheets, too (data without rendering=pocket)",
    )
    .option("--steps <n>", "optimizer steps", whole(1))
    .option("--seed <s>", "seed of everything random (0)", whole(0))
    .option("--threads <n>", "threads of matrix products (default: one per core)", whole(1))
    .option("--device <name>", DEVICE_HELP, "cpu")
    .option("--break-lock", BREAK_LOCK_HELP)
    .addHelpText("after", RECIPES)
    .addHelpText("after", "\nExample:\n  $ lintel train joint --data data/tetris --out models/joint")
    .action((recipe: string, options: Options, command) =>
      perform(context, command, async (tools) => {
        const { trainModel } = await import("../../training/index.ts");
        const { usableCores } = await import("../../util/index.ts");
        const { usableDevice } = await import("../devices.ts");
        const { onProgress, signal } = tools;
        const { fullRendering, ...rest } = options;
        if (options.base === undefined && !fullRendering) await checkRendering(options.data);
        const device = await usableDevice(options.device, { signal });
        const result = await trainModel({
          threads: usableCores(),
          ...rest,
          device,
          recipe,
          onProgress,
          signal,
        });
        const { parameters, steps, examples, seconds, examplesPerSecond, reused } = result;
        return {
          text:
            `${options.out}: ${reused ? "finished already, nothing was done; " : ""}${figure(parameters)} parameters, ${figure(steps)} steps, ${figure(examples)} examples ` +
            `in ${duration(seconds)} (${figure(examplesPerSecond)}/s)`,
          json: { directory: options.out, recipe, ...result },
        };
      }),
    );
};
