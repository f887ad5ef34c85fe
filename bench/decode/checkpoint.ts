/** Checkpoints of given shapes, in bench/.cache: written once, piece by piece. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDirectory, streamSafetensors, writeFileAtomic } from "../../src/formats/index.ts";
import type { PocketShape } from "../../src/qwen/config/pocket-config.ts";
import { configJson, expectedTensors, pocketConfig } from "../../src/qwen/index.ts";
import { random } from "../../src/util/index.ts";

const BLOCK = 1 << 20;

type Described = { dtype: "F32" | "BF16"; shape: readonly number[] };

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Random numbers of the right spread, as the upper halves of float32 where the case stores bfloat16. */
function* bytesOf(
  name: string,
  { dtype, shape }: Described,
  block: Float32Array,
  place: number,
): Generator<Uint8Array> {
  const length = elements(shape);
  const constant = shape.length === 1 ? (name.endsWith("bias") ? 0 : 1) : null;
  const scale = name.includes("embed") ? 0.02 : 1 / Math.sqrt(length / shape[0]!);
  const piece =
    constant === null
      ? block.map((x) => x * scale)
      : new Float32Array(Math.min(length, BLOCK)).fill(constant);
  const bits = new Uint32Array(piece.buffer);
  const stored = dtype === "F32" ? piece : Uint16Array.from(bits, (b) => b >>> 16);
  const size = stored.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(stored.buffer);
  // Each matrix begins elsewhere in the block: ONNX Runtime keeps only one of matrices that are alike.
  let at = constant === null ? (place * 7919) % BLOCK : 0;
  for (let done = 0; done < length; ) {
    const count = Math.min(length - done, stored.length - at);
    yield bytes.subarray(at * size, (at + count) * size);
    done += count;
    at = 0;
  }
}

/** The directory of a checkpoint of random weights, written where it is not there yet. */
export async function checkpointOf(
  cache: string,
  name: string,
  { shape, stored }: { shape: PocketShape; stored: "F32" | "BF16" },
): Promise<string> {
  const directory = await ensureDirectory(join(cache, name));
  const config = pocketConfig(shape);
  const json = JSON.stringify(configJson(config));
  const written = join(directory, "config.json");
  if (existsSync(written) && readFileSync(written, "utf8") === json) return directory;
  const r = random(0, "weights");
  const block = Float32Array.from({ length: BLOCK }, () => r.normal());
  const entries = [...expectedTensors(config)].map(([tensor, of]): [string, Described] => [
    tensor,
    { dtype: stored, shape: of },
  ]);
  const places = new Map(entries.map(([tensor, of], place) => [tensor, { of, place }]));
  const path = join(directory, "model.safetensors");
  await streamSafetensors(
    path,
    entries,
    (tensor) => {
      const { of, place } = places.get(tensor)!;
      return bytesOf(tensor, of, block, place);
    },
    { format: "pt" },
  );
  await writeFileAtomic(written, json);
  return directory;
}
