/** Options of the model of an audit, which several commands load; `usual` says where its default comes from. */
import type { Option } from "commander";
import { option } from "./command.ts";
import { positive, whole } from "./options.ts";

export const modelOptions = {
  family: (usual: string): Option =>
    option(
      "--family <name|file>",
      "model family of the checkpoint, which sets latent markers, decoding loop and prompt (docs/families.md): " +
        "lantern, lvr, lvr-steps, lvr-none, lvr-latent, realvr, univlr, univlr-steps, univlr-blocks, colt, rot, onevl, " +
        "laser, laser-dynamic, laser-steps, lavit, mirage, ilvr, monet, monet-vllm, monet-transformers, skila, covt, " +
        "livr, swimbird, coconut, ivt-lr, wm-vlm, base (a model without latents), or a YAML file that defines one",
      { usual },
    ),
  weights: (usual: string): Option =>
    option(
      "--weights <format>",
      "with --engine onnx: number format of the weights, float32, int8 or int4; the last two save memory and change answers slightly",
      {
        usual,
      },
    ),
  oracleModel: (): Option =>
    option(
      "--oracle-model <dir>",
      "second network, from which oracle latents are computed. skila: its SigLIP2 encoder, without which there are no " +
        "oracle latents; ilvr: its teacher, without which they are approximated; not used by other families",
    ),
  download: (): Option =>
    option("--download", "download missing files of the model from the Hub", { usual: "offline" }),
  map: (): Option =>
    option(
      "--map <name|file>",
      "mapping that reads another dataset's fields: the name of a benchmark, such as vstar, blink, mmvp or viscot-mc " +
        "(all names: docs/data.md), or a YAML file",
    ),
  pixels: (usual: string): Option =>
    option(
      "--pixels <source>",
      "where the least and the largest number of pixels of an image come from: family, as in its published " +
        "evaluation, or checkpoint, as in its preprocessor_config.json",
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
    option("--max-tokens <n>", "maximum number of new tokens per reply, latents included", {
      parse: whole(1),
      usual,
    }),
  repetitionPenalty: (usual: string): Option =>
    option("--repetition-penalty <p>", "repetition penalty over prompt and reply; 1 is none", {
      parse: positive,
      usual,
    }),
};
