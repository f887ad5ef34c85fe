import { ensure } from "../../util/index.ts";
import { type AddCommand, breakLock, device, examples, option, table, threads } from "../command.ts";
import { duration, figure } from "../format.ts";
import { whole } from "../options.ts";
import { perform } from "../perform.ts";

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

/** Written out, so that the help loads no other room; a test compares them with the registry. */
const PUBLISHED = "joint, text, infonce, lvr, mirage, monet, livr, rectified-flow, coconut, pause, wm-vlm";
const OWN =
  "precise, precise-glu-head, precise-no-rationale, joint-no-rationale, joint-bare-rationale, " +
  "joint-bare-rationale-gamma-1, linear, codebook, mixture, vae, coupling-flow, scheduled, " +
  "answer-distillation, bottleneck, auxiliary-decoder, precise-branch, text-state, policy-gaussian, policy-von-mises-fisher";

/** Refuses full rendering for a new pocket model, which learns next to nothing from it. */
async function checkRendering(data: string): Promise<void> {
  const { readManifest } = await import("../../tasks/index.ts");
  const manifest = await readManifest(data);
  const { rendering = "pocket" } = manifest?.parameters ?? {};
  ensure(rendering === "pocket", "usage", () => ({
    where: data,
    expected: "rendering=pocket, from which a new pocket model learns in minutes",
    got: `rendering=${rendering}, from which it learns little in any number of steps`,
    attempt: `lintel generate ${manifest!.task} --out DIR --set rendering=pocket, or --full-rendering to train nevertheless`,
  }));
}

/** `lintel train RECIPE --data DIR --out DIR` */
export const train: AddCommand = (program, context) => {
  program
    .command("train")
    .argument("<recipe>", "what the model learns and how, listed below")
    .summary("train one checkpoint")
    .description(
      "Trains a model by a recipe and writes a Hugging Face checkpoint. An interrupted training resumes from " +
        "its last saved state when the same command is run again. Batch size, learning rate and losses belong to the " +
        "recipe. To begin with: joint (latents and answer are trained together, as published methods do), text (no " +
        "latents) and precise (own latents nearly as good as oracle latents on Lintel's puzzles).",
    )
    .requiredOption(
      "--data <dir>",
      "dataset to train on, made by lintel generate; for a new pocket model with --set rendering=pocket (required)",
    )
    .requiredOption("--out <dir>", "directory for the checkpoint (required)")
    .addOption(
      option("--base <dir>", "checkpoint to start from, with its vision tower frozen", {
        usual: "a new pocket model: Qwen2.5-VL's architecture, small",
      }),
    )
    .option(
      "--full-rendering",
      "allow images of full size for a new pocket model, which is too small to learn from them",
    )
    .addOption(option("--steps <n>", "optimizer steps", { parse: whole(1), usual: "150" }))
    .addOption(option("--seed <s>", "seed of all random numbers", { parse: whole(0), usual: "0" }))
    .addOption(threads().argParser(whole(1)))
    .addOption(device())
    .addOption(breakLock())
    .addHelpText("after", ({ command }) => {
      const rows: [string, string][] = [
        ["published", PUBLISHED],
        ["Lintel", OWN],
      ];
      return `\nRecipes (docs/recipes.md):\n${table(command, rows)}\n${examples(
        "lintel train joint --data data/tetris --out models/joint",
      )}`;
    })
    .action((recipe: string, options: Options, command) =>
      perform(context, command, async (tools) => {
        const { currentRecipeName, trainModel } = await import("../../training/index.ts");
        const { renamedNote, usableCores } = await import("../../util/index.ts");
        const { usableDevice } = await import("../devices.ts");
        const { onProgress, signal, log } = tools;
        const current = currentRecipeName(recipe);
        if (current !== recipe) log(`lintel: ${renamedNote("recipe", recipe, current)}`);
        const { fullRendering, ...rest } = options;
        if (options.base === undefined && !fullRendering) await checkRendering(options.data);
        const usable = await usableDevice(options.device, { signal });
        const result = await trainModel({
          threads: usableCores(),
          ...rest,
          device: usable,
          recipe,
          onProgress,
          signal,
        });
        const { parameters, steps, examples, seconds, examplesPerSecond, reused } = result;
        return {
          text:
            `${options.out}: ${reused ? "complete already, nothing was done; " : ""}${figure(parameters)} parameters, ${figure(steps)} steps, ${figure(examples)} examples ` +
            `in ${duration(seconds)} (${figure(examplesPerSecond)}/s)`,
          json: { directory: options.out, recipe, ...result },
        };
      }),
    );
};
