/**
 * A checkpoint's matrices in 4 or 8 bits, made tensor by tensor and kept as one safetensors file in Lintel's cache, so
 * that ONNX Runtime can map them too: no more than a few rows are ever in memory on the way.
 */
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type Dtype,
  ensureDirectory,
  readSafetensorsHeader,
  type SafetensorsHeader,
  streamSafetensors,
} from "../../formats/index.ts";
import type { QuantisedBits } from "../../graph/index.ts";
import type { QuantizedRanges } from "../../nn/index.ts";
import { cacheDirectory, LintelError, type OnProgress, unknownName } from "../../util/index.ts";
import type { Checkpoint } from "../checkpoint/open-checkpoint.ts";
import { readFloats } from "../checkpoint/read-floats.ts";
import type { StoredTensor } from "../checkpoint/stored-tensors.ts";
import { EMBEDDING_TABLE } from "../checkpoint/tensor-names.ts";
import { blockSize, quantizeRows } from "./quantize.ts";

/** Raised whenever the same weights would be rounded to other numbers, or laid out otherwise. */
const LAYOUT = 2;

/** Floats that are in memory at a time. */
const PIECE = 2 ** 21;

/** What weights are computed with: as they are stored (`float32`), or rounded. */
export const weightFormats = ["float32", "int8", "int4"] as const;

export type WeightFormat = (typeof weightFormats)[number];

/**
 * The form of a name.
 *
 * Errors: code "usage" with the nearest names for an unknown one.
 *
 * @example
 * weightFormatNamed("int4"); // "int4"
 */
export function weightFormatNamed(name: string): WeightFormat {
  const form = weightFormats.find((known) => known === name);
  if (!form) throw unknownName("weight format", name, weightFormats);
  return form;
}

/**
 * Bits of a matrix; null for what stays as it is: norms, biases, convolutions. Under `int4` the decoder's layers, by
 * far the most of the weights, take 4 bits; the head, where every rounding reaches the logits, and the vision tower 8.
 */
function bitsOf(
  name: string,
  { shape }: StoredTensor,
  form: WeightFormat,
  tied: boolean,
): QuantisedBits | null {
  if (form === "float32" || shape.length !== 2 || name === "visual.pos_embed.weight") return null;
  if (name === EMBEDDING_TABLE && !tied) return null;
  return form === "int4" && name.startsWith("model.layers.") ? 4 : 8;
}

interface QuantizedMatrix {
  name: string;
  tensor: StoredTensor;
  bits: QuantisedBits;
  packed: { dtype: Dtype; shape: number[] };
  scales: { dtype: Dtype; shape: number[] };
}

function planned({ tensors, config }: Checkpoint, form: WeightFormat): QuantizedMatrix[] {
  return [...tensors].flatMap(([name, tensor]): QuantizedMatrix[] => {
    const bits = bitsOf(name, tensor, form, config.text.tied);
    if (bits === null) return [];
    const [outputs, inputs] = tensor.shape as [number, number];
    const block = blockSize(bits, inputs);
    const blocks = Math.ceil(inputs / block);
    return [
      {
        name,
        tensor,
        bits,
        packed: { dtype: "U8", shape: [outputs, blocks, (block * bits) / 8] },
        scales: { dtype: "F32", shape: [outputs, blocks] },
      },
    ];
  });
}

/** What the rounded numbers follow from: the weights' files as they are now, and how they are rounded. */
async function keyOf(plans: readonly QuantizedMatrix[]): Promise<string> {
  const files: unknown[] = [];
  for (const path of new Set(plans.map(({ tensor }) => tensor.path))) {
    const real = await realpath(path);
    const { size, mtimeMs } = await stat(real);
    files.push([real, size, mtimeMs]);
  }
  const content = plans.map(({ name, tensor, bits }) => [
    name,
    tensor.stored,
    tensor.dtype,
    tensor.shape,
    bits,
  ]);
  return createHash("sha256")
    .update(JSON.stringify([LAYOUT, files, content]))
    .digest("hex");
}

/** The header of a file that is whole and holds what was planned; null otherwise. */
async function readIfWhole(
  path: string,
  plans: readonly QuantizedMatrix[],
): Promise<SafetensorsHeader | null> {
  if (!existsSync(path)) return null;
  try {
    const header = await readSafetensorsHeader(path);
    const same = (name: string, want: { dtype: Dtype; shape: number[] }): boolean => {
      const found = header.tensors.get(name);
      return found?.dtype === want.dtype && found.shape.join() === want.shape.join();
    };
    const whole = plans.every(
      ({ name, packed, scales }) => same(`${name}.packed`, packed) && same(`${name}.scales`, scales),
    );
    return whole ? header : null;
  } catch (error) {
    // A file that was damaged is made again, as one that was never there.
    if (error instanceof LintelError && error.code === "checkpoint") return null;
    throw error;
  }
}

async function write(
  path: string,
  plans: readonly QuantizedMatrix[],
  onProgress?: OnProgress,
): Promise<void> {
  const entries = plans.flatMap(({ name, packed, scales }) => [
    [`${name}.packed`, packed] as const,
    [`${name}.scales`, scales] as const,
  ]);
  const byName = new Map(plans.map((plan) => [`${plan.name}.packed`, plan]));
  let scales = new Float32Array(0);
  let done = 0;
  const report = (): void =>
    onProgress?.({
      label: "round weights",
      done: Math.min(done, plans.length),
      total: plans.length,
      unit: "matrices",
    });
  function* bytesOf(name: string): Generator<Uint8Array> {
    const plan = byName.get(name);
    if (!plan) {
      // Scales come after the numbers that they belong to.
      yield new Uint8Array(scales.buffer);
      done++;
      report();
      return;
    }
    const [outputs, inputs] = plan.tensor.shape as [number, number];
    scales = new Float32Array(plan.scales.shape[0]! * plan.scales.shape[1]!);
    const perPiece = Math.max(1, Math.floor(PIECE / inputs));
    const file = openSync(plan.tensor.path, "r");
    try {
      for (let first = 0; first < outputs; first += perPiece) {
        const rows = Math.min(perPiece, outputs - first);
        const rounded = quantizeRows(
          readFloats(file, plan.tensor, first * inputs, rows * inputs),
          inputs,
          plan.bits,
        );
        scales.set(rounded.scales, first * plan.scales.shape[1]!);
        yield rounded.packed;
      }
    } finally {
      closeSync(file);
    }
  }
  report();
  await streamSafetensors(path, entries, bytesOf, { lintel: `weights ${LAYOUT}` });
}

/**
 * Where the rounded matrices of a checkpoint lie, by canonical name; made first where the cache does not hold them
 * (about twenty seconds for a model of three billion weights). Empty for "float32".
 *
 * Errors: code "output" where the cache cannot be written.
 */
export async function quantizedRanges(
  checkpoint: Checkpoint,
  form: WeightFormat,
  onProgress?: OnProgress,
): Promise<Map<string, QuantizedRanges>> {
  const plans = planned(checkpoint, form);
  const places = new Map<string, QuantizedRanges>();
  if (plans.length === 0) return places;
  const directory = await ensureDirectory(join(cacheDirectory(), "weights"));
  const path = join(directory, `${form}-${await keyOf(plans)}.safetensors`);
  let header = await readIfWhole(path, plans);
  if (!header) {
    await write(path, plans, onProgress);
    header = await readSafetensorsHeader(path);
  }
  for (const { name, bits } of plans) {
    const place = (part: string) => {
      const { shape, offset, length } = header.tensors.get(`${name}.${part}`)!;
      return { path, shape, offset, length };
    };
    places.set(name, {
      bits,
      packed: { dtype: "uint8", ...place("packed") },
      scales: { dtype: "float32", ...place("scales") },
    });
  }
  return places;
}
