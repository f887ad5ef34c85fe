/** Qwen2.5-VL and Qwen3-VL: network, decoding, vision tower, image processor, tokenizer, checkpoints. */
export { checkpointFingerprint } from "./checkpoint/fingerprint.ts";
export {
  type Checkpoint,
  loadWeights,
  openCheckpoint,
  openSettings,
  type RawSettings,
  type Weights,
  withRows,
} from "./checkpoint/open-checkpoint.ts";
export { saveCheckpoint } from "./checkpoint/save-checkpoint.ts";
export { canonicalName, expectedTensors, layerTensors } from "./checkpoint/tensor-names.ts";
export { configJson, isKnown as isQwen, parseConfig } from "./config/config-json.ts";
export type { GenerationConfig } from "./config/generation-config.ts";
export { pocketConfig } from "./config/pocket-config.ts";
export type { QwenConfig, TextConfig, VisionConfig } from "./config/types.ts";
export type { AttentionCore } from "./decoder/attention.ts";
export { branchCachedAttention, branchTrainingAttention, keepingKeys } from "./decoder/branch-attention.ts";
export { decoder, embeddingTable, languageHead } from "./decoder/decoder.ts";
export { type Grid, ropeIndex } from "./decoder/position-ids.ts";
export { decoderRotary, inverseFrequencies } from "./decoder/rotary-embedding.ts";
export { trainingAttention } from "./decoder/training-attention.ts";
export { MASK_VALUE } from "./decoding/decode-inputs.ts";
export { extendPrefix } from "./decoding/extend-prefix.ts";
export type { Replay, ReplayOptions, ReplayRow } from "./decoding/replay.ts";
export type {
  BlockMaker,
  BlockRows,
  ContinuationCache,
  PrefixCache,
  Prompt,
  StepMask,
} from "./decoding/types.ts";
export { createModel, type QwenModel } from "./model.ts";
export {
  imageProcessor,
  imageResizer,
  type ProcessedImage,
  processImage,
  resizedSizes,
} from "./processor/image-processor.ts";
export { pixelGradient } from "./processor/pixel-gradient.ts";
export {
  hasQwenProcessor,
  type ProcessorConfig,
  parseProcessorConfig,
  readProcessor,
} from "./processor/processor-config.ts";
export type { Message } from "./tokenizer/chat-template.ts";
export { pocketTokenizer } from "./tokenizer/pocket-tokenizer.ts";
export { createTokenizer, loadTokenizer, type Tokenizer } from "./tokenizer/tokenizer.ts";
export { unknownWords } from "./tokenizer/unknown-words.ts";
export { type EncodedImage, promptVisuals } from "./vision/deepstack.ts";
export { openSiglip } from "./vision/siglip.ts";
export { cellSize, gelu, mergeCells } from "./vision/vision-layers.ts";
export { fileWeights, residentBytes } from "./weights/file-weights.ts";
export { lazySession } from "./weights/lazy-session.ts";
export { type WeightFormat, weightFormatNamed } from "./weights/quantized-file.ts";
export { memoryWeights, type WeightStore, type WeightValues } from "./weights/weight-store.ts";
