/** Replays of given continuations by an engine elsewhere. */
import type { Connection, Tensor } from "../../engine/index.ts";
import { concatenated } from "../../numeric/index.ts";
import type { Replay, ReplayOptions, ReplayRow } from "../../qwen/index.ts";
import type { RemotePrefix } from "./types.ts";

/** A tensor [layers, positions, columns] by layer. */
function byLayer({ shape: [layers = 0], data }: Tensor): Float32Array[] {
  const size = data.length / layers;
  return Array.from({ length: layers }, (_, i) => (data as Float32Array).slice(i * size, (i + 1) * size));
}

interface RemoteReplayOptions {
  width: number;
  /** Whether the engine gives heads one by one, states after each layer, and exchanges them. */
  inspects: boolean;
}

/** `QwenModel.replay` elsewhere: row i continues row i of the prefix. */
export async function remoteReplay(
  engine: Connection,
  { handle, rows: places }: RemotePrefix,
  rows: readonly ReplayRow[],
  { width, inspects, gradient = false, inspect: wanted = false }: ReplayOptions & RemoteReplayOptions,
): Promise<Replay> {
  // An engine of an earlier version: heads and states are null.
  const inspect = wanted && inspects;
  const exchanged = inspect ? rows.flatMap(({ exchange = [] }) => exchange.map(({ state }) => state)) : [];
  const latents = concatenated(rows.map((row) => row.latents));
  const { tensors } = await engine.request(
    "replay",
    {
      handle,
      rows: rows.map(({ ids, slots, options, chosen, read, exchange = [] }, i) => ({
        row: places[i],
        ids,
        slots,
        options,
        chosen,
        read: read ?? null,
        ...(inspect && exchange.length > 0 && { exchange: exchange.map(({ layer, at }) => [layer, at]) }),
      })),
      gradient,
      attention: true,
      ...(inspect && { inspect }),
    },
    {
      latents: { shape: [latents.length / width, width], data: latents },
      ...(exchanged.length > 0 && {
        exchanged: { shape: [exchanged.length, width], data: concatenated(exchanged) },
      }),
    },
  );
  const each = (name: string): Float32Array[] =>
    rows.map((_, i) => tensors[`${name}.${i}`]!.data as Float32Array);
  const layered = (name: string): Float32Array[][] => rows.map((_, i) => byLayer(tensors[`${name}.${i}`]!));
  return {
    hidden: each("hidden"),
    scores: each("scores"),
    logOdds: [...(tensors.logOdds!.data as Float32Array)],
    attention: layered("attention"),
    gradient: gradient ? each("gradient") : null,
    attribution: gradient ? layered("attribution") : null,
    saliency: gradient ? layered("saliency") : null,
    heads: inspect ? layered("heads") : null,
    states: inspect ? layered("states") : null,
  };
}
