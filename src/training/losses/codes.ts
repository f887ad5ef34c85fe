import { input, int64, multiplyDims, reshape } from "../../graph/index.ts";
import { crossEntropy } from "../../nn/index.ts";
import { codeLogits, type LatentHead, nearestCodes } from "../../reasoning/index.ts";
import { defineLoss } from "./define.ts";

type Codebook = Extract<LatentHead, { kind: "codebook" }>;

interface Codes {
  /** Codes of every row of the feature table, `groups` each. */
  of: Int32Array;
  groups: number;
}

/** For a codebook head: cross-entropy over its codes. */
export const codes = defineLoss({
  kind: "codes",
  options: {},
  head: "codebook",
  prepare: ({ config, set, buffer, intoSpace }): Codes => {
    const head = config.head as Codebook;
    return { of: nearestCodes(buffer("codes"), head, intoSpace(set.table), set.width), groups: head.groups };
  },
  inputs: ({ examples, prepared }) => {
    const { of, groups } = prepared as Codes;
    const targets: number[] = [];
    for (const { sequence } of examples) {
      for (const row of sequence.oracle) {
        for (let g = 0; g < groups; g++) targets.push(targets.length / 2, of[row * groups + g]!);
      }
    }
    return { codes: int64(targets, [targets.length / 2, 2]) };
  },
  loss: ({ graph, head, headGraph, state }) => {
    const book = head as Codebook;
    const rows = multiplyDims(state.shape[0]!, book.groups);
    const logits = reshape(codeLogits(headGraph, book, state), [rows, book.codes]);
    return crossEntropy(logits, input(graph, "codes", "int64", [rows, 2]));
  },
});
