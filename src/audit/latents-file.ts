/** `latents.safetensors` of an audit: own and oracle latents of every example, in the order of the split. */
import { access } from "node:fs/promises";
import {
  float32,
  readSafetensors,
  readSafetensorsHeader,
  toFloat32,
  writeSafetensors,
} from "../formats/index.ts";
import type { Latents } from "./geometry.ts";

/** Writes the file atomically. Rows without an own block or an oracle hold NaN. */
export async function writeLatents(path: string, latents: Latents): Promise<void> {
  const { examples, slots, width, own, oracle, hasOwn, hasOracle } = latents;
  const shape = [examples.length, slots, width];
  const flags = (values: ArrayLike<number | boolean>) => ({
    dtype: "U8" as const,
    shape: [examples.length],
    data: Uint8Array.from({ length: examples.length }, (_, i) => Number(values[i])),
  });
  await writeSafetensors(
    path,
    new Map([
      ["own", float32(shape, own)],
      ["oracle", float32(shape, oracle)],
      ["hasOwn", flags(hasOwn)],
      ["hasOracle", flags(hasOracle)],
    ]),
    { examples: JSON.stringify(examples) },
  );
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
  return {
    examples,
    slots: own.shape[1]!,
    width: own.shape[2]!,
    own: toFloat32(own),
    oracle: toFloat32(tensors.get("oracle")!),
    hasOwn: flags("hasOwn"),
    hasOracle: flags("hasOracle"),
  };
}
