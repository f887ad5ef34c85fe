/** Configuration of a Qwen2.5-VL or Qwen3-VL model, as the rest of Lintel uses it. */

/** Shape of the text decoder. */
export interface TextConfig {
  hiddenSize: number;
  layers: number;
  heads: number;
  kvHeads: number;
  /** hiddenSize / heads in Qwen2.5-VL, its own number in Qwen3-VL. */
  headDim: number;
  intermediateSize: number;
  vocabSize: number;
  rmsNormEps: number;
  ropeTheta: number;
  /** Frequencies that follow the temporal, vertical and horizontal position; they add up to headDim / 2. */
  mropeSection: [number, number, number];
  /** The three kinds of frequencies take turns (Qwen3-VL) instead of following each other. */
  mropeInterleaved: boolean;
  /** Queries, keys and values have a bias (Qwen2.5-VL). */
  attentionBias: boolean;
  /** Queries and keys pass an RMSNorm head by head (Qwen3-VL). */
  qkNorm: boolean;
  /** The head is the embedding table. (`openCheckpoint` makes it false where the weights hold another head.) */
  tied: boolean;
}

/** Shape of the vision tower. Sizes of patches and windows in pixels. */
export interface VisionConfig {
  /** Which layers: RMSNorm and SwiGLU in windows, or LayerNorm and GELU with learned positions and DeepStack. */
  kind: "qwen2_5" | "qwen3";
  depth: number;
  hiddenSize: number;
  heads: number;
  intermediateSize: number;
  outHiddenSize: number;
  channels: number;
  patchSize: number;
  mergeSize: number;
  temporalPatchSize: number;
  /** Values of one patch: channels · temporalPatchSize · patchSize². */
  patchDim: number;
  /** Infinite where there are no windows. */
  windowSize: number;
  /** Blocks that attend within the whole image; the others within windows. */
  fullAttentionBlocks: number[];
  tokensPerSecond: number;
  /** The table of learned positions has this many rows squared; 0 where there is none. */
  positionSide: number;
  /** Blocks whose output the first decoder layers receive too, each through a merger of its own (DeepStack). */
  deepstackBlocks: number[];
}

/** Token ids with a meaning to the model itself. */
export interface TokenIds {
  image: number;
  video: number;
  visionStart: number;
  visionEnd: number;
}

/** Architectures by the `model_type` of config.json. */
export type ModelType = "qwen2_5_vl" | "qwen3_vl";

export interface QwenConfig {
  modelType: ModelType;
  text: TextConfig;
  vision: VisionConfig;
  tokens: TokenIds;
  /** config.json as it was read, with the keys that families add. */
  raw: Record<string, unknown>;
}
