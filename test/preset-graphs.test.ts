/**
 * SHA-256 of the graphs that the presets run: a refactoring shows here that it changes nothing. Where a change is meant:
 *   LINTEL_UPDATE_GOLDENS=1 npx vitest run test/preset-graphs.test.ts
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Graph } from "../src/graph/index.ts";
import { encodeModel } from "../src/graph/onnx/encode.ts";
import { parameterInputs } from "../src/nn/index.ts";
import { decodeGraph } from "../src/qwen/decoding/decode-graph.ts";
import { expectedTensors, pocketConfig } from "../src/qwen/index.ts";
import { qwen25VisionGraph } from "../src/qwen/vision/vision-qwen2-5.ts";
import { loadPlan, type presets } from "../src/study/presets/index.ts";
import { pocketShape, recipes, trainDefaults } from "../src/training/index.ts";
import { microbatchSize } from "../src/training/step.ts";
import { trainingGraph } from "../src/training/training-graph.ts";

const path = new URL("./goldens/graphs/sha256.json", import.meta.url);
const names = ["pocket", "smoke"] as const satisfies (keyof typeof presets)[];

const { visionSize, ...shape } = pocketShape;
const config = pocketConfig({
  ...shape,
  vocabSize: 32,
  tied: false,
  vision: { hiddenSize: visionSize, heads: 4, intermediateSize: 2 * visionSize },
});
/** Tokens of a sequence, and of its answer, about as tetris has them. */
const [length, answers] = [36, 9];
const parameters = [...expectedTensors(config).values()].reduce(
  (sum, dims) => sum + dims.reduce((a, b) => a * b, 1),
  0,
);

const fed = (graph: Graph) => parameterInputs(graph, "float32").source;

/** The loss alone: what is left of a training graph when nobody asks for gradients. */
function withoutGradients({ graph }: { graph: Graph }): Graph {
  return { ...graph, outputs: new Map([...graph.outputs].filter(([name]) => !name.startsWith("gradient:"))) };
}

async function graphsOf(preset: (typeof names)[number]): Promise<Record<string, Graph>> {
  const { cells } = await loadPlan(preset);
  const out: Record<string, Graph> = {};
  for (const { recipe, training } of cells) {
    const { latentWeight } = recipes[recipe as keyof typeof recipes];
    const whole = training?.batch ?? trainDefaults.batch;
    const batch = microbatchSize({ batch: whole, length, width: shape.intermediateSize, parameters });
    const made = trainingGraph({ config: config.text, batch, length, answers, latentWeight });
    out[`${recipe}, forward`] = withoutGradients(made);
    out[`${recipe}, backward`] = made.graph;
  }
  out["decode, prefill"] = decodeGraph({ config: config.text, mode: "prefill", parameters: fed });
  out["decode, step"] = decodeGraph({ config: config.text, mode: "step", parameters: fed });
  out["decode, either"] = decodeGraph({ config: config.text, mode: "either", parameters: fed });
  out.vision = qwen25VisionGraph(config.vision, fed);
  return out;
}

const hashes = async (preset: (typeof names)[number]): Promise<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(await graphsOf(preset)).map(([name, graph]) => [
      name,
      createHash("sha256").update(encodeModel(graph)).digest("hex"),
    ]),
  );

describe("graphs of presets", () => {
  it("are, byte for byte, what they were", async () => {
    const now = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await hashes(name)])));
    if (process.env.LINTEL_UPDATE_GOLDENS) writeFileSync(path, `${JSON.stringify(now, null, 2)}\n`);
    expect(now).toEqual(JSON.parse(readFileSync(path, "utf8")));
  });

  it("differ from each other where presets, recipes and directions do", async () => {
    const made = await hashes("pocket");
    expect(new Set(Object.values(made)).size).toBe(Object.keys(made).length);
  });
});
