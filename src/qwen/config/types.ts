/** Configuration of a Qwen2.5-VL or Qwen3-VL model, as the rest of Lintel uses it. */

/** Shape of the text decoder. */
export interface TextConfig {
  hiddenSize: number;
  layers: number;
  heads: number;
  kvHeads: number;
  /** hiddenSize / heads in Qwen2.5-VL, independent in Qwen3-VL. */
  headDim: number;
  intermediateSize: number;
  vocabSize: number;
  rmsNormEps: number;
  ropeTheta: number;
  /** Frequencies that follow the temporal, vertical and horizontal position; their sum is headDim / 2. */
  mropeSection: [number, number, number];
  /** The frequencies of the three axes alternate (Qwen3-VL) instead of following each other. */
  mropeInterleaved: boolean;
  /** Queries, keys and values have a bias (Qwen2.5-VL). */
  attentionBias: boolean;
  /** Queries and keys pass an RMSNorm per head (Qwen3-VL). */
  qkNorm: boolean;
  /** The language-model head is the embedding table. `openCheckpoint` sets it to false if the weights hold another head. */
  tied: boolean;
}

/** Shape of the vision tower; patch and window sizes in pixels. */
export interface VisionConfig {
  /** RMSNorm and SwiGLU with windows (qwen2_5), or LayerNorm and GELU with learned positions and DeepStack (qwen3). */
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
  /** Infinite without windows. */
  windowSize: number;
  /** Blocks with attention over the full image; the others attend within windows. */
  fullAttentionBlocks: number[];
  tokensPerSecond: number;
  /** Side of the square table of learned positions; 0 without one. */
  positionSide: number;
  /** Blocks whose output goes to the first decoder layers, each through a separate merger (DeepStack). */
  deepstackBlocks: number[];
}

/** Token ids that the network treats specially. */
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
  /** The parsed config.json, with the keys that families add. */
  raw: Record<string, unknown>;
}
