/** Own and oracle latents of the first followed examples at each evaluation of a training: how they come to be what they are. */
import { existsSync } from "node:fs";
import { readSafetensors, readSafetensorsHeader, type Tensor, writeSafetensors } from "../formats/index.ts";
import { concatenated } from "../numeric/index.ts";
import type { Example } from "../tasks/index.ts";

/** In the directory of a model: `own.STEP` and `oracle.STEP`, float32 [n, K, D]; the metadata names the `examples`. */
export const FOLLOWED_FILE = "followed-latents.safetensors";
/** Examples whose latents are kept. */
const MOST = 64;

/** Own and oracle latents by example: the first block, null where there is none. */
export interface FollowedLatents {
  own: readonly (Float32Array | null)[];
  oracle: readonly (Float32Array | null)[];
}

/** Keeps latents step by step; `done`: those of later steps, of an attempt that was interrupted, are dropped. */
export async function openFollowed(path: string, examples: readonly Example[], width: number, done: number) {
  const kept = new Map<string, Tensor>();
  if (done > 0 && existsSync(path))
    for (const [name, tensor] of await readSafetensors(path))
      if (Number(name.split(".")[1]) <= done) kept.set(name, tensor);
  const ids = examples.slice(0, MOST).map(({ id }) => id);
  return {
    /** Adds those of a step. Examples without a block of the usual length are NaN. */
    async add(step: number, { own, oracle }: FollowedLatents): Promise<void> {
      const size = own.find((block) => block !== null)?.length;
      if (!size) return;
      for (const [name, blocks] of [
        ["own", own],
        ["oracle", oracle],
      ] as const) {
        const rows = ids.map((_, i) =>
          blocks[i]?.length === size ? blocks[i] : new Float32Array(size).fill(Number.NaN),
        );
        kept.set(`${name}.${step}`, {
          dtype: "F32",
          shape: [ids.length, size / width, width],
          data: concatenated(rows),
        });
      }
      await writeSafetensors(path, kept, { examples: JSON.stringify(ids) });
    },
  };
}

interface FollowedStep {
  step: number;
  /** Float32 [n, K, D]. */
  own: Tensor;
  oracle: Tensor;
}

/**
 * What was kept of a training, by step in order.
 *
 * Errors: "input" for a damaged file.
 */
export async function readFollowed(path: string): Promise<{ examples: string[]; steps: FollowedStep[] }> {
  const { metadata } = await readSafetensorsHeader(path);
  const tensors = await readSafetensors(path);
  const steps = [...tensors.keys()]
    .flatMap((name) => (name.startsWith("own.") ? [Number(name.slice(4))] : []))
    .sort((a, b) => a - b)
    .flatMap((step) => {
      const [own, oracle] = [tensors.get(`own.${step}`), tensors.get(`oracle.${step}`)];
      return own && oracle ? [{ step, own, oracle }] : [];
    });
  return { examples: JSON.parse(metadata.get("examples") ?? "[]") as string[], steps };
}
