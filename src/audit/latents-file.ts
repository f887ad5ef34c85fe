/** `latents.safetensors` of an audit: own and oracle latents of every example, in the order of the split. */
import { access } from "node:fs/promises";
import {
  float32,
  readSafetensors,
  readSafetensorsHeader,
  type Tensor,
  toFloat32,
  writeSafetensors,
} from "../formats/index.ts";
import type { Latents } from "./geometry.ts";

/**
 * Writes the file atomically. Rows without an own block or an oracle hold NaN. Where an example opened more than one
 * block, `furtherOwn` [m, K, D] holds the others and `furtherOwnRow` [m] the example's row: in order, all of one example
 * together; without, neither is in the file.
 */
export async function writeLatents(path: string, latents: Latents): Promise<void> {
  const { examples, slots, width, own, oracle, hasOwn, hasOracle, further } = latents;
  const shape = [examples.length, slots, width];
  const flags = (values: ArrayLike<number | boolean>) => ({
    dtype: "U8" as const,
    shape: [examples.length],
    data: Uint8Array.from({ length: examples.length }, (_, i) => Number(values[i])),
  });
  const tensors = new Map<string, Tensor>([
    ["own", float32(shape, own)],
    ["oracle", float32(shape, oracle)],
    ["hasOwn", flags(hasOwn)],
    ["hasOracle", flags(hasOracle)],
  ]);
  if (further) {
    const { rows } = further;
    tensors.set("furtherOwn", float32([rows.length, slots, width], further.own));
    tensors.set("furtherOwnRow", { dtype: "I32", shape: [rows.length], data: Int32Array.from(rows) });
  }
  await writeSafetensors(path, tensors, { examples: JSON.stringify(examples) });
}

/** Reads the file; null where there is none, or where it is of other examples. */
export async function readLatents(path: string, examples: readonly string[]): Promise<Latents | null> {
  try {
    await access(path);
  } catch {
    // No file: the own pass has not been done yet.
    return null;
  }
  const { metadata } = await readSafetensorsHeader(path);
  if (metadata.get("examples") !== JSON.stringify(examples)) return null;
  const tensors = await readSafetensors(path);
  const own = tensors.get("own")!;
  const flags = (name: string) => tensors.get(name)!.data as Uint8Array;
  const further = tensors.get("furtherOwn");
  return {
    examples,
    slots: own.shape[1]!,
    width: own.shape[2]!,
    own: toFloat32(own),
    oracle: toFloat32(tensors.get("oracle")!),
    hasOwn: flags("hasOwn"),
    hasOracle: flags("hasOracle"),
    ...(further && {
      further: { own: toFloat32(further), rows: [...(tensors.get("furtherOwnRow")!.data as Int32Array)] },
    }),
  };
}

/** Own latents [K·D] by example, one array per block; none where it opened none. */
export function ownBlocks({ examples, slots, width, own, hasOwn, further }: Latents): Float32Array[][] {
  const size = slots * width;
  const out = examples.map((_, i) => (hasOwn[i] ? [own.subarray(i * size, (i + 1) * size)] : []));
  for (const [at, row] of (further?.rows ?? []).entries()) {
    out[row]!.push(further!.own.subarray(at * size, (at + 1) * size));
  }
  return out;
}
