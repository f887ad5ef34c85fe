/** The tiny random checkpoints of test/goldens/qwen, loaded with plain means. */
import { readFileSync } from "node:fs";
import { readSafetensors, toFloat32 } from "../src/formats/index.ts";
import { float32, type Value } from "../src/graph/index.ts";
import { parseConfig, type QwenConfig } from "../src/qwen/index.ts";

export const goldenPath = (name: string): string =>
  new URL(`./goldens/qwen/${name}`, import.meta.url).pathname;
export const goldenJson = (name: string) => JSON.parse(readFileSync(goldenPath(name), "utf8"));

export async function goldenTensors(name: string): Promise<Map<string, Float32Array>> {
  const raw = await readSafetensors(goldenPath(name));
  return new Map([...raw].map(([key, t]) => [key, toFloat32(t)]));
}

const canonical = (name: string): string =>
  name.replace(/^model\.visual\./, "visual.").replace(/^model\.language_model\./, "model.");

/** Tensors of a file by the names that Lintel knows, in float32. */
export async function readTensors(
  path: string,
): Promise<Map<string, { data: Float32Array; shape: readonly number[] }>> {
  const raw = await readSafetensors(path);
  return new Map([...raw].map(([key, t]) => [canonical(key), { data: toFloat32(t), shape: t.shape }]));
}

export async function tinyCheckpoint(
  which: "tied" | "untied" | "qwen3",
): Promise<{ config: QwenConfig; weights: Record<string, Value> }> {
  const config = parseConfig(goldenJson(`tiny-${which}/config.json`), "config.json");
  const weights: Record<string, Value> = {};
  for (const [name, t] of await readSafetensors(goldenPath(`tiny-${which}/model.safetensors`))) {
    weights[canonical(name)] = float32(toFloat32(t), t.shape);
  }
  return { config, weights };
}

/** Largest absolute difference of two arrays, over the places that `keep` picks. */
export function worstDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  keep: (i: number) => boolean = () => true,
): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) if (keep(i)) worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
  return worst;
}
