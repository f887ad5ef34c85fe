/** What analyses of suites compute beside the audit itself. */
import type { AnalysisName } from "../suites/analyses/index.ts";

interface Cost {
  /** Readings of a continuation from a kept prefix, per example; one with a gradient counts three times. */
  readings: number;
  /** Prompts read once more, per example. */
  prompts: number;
  /** Examples that are looked at, at most. */
  most?: number;
}

interface Sizes {
  slots: number;
  layers: number;
}

/** Those that are made of outcomes and latents alone cost nothing here. */
const costs: Partial<Record<AnalysisName, (sizes: Sizes) => Partial<Cost>>> = {
  probes: () => ({ readings: 1, prompts: 1 }),
  attention: () => ({ readings: 1 }),
  attentionEntropy: () => ({ readings: 1 }),
  attribution: () => ({ readings: 3 }),
  targetRegion: () => ({ readings: 3 }),
  // Sixteen windows, and without a cut.
  regionBlocking: () => ({ readings: 18, prompts: 17, most: 32 }),
  // Five steps, each as many readings of prompt and answer, and with a gradient (which counts three times), as it has slots and
  // one more; then the same without, and three rows of answers, of two kinds of images.
  adversarialImages: ({ slots }) => ({ readings: 6, prompts: (5 * (1 + 3) + 3) * (slots + 1) + 4, most: 32 }),
  // Up to ten sizes in two directions, each of eight steps with a gradient.
  flips: () => ({ readings: 240 }),
  fixedContext: ({ slots }) => ({ readings: slots + 2 + Math.ceil(Math.log2(slots + 1)) }),
  logitLens: () => ({ readings: 1, most: 100 }),
  targetForcing: () => ({ readings: 2 }),
  // Four options, each written out.
  answerContrast: () => ({ readings: 4 }),
  answerLikelihood: () => ({ readings: 36, most: 64 }),
  edits: () => ({ readings: 2, prompts: 2 }),
  slotInfluence: ({ slots }) => ({ readings: 1 + Math.min(8, slots), most: 64 }),
  dummyTokens: () => ({ readings: 2, most: 64 }),
  // Two sets of rows, two directions, and three doses, every layer.
  layerPatching: ({ layers }) => ({ readings: 7 * layers + 2, most: 64 }),
};

/**
 * What an analysis costs per example, in readings of a continuation and of a prompt.
 *
 * @example
 * costOf("reliance", { slots: 4, layers: 2 }); // { readings: 0, prompts: 0 }
 * costOf("slotInfluence", { slots: 4, layers: 2 }); // { readings: 5, prompts: 0, most: 64 }
 */
export const costOf = (name: AnalysisName, sizes: Sizes): Cost => ({
  readings: 0,
  prompts: 0,
  ...costs[name]?.(sizes),
});
