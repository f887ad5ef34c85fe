/** SigLIP's vision tower (`SiglipVisionModel`), the source of targets in SkiLa's training. */
import { join } from "node:path";
import { z } from "zod";
import {
  add,
  createGraph,
  float32,
  type Graph,
  gemm,
  input,
  multiHeadAttention,
  multiplyDims,
  output,
  reshape,
  type SessionOptions,
  type Tensor,
} from "../../graph/index.ts";
import { layerNorm, linear, type ParameterSource, parameterInputs } from "../../nn/index.ts";
import type { Picture } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";
import { readOptionalJson } from "../checkpoint/optional-json.ts";
import { type StoredTensor, storedTensors } from "../checkpoint/stored-tensors.ts";
import { imageProcessor } from "../processor/image-processor.ts";
import { pillowResizer } from "../processor/pillow-resize.ts";
import { tensorFiles } from "../weights/file-weights.ts";
import { lazySession } from "../weights/lazy-session.ts";
import type { WeightStore } from "../weights/weight-store.ts";
import { geluTanh } from "./vision-layers.ts";

/** The fields of SigLIP's config.json and preprocessor_config.json that Lintel uses, with the defaults of transformers. */
const visionSchema = z.looseObject({
  hidden_size: z.int().positive().default(768),
  intermediate_size: z.int().positive().default(3072),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(12),
  num_channels: z.literal(3).default(3),
  image_size: z.int().positive().default(224),
  patch_size: z.int().positive().default(16),
  hidden_act: z.literal("gelu_pytorch_tanh").default("gelu_pytorch_tanh"),
  layer_norm_eps: z.number().positive().default(1e-6),
});
const configSchema = z.discriminatedUnion("model_type", [
  z.looseObject({ model_type: z.literal("siglip"), vision_config: visionSchema.prefault({}) }),
  visionSchema.extend({ model_type: z.literal("siglip_vision_model") }),
]);

const triple = z.tuple([z.number(), z.number(), z.number()]).default([0.5, 0.5, 0.5]);
const processorSchema = z.looseObject({
  /** Pillow's numbers: 2 bilinear, 3 bicubic. */
  resample: z.union([z.literal(2), z.literal(3)]).default(3),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  image_mean: triple,
  image_std: triple,
});

interface SiglipConfig {
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  imageSize: number;
  patchSize: number;
  epsilon: number;
}

async function readJson<T extends z.ZodType>(
  schema: T,
  directory: string,
  name: string,
): Promise<z.output<T>> {
  const json = await readOptionalJson(directory, name);
  const result = schema.safeParse(json ?? undefined);
  ensure(json !== null && result.success, "checkpoint", () => ({
    where: join(directory, name),
    expected: "a SigLIP of fixed resolution, as google/siglip2-so400m-patch14-384",
    got:
      json === null
        ? "no such file"
        : result.error!.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
  }));
  return result.data as z.output<T>;
}

const TOWER = "vision_model";

/** Every parameter of the tower by name; the pooling head is not used. */
function siglipParameters(config: SiglipConfig): ReadonlyMap<string, Tensor> {
  let declared: ReadonlyMap<string, Tensor> = new Map();
  siglipGraph(config, (graph) => {
    const inputs = parameterInputs(graph, "float32");
    declared = inputs.declared;
    return inputs.source;
  });
  return declared;
}

/** Input: `patches` [I·P, 3·p·p] in raster order. Output: `features` [I·P, hiddenSize], after the last norm. */
function siglipGraph(config: SiglipConfig, parameters: (graph: Graph) => ParameterSource): Graph {
  const g = createGraph("siglip");
  const parameter = parameters(g);
  const { hiddenSize: d, intermediateSize: inner, patchSize, epsilon, heads } = config;
  const count = Math.floor(config.imageSize / patchSize) ** 2;
  const rows = multiplyDims("I", count);
  const pixels = input(g, "patches", "float32", [rows, 3 * patchSize ** 2]);
  const name = `${TOWER}.embeddings`;
  const kernel = parameter(`${name}.patch_embedding.weight`, [d, 3, patchSize, patchSize]);
  const bias = parameter(`${name}.patch_embedding.bias`, [d]);
  const embedded = gemm(pixels, reshape(kernel, [d, 3 * patchSize ** 2]), { transB: true, bias });
  const places = parameter(`${name}.position_embedding.weight`, [count, d]);
  let hidden: Tensor = reshape(add(reshape(embedded, ["I", count, d]), places), [rows, d]);
  for (let i = 0; i < config.layers; i++) {
    const layer = `${TOWER}.encoder.layers.${i}`;
    const x = layerNorm(parameter, `${layer}.layer_norm1`, hidden, epsilon);
    const part = (to: string): Tensor =>
      reshape(linear(parameter, `${layer}.self_attn.${to}_proj`, x, d, { bias: true }), ["I", count, d]);
    const context = multiHeadAttention(part("q"), part("k"), part("v"), heads, Math.sqrt(heads / d));
    const merged = reshape(context, [rows, d]);
    hidden = add(hidden, linear(parameter, `${layer}.self_attn.out_proj`, merged, d, { bias: true }));
    const y = layerNorm(parameter, `${layer}.layer_norm2`, hidden, epsilon);
    const wide = geluTanh(linear(parameter, `${layer}.mlp.fc1`, y, inner, { bias: true }));
    hidden = add(hidden, linear(parameter, `${layer}.mlp.fc2`, wide, d, { bias: true }));
  }
  output("features", layerNorm(parameter, `${TOWER}.post_layernorm`, hidden, epsilon));
  return g;
}

/** A SigLIP vision tower, ready to run. */
interface Siglip {
  config: SiglipConfig;
  /** Features of each picture's patches [patches, hiddenSize], in raster order. */
  features(pictures: readonly Picture[]): Promise<Float32Array[]>;
  release(): Promise<void>;
}

/** Maximum number of pictures per run. */
const CHUNK = 8;

/**
 * Opens a SigLIP directory (config.json, preprocessor_config.json, safetensors); the text tower is not read.
 *
 * Errors: "checkpoint" naming the file, or the tensors that are missing or have another shape.
 */
export async function openSiglip(directory: string, options: SessionOptions = {}): Promise<Siglip> {
  const json = await readJson(configSchema, directory, "config.json");
  const vision = visionSchema.parse("vision_config" in json ? json.vision_config : json);
  const processor = await readJson(processorSchema, directory, "preprocessor_config.json");
  const config: SiglipConfig = {
    hiddenSize: vision.hidden_size,
    intermediateSize: vision.intermediate_size,
    layers: vision.num_hidden_layers,
    heads: vision.num_attention_heads,
    imageSize: vision.image_size,
    patchSize: vision.patch_size,
    epsilon: vision.layer_norm_eps,
  };
  const found = await storedTensors(directory);
  const wrong = [...siglipParameters(config)].flatMap(([name, { shape }]) => {
    const tensor: StoredTensor | undefined = found.get(name);
    if (!tensor) return [`no ${name}`];
    return tensor.shape.join() === shape.join() ? [] : [`${name} [${tensor.shape}] instead of [${shape}]`];
  });
  ensure(wrong.length === 0, "checkpoint", () => ({
    where: directory,
    expected: "the tensors of the vision tower in config.json",
    got: wrong.length > 5 ? `${wrong.slice(0, 5).join(", ")} and ${wrong.length - 5} more` : wrong.join(", "),
  }));
  const { imageSize: side, patchSize } = config;
  const resize = pillowResizer(processor.resample === 2 ? "bilinear" : "bicubic");
  const cut = imageProcessor({
    ...{ patchSize, mergeSize: 1, temporalPatchSize: 1, minPixels: 1, maxPixels: side * side, resize: false },
    ...{ rescaleFactor: processor.rescale_factor, mean: processor.image_mean, std: processor.image_std },
  });
  const store: WeightStore = tensorFiles(found, directory);
  const lazy = lazySession((parameters) => siglipGraph(config, parameters), store, options);
  return {
    config,
    async features(pictures) {
      const { session, parameters } = await lazy.get();
      const out: Float32Array[] = [];
      for (let at = 0; at < pictures.length; at += CHUNK) {
        const each = pictures
          .slice(at, at + CHUNK)
          .map((picture) => cut(resize(picture, side, side)).patches);
        const size = each[0]!.length;
        const patches = new Float32Array(each.length * size);
        for (const [i, one] of each.entries()) patches.set(one, i * size);
        const dim = 3 * patchSize ** 2;
        const { features } = await session.run({
          ...parameters,
          patches: float32(patches, [patches.length / dim, dim]),
        });
        const data = features!.data as Float32Array;
        const rows = data.length / each.length;
        out.push(...each.map((_, i) => data.slice(i * rows, (i + 1) * rows)));
      }
      return out;
    },
    async release() {
      await lazy.release();
      await store.release();
    },
  };
}
