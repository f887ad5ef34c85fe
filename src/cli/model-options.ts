/** Options of the model of an audit, which several commands load; `usual` says where its default comes from. */
import type { Option } from "commander";
import { option } from "./command.ts";
import { positive, whole } from "./options.ts";

export const modelOptions = {
  family: (usual: string): Option =>
    option(
      "--family <name|file>",
      "published method that the checkpoint was trained with; it sets latent markers, decoding loop and prompt. Known: " +
        "lantern, lvr, lvr-steps, lvr-none, lvr-latent, realvr, univlr, univlr-steps, univlr-blocks, colt, rot, onevl, " +
        "laser, laser-dynamic, laser-steps, lavit, mirage, ilvr, monet, monet-vllm, monet-transformers, skila, covt, " +
        "livr, swimbird, coconut, ivt-lr, cvrr, wm-vlm, base (a model without latents), or a YAML file for a method of your own " +
        "(docs/families.md describes them all). lvr-, univlr-, laser- and monet- with a suffix are other published decoding " +
        "loops of lvr, univlr, laser and monet, which are never detected: name them",
      { usual },
    ),
  weights: (usual: string): Option =>
    option(
      "--weights <format>",
      "with --engine onnx: precision of the weights in memory: float32, or int8 or int4 (quantized when loaded: less memory, " +
        "and some answers change)",
      {
        usual,
      },
    ),
  oracleModel: (): Option =>
    option(
      "--oracle-model <dir>",
      "with --engine onnx, families skila and ilvr only: checkpoint of the network that computes oracle latents. skila: its " +
        "SigLIP2 encoder; without it there are no oracle latents. ilvr: its teacher model; without it the checkpoint's own " +
        "vision tower is used, which the results say. --engine torch does not accept the option",
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
      "source of min_pixels and max_pixels: the family's published evaluation (family; where that sets none, the " +
        "checkpoint), or the checkpoint's preprocessor_config.json (checkpoint)",
      { choices: ["family", "checkpoint"], usual },
    ),
  minPixels: (): Option =>
    option(
      "--min-pixels <n>",
      "enlarge smaller images to at least n pixels (width × height); replaces the lower bound of --pixels",
      { parse: whole(1) },
    ),
  maxPixels: (): Option =>
    option(
      "--max-pixels <n>",
      "shrink larger images to at most n pixels (width × height); replaces the upper bound of --pixels",
      { parse: whole(1) },
    ),
  maxTokens: (usual: string): Option =>
    option("--max-tokens <n>", "maximum number of new tokens per reply (max_new_tokens), latents included", {
      parse: whole(1),
      usual,
    }),
  repetitionPenalty: (usual: string): Option =>
    option("--repetition-penalty <p>", "repetition penalty over prompt and reply; 1 is none", {
      parse: positive,
      usual,
    }),
};
