import { configJson, parseConfig } from "./config-json.ts";
import type { ModelType, QwenConfig, TextConfig, TokenIds, VisionConfig } from "./types.ts";

/** Sizes of a pocket model; the rest is derived. */
export interface PocketShape {
  /** Default "qwen2_5_vl". */
  modelType?: ModelType;
  vocabSize: number;
  hiddenSize: number;
  layers: number;
  heads: number;
  /** Default `heads`. */
  kvHeads?: number;
  /** SwiGLU width; default 8/3 of the hidden size, rounded up to a multiple of 8. */
  intermediateSize?: number;
  ropeTheta?: number;
  rmsNormEps?: number;
  tied?: boolean;
  vision?: Partial<Omit<VisionConfig, "patchDim" | "outHiddenSize">>;
  tokens?: Partial<TokenIds>;
  /** Further keys of config.json, such as `latent_size`. */
  extra?: Record<string, unknown>;
}

/**
 * The configuration of a pocket model: rotary sections split as evenly as half a head allows (vertical and horizontal
 * first, as in the published models), one vision block with full attention, patches of 6 pixels. Token ids default to
 * those of `pocketTokenizer`. Qwen3-VL gets a 4 × 4 table of learned positions, and DeepStack from its one block.
 *
 * @example
 * pocketConfig({ vocabSize: 64, hiddenSize: 96, layers: 3, heads: 4 }).text.mropeSection; // [4, 4, 4]
 */
export function pocketConfig(shape: PocketShape): QwenConfig {
  const { hiddenSize, heads, layers, vocabSize } = shape;
  const half = hiddenSize / heads / 2;
  const spatial = Math.min(Math.ceil(half / 3), Math.floor((half - 1) / 2));
  const text: TextConfig = {
    hiddenSize,
    layers,
    heads,
    kvHeads: shape.kvHeads ?? heads,
    headDim: hiddenSize / heads,
    intermediateSize: shape.intermediateSize ?? Math.ceil((hiddenSize * 8) / 3 / 8) * 8,
    vocabSize,
    rmsNormEps: shape.rmsNormEps ?? 1e-6,
    ropeTheta: shape.ropeTheta ?? 100,
    mropeSection: [half - 2 * spatial, spatial, spatial],
    // properties of the architecture: parseConfig fills them in
    mropeInterleaved: false,
    attentionBias: true,
    qkNorm: false,
    tied: shape.tied ?? true,
  };
  const vision: VisionConfig = {
    kind: "qwen2_5",
    depth: 1,
    hiddenSize: 32,
    heads: 2,
    intermediateSize: 64,
    channels: 3,
    patchSize: 6,
    mergeSize: 2,
    temporalPatchSize: 2,
    windowSize: 48,
    fullAttentionBlocks: [0],
    tokensPerSecond: 2,
    positionSide: 4,
    deepstackBlocks: [0],
    ...shape.vision,
    outHiddenSize: hiddenSize,
    patchDim: 0, // derived by parseConfig
  };
  const tokens: TokenIds = { ...pocketTokenIds, ...shape.tokens };
  const modelType = shape.modelType ?? "qwen2_5_vl";
  const config: QwenConfig = { modelType, text, vision, tokens, raw: { ...shape.extra } };
  return parseConfig(configJson(config), "pocket configuration");
}

/** Ids of the special tokens that `pocketTokenizer` puts first in its vocabulary. */
export const pocketTokenIds: TokenIds = { visionStart: 3, visionEnd: 4, image: 5, video: 6 };
