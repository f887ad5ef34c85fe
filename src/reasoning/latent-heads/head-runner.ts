/** A checkpoint's head while it decodes. */
import { createGraph, float32, input, output, type SessionOptions, type Value } from "../../graph/index.ts";
import { lazySession, type VisionConfig } from "../../qwen/index.ts";
import { ensure } from "../../util/index.ts";
import type { LatentSize } from "./define.ts";
import { fedVectors } from "./head-graph.ts";
import { latentHeads } from "./registry.ts";
import { targetSpaces } from "./target-spaces.ts";
import {
  bufferShapes,
  feedsHiddenState,
  headRecord,
  headShapes,
  type LatentConfig,
  PREFIX,
} from "./tensors.ts";

/** Computes the vectors to feed [n, width] from hidden states [n, width] before slots with these numbers in their blocks. */
export interface HeadRunner {
  replaces: "input";
  run(hidden: Float32Array, slots: ArrayLike<number>): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * The head and target space that a checkpoint was trained with: its config.json, "lintel", "latent". null where it has
 * none, as every published checkpoint.
 *
 * Errors: code "checkpoint" for a head or space that this version does not know.
 */
export function latentConfigOf(config: Readonly<Record<string, unknown>>): LatentConfig | null {
  const { latent } = (config.lintel ?? {}) as { latent?: Partial<LatentConfig> };
  if (!latent) return null;
  const known = (what: string, all: readonly string[], kind: unknown): void =>
    ensure(all.includes(kind as string), "checkpoint", () => ({
      where: `config.json, lintel.latent.${what}`,
      expected: `one of ${all.join(", ")}`,
      got: JSON.stringify(kind) ?? "nothing",
      attempt: "the version of Lintel that trained the checkpoint",
    }));
  known("head", Object.keys(latentHeads), latent.head?.kind);
  known("space", Object.keys(targetSpaces), latent.space?.kind);
  return latent as LatentConfig;
}

/**
 * Throws "checkpoint" for a tensor of a head or target space that is missing or has another shape.
 */
export function requireHeadTensors(
  config: LatentConfig,
  size: LatentSize,
  weights: Readonly<Record<string, Value>>,
): void {
  for (const [name, shape] of [...headShapes(config, size), ...bufferShapes(config, size)]) {
    ensure(weights[name]?.shape.join() === shape.join(), "checkpoint", () => ({
      where: `tensor ${name}`,
      expected: `shape [${shape}], as the head in config.json wants it`,
      got: weights[name] ? `[${weights[name].shape}]` : "no such tensor",
    }));
  }
}

/**
 * What runs the head of a model: null where the hidden state itself is fed, and for heads beside the decoder (`createBlockMaker`). The weights stay the caller's and may change
 * between runs; for a merger head the tower's merger is among them, and `vision` describes it.
 *
 * Errors: code "checkpoint" for a tensor that is missing or has another shape.
 */
export function createHeadRunner(
  config: LatentConfig,
  size: LatentSize,
  weights: Readonly<Record<string, Value>>,
  { vision, ...options }: SessionOptions & { vision?: VisionConfig } = {},
): HeadRunner | null {
  const { head } = config;
  if (feedsHiddenState(config) || headRecord(head).beside) return null;
  const { width } = size;
  requireHeadTensors(config, size, weights);
  const cycle = headRecord(head).slotVectors?.(head, size);
  if (cycle !== undefined) {
    const vectors = weights[`${PREFIX}vectors`]!.data as Float32Array;
    return {
      replaces: "input",
      async run(hidden, slots) {
        const out = new Float32Array(hidden.length);
        for (let i = 0; i < out.length / width; i++) {
          const at = slots[i]! % cycle;
          out.set(vectors.subarray(at * width, (at + 1) * width), i * width);
        }
        return out;
      },
      release: () => Promise.resolve(),
    };
  }
  const session = lazySession(
    (parameters) => {
      const g = createGraph("latent head");
      const source = parameters(g);
      const hidden = input(g, "hidden", "float32", ["N", width]);
      const sources = { parameter: source, buffer: source, ...(vision && { vision }) };
      output("fed", fedVectors(sources, config, hidden));
      return g;
    },
    weights,
    options,
  );
  return {
    replaces: "input",
    async run(hidden) {
      const made = await session.get();
      const out = await made.session.run({
        ...made.parameters,
        hidden: float32(hidden, [hidden.length / width, width]),
      });
      return out.fed!.data as Float32Array;
    },
    release: () => session.release(),
  };
}
