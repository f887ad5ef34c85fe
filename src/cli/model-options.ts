/** Options of the model of an audit, which several commands load; `usual` says where its default comes from. */
import type { Option } from "commander";
import { option } from "./command.ts";
import { positive, whole } from "./options.ts";

export const modelOptions = {
  family: (usual: string): Option =>
    option(
      "--family <name|file>",
      "model family: how the checkpoint marks, fills and ends latent blocks, and how it is prompted; lantern, lvr " +
        "(lvr-none, lvr-latent), mirage, ilvr, monet (monet-transformers), skila, covt, livr, swimbird, coconut, " +
        "base (no latents), or a YAML file",
      { usual },
    ),
  weights: (usual: string): Option =>
    option("--weights <format>", "number format of the weights: float32, or int8 or int4 to save memory", {
      usual,
    }),
  oracleModel: (): Option =>
    option(
      "--oracle-model <dir>",
      "network that computed or selected the training targets of the latents: required for oracle latents of skila " +
        "(SigLIP2), recommended for those of ilvr (its teacher), which are approximated without it",
    ),
  download: (): Option =>
    option("--download", "download missing files of the model from the Hub", { usual: "offline" }),
  map: (): Option =>
    option(
      "--map <name|file>",
      "read a foreign dataset by a mapping of its fields: viscot-mc, blink, vstar, mmvp, hr-bench, mmmu, … or a " +
        "YAML file",
    ),
  pixels: (usual: string): Option =>
    option(
      "--pixels <source>",
      "where the smallest and largest image size come from: the family's published evaluation, or the " +
        "checkpoint's preprocessor_config.json",
      { choices: ["family", "checkpoint"], usual },
    ),
  minPixels: (): Option =>
    option(
      "--min-pixels <n>",
      "enlarge smaller images to at least n pixels (width × height); overrides --pixels",
      { parse: whole(1) },
    ),
  maxPixels: (): Option =>
    option(
      "--max-pixels <n>",
      "shrink larger images to at most n pixels (width × height); overrides --pixels",
      { parse: whole(1) },
    ),
  maxTokens: (usual: string): Option =>
    option("--max-tokens <n>", "maximum number of new tokens per reply", { parse: whole(1), usual }),
  repetitionPenalty: (usual: string): Option =>
    option("--repetition-penalty <p>", "repetition penalty over prompt and reply; 1 is none", {
      parse: positive,
      usual,
    }),
};
