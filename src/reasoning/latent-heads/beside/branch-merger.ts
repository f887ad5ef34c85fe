import { z } from "zod";
import { defineHead } from "../define.ts";
import { merger } from "../merger.ts";
import {
  branchBuffers,
  branchLayers,
  branchSchema,
  branchStates,
  branchTensors,
  fitStart,
  initializeBranch,
} from "./branch.ts";

/** The options of the merger's part. */
const ofMerger = ({ merger: hidden }: { merger: number }) => ({ kind: "merger" as const, hidden });

/**
 * A branch whose states predict the input of the vision tower's merger, as a merger head does from the decoder's: all latents
 * of a block at once, each a feature that the tower could have produced.
 */
export const branchMerger = defineHead({
  kind: "branch-merger",
  options: {
    ...branchSchema,
    /** Width of the gated layers in front of the merger. */
    merger: z.int().positive(),
  },
  usesMerger: true,
  tensors: (options, size) => [...branchTensors(options, size), ...merger.tensors(ofMerger(options), size)],
  buffers: (options, size) => [...branchBuffers(options, size), ...merger.buffers!(ofMerger(options), size)],
  initialize: (tensors, options) => {
    initializeBranch(tensors, options);
    merger.initialize!(tensors, ofMerger(options));
  },
  fit: (data, options) => {
    fitStart(data, options);
    merger.fit!(data, ofMerger(options));
  },
  predict: (graph, options, states) => merger.predict(graph, ofMerger(options), states),
  feed: (graph, options, states) => merger.feed!(graph, ofMerger(options), states),
  beside: { layers: branchLayers, startImage: ({ startImage }) => startImage, made: branchStates },
});
