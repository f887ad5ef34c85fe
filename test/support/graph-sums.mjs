// SHA-256 of every graph of a pocket model and of a published one's shape, as ONNX, one JSON document:
//   node test/support/graph-sums.mjs
import { createHash } from "node:crypto";
import { encodeModel } from "../../dist/graph/onnx/encode.js";
import { parameterInputs } from "../../dist/nn/index.js";
import { decodeGraph } from "../../dist/qwen/decoding/decode-graph.js";
import { pocketConfig } from "../../dist/qwen/index.js";
import { replayGraph } from "../../dist/qwen/decoding/replay-graph.js";
import { qwen25VisionGraph } from "../../dist/qwen/vision/vision-qwen2-5.js";
import { trainingGraph } from "../../dist/training/training-graph.js";

const shapes = {
  pocket: { vocabSize: 32, hiddenSize: 96, layers: 2, heads: 2, intermediateSize: 192, tied: false },
  grouped: { vocabSize: 64, hiddenSize: 64, layers: 3, heads: 4, kvHeads: 2, intermediateSize: 96, tied: true },
};
const parameters = (g) => parameterInputs(g, "float32").source;

/** name → graph, of a configuration. */
const graphsOf = ({ text: config, vision }) => ({
  "training joint": trainingGraph({ config, batch: 4, length: 12, answers: 3, latentWeight: 0.1 }).graph,
  "training text": trainingGraph({ config, batch: 4, length: 12, answers: 3, latentWeight: null }).graph,
  prefill: decodeGraph({ config, mode: "prefill", parameters }),
  step: decodeGraph({ config, mode: "step", parameters }),
  "masked step": decodeGraph({ config, mode: "step", parameters, perContinuation: true }),
  either: decodeGraph({ config, mode: "either", parameters }),
  replay: replayGraph({ config, parameters, gradient: false }),
  "latent gradient": replayGraph({ config, parameters, gradient: true }),
  vision: qwen25VisionGraph(vision, parameters),
});

const sums = {};
for (const [shape, options] of Object.entries(shapes)) {
  for (const [name, graph] of Object.entries(graphsOf(pocketConfig(options)))) {
    sums[`${shape} ${name}`] = createHash("sha256").update(encodeModel(graph)).digest("hex");
  }
}
process.stdout.write(`${JSON.stringify(sums, null, 2)}\n`);
