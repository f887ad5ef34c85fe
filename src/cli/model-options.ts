/** Options of the model of an audit, which several commands load; `usual` says where its default comes from. */
import type { Option } from "commander";
import { option } from "./command.ts";
import { positive, whole } from "./options.ts";

export const modelOptions = {
  family: (usual: string): Option =>
    option(
      "--family <name|file>",
      "published method that the checkpoint was trained with; it sets latent markers, decoding loop and prompt. " +
        "Names with a suffix, such as lvr-steps and monet-vllm, are other published loops of the same method; detection gives " +
        "the name without one. " +
        "lantern, lvr, lvr-steps, lvr-none, lvr-latent, realvr, univlr, univlr-steps, univlr-blocks, colt, rot, onevl, " +
        "laser, laser-dynamic, laser-steps, lavit, mirage, ilvr, monet, monet-vllm, monet-transformers, skila, covt, " +
        "livr, swimbird, coconut, ivt-lr, wm-vlm, cvrr, base (a model without latents), or a YAML file that defines a method of " +
        "yours (docs/families.md: what each is, and that file)",
      { usual },
    ),
  weights: (usual: string): Option =>
    option(
      "--weights <format>",
      "with --engine onnx: number format of the weights, float32, int8 or int4; the last two save memory and change some answers",
      {
        usual,
      },
    ),
  oracleModel: (): Option =>
    option(
      "--oracle-model <dir>",
      "with --engine onnx, for two families only: network that oracle latents are computed with. skila: its SigLIP2 " +
        "encoder; without it there are no oracle latents, and no verdict starved. ilvr: its teacher; without it the " +
        "checkpoint's own vision tower is used instead, and audit.json says so. With --engine torch the option is refused, " +
        "and both are as without it",
    ),
  download: (): Option =>
    option(
      "--download",
      "with --engine onnx: download files of --model that the Hugging Face cache lacks; data are never downloaded",
      {
        usual: "offline",
      },
    ),
  /** `note`: a sentence behind the description. */
  map: (note = ""): Option =>
    option(
      "--map <name|file>",
      "how to read the records of --data: the name of a benchmark, such as vstar, blink, mmvp or viscot-mc, or a YAML " +
        "file that says which columns hold question, options, answer, images and helper images (docs/data.md)" +
        note,
    ),
  pixels: (usual: string): Option =>
    option(
      "--pixels <source>",
      "which min_pixels and max_pixels to use: those of the family's published evaluation (family), or of the " +
        "checkpoint's preprocessor_config.json (checkpoint)",
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
