/** Heads and target spaces as graphs, for training and for decoding. */
import type { Tensor } from "../../graph/index.ts";
import { type ParameterSource, withPrefix } from "../../nn/index.ts";
import { cellSize, type TextConfig, type VisionConfig } from "../../qwen/index.ts";
import { ensure } from "../../util/index.ts";
import type { HeadGraph } from "./define.ts";
import { targetSpaces } from "./target-spaces.ts";
import { bufferShapes, headRecord, headShapes, type LatentConfig, PREFIX } from "./tensors.ts";

export interface HeadSources {
  /** Trained tensors. */
  parameter: ParameterSource;
  /** Fitted tensors, which take no gradient; for a merger head those of the vision tower's merger, too. */
  buffer: ParameterSource;
  /** The tower, for a merger head. */
  vision?: VisionConfig;
  /** The decoder and the slots of a block, for a head with layers beside it. */
  text?: TextConfig;
  k?: number;
}

/** What the head of a model sees when it builds its graph for latents of `width` elements. */
export function headGraph(
  { parameter, buffer: fitted, vision, text, k = 1 }: HeadSources,
  config: LatentConfig,
  width: number,
): HeadGraph {
  const space = targetSpaces[config.space.kind];
  const shapes = bufferShapes(config, { width, k, cells: vision ? cellSize(vision) : 0 });
  const buffer = (name: string): Tensor => fitted(`${PREFIX}${name}`, shapes.get(`${PREFIX}${name}`)!);
  return {
    parameter: withPrefix(parameter, PREFIX),
    buffer,
    intoSpace: (latents) => space.into(latents, buffer),
    outOfSpace: (latents) => space.outOf(latents, buffer),
    tower: () => {
      ensure(vision, "graph", () => ({
        where: `latent head ${config.head.kind}`,
        expected: "the vision tower whose merger computes the latents",
        got: "none",
      }));
      return { vision: vision!, tensors: fitted };
    },
    text: () => {
      ensure(text, "graph", () => ({
        where: `latent head ${config.head.kind}`,
        expected: "the decoder beside which its layers are",
        got: "none",
      }));
      return text!;
    },
  };
}

/** The vectors fed into slots for the hidden states [rows, width] before them. */
export function fedVectors(sources: HeadSources, config: LatentConfig, hidden: Tensor): Tensor {
  const { head } = config;
  const record = headRecord(head);
  const graph = headGraph(sources, config, hidden.shape.at(-1) as number);
  return record.feed?.(graph, head, hidden) ?? graph.outOfSpace(record.predict(graph, head, hidden));
}

/** The learned vectors [n, width] of a head that ignores hidden states; null for other heads. */
export function slotVectors(
  parameter: ParameterSource,
  config: LatentConfig,
  width: number,
  k: number,
): Tensor | null {
  if (!headRecord(config.head).slotVectors) return null;
  const name = `${PREFIX}vectors`;
  return parameter(name, headShapes(config, { width, k, cells: 0 }).get(name)!);
}
