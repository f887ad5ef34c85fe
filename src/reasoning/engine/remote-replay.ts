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

/** `QwenModel.replay` elsewhere: row i continues row i of the prefix. */
export async function remoteReplay(
  engine: Connection,
  { handle, rows: places }: RemotePrefix,
  rows: readonly ReplayRow[],
  { width, gradient = false }: ReplayOptions & { width: number; layers: number },
): Promise<Replay> {
  const latents = concatenated(rows.map((row) => row.latents));
  const { tensors } = await engine.request(
    "replay",
    {
      handle,
      rows: rows.map(({ ids, slots, options, chosen, read }, i) => ({
        row: places[i],
        ids,
        slots,
        options,
        chosen,
        read: read ?? null,
      })),
      gradient,
      attention: true,
    },
    { latents: { shape: [latents.length / width, width], data: latents } },
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
    heads: null,
    states: null,
  };
}
