/**
 * A checkpoint's matrices quantized to 4 or 8 bits, tensor by tensor, and stored as one safetensors file in Lintel's
 * cache, which ONNX Runtime maps. Only a few rows at a time are in memory.
 */
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync } from "node:fs";
import { readFile, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type Dtype,
  ensureDirectory,
  readSafetensorsHeader,
  type SafetensorsHeader,
  sha256Of,
  streamSafetensors,
  writeFileAtomic,
} from "../../formats/index.ts";
import type { QuantizedBits } from "../../graph/index.ts";
import type { QuantizedRanges } from "../../nn/index.ts";
import { cacheDirectory, LintelError, type OnProgress, unknownName } from "../../util/index.ts";
import type { Checkpoint } from "../checkpoint/open-checkpoint.ts";
import { readFloats } from "../checkpoint/read-floats.ts";
import type { StoredTensor } from "../checkpoint/stored-tensors.ts";
import { EMBEDDING_TABLE } from "../checkpoint/tensor-names.ts";
import { blockSize, quantizeRows } from "./quantize.ts";

/** Version of the quantization and of the file layout. */
const LAYOUT = 2;

/** Floats in memory at a time. */
const PIECE = 2 ** 21;

/** Weight formats: as stored (`float32`), or quantized. */
const weightFormats = ["float32", "int8", "int4"] as const;

export type WeightFormat = (typeof weightFormats)[number];

/**
 * The weight format of a name.
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
 * Bits of a matrix; null for tensors that are not quantized: norms, biases, convolutions. With `int4` the decoder layers,
 * which hold most weights, take 4 bits; the language-model head, whose errors reach the logits directly, and the vision
 * tower take 8.
 */
function bitsOf(
  name: string,
  { shape }: StoredTensor,
  form: WeightFormat,
  tied: boolean,
): QuantizedBits | null {
  if (form === "float32" || shape.length !== 2 || name === "visual.pos_embed.weight") return null;
  if (name === EMBEDDING_TABLE && !tied) return null;
  return form === "int4" && name.startsWith("model.layers.") ? 4 : 8;
}

interface QuantizedMatrix {
  name: string;
  tensor: StoredTensor;
  bits: QuantizedBits;
  packed: { dtype: Dtype; shape: number[] };
  scales: { dtype: Dtype; shape: number[] };
}

function matricesOf({ tensors, config }: Checkpoint, form: WeightFormat): QuantizedMatrix[] {
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

/** Hash of everything that determines the quantized values: state of the weight files, and the quantization. */
async function keyOf(matrices: readonly QuantizedMatrix[]): Promise<string> {
  const files: unknown[] = [];
  for (const path of new Set(matrices.map(({ tensor }) => tensor.path))) {
    const real = await realpath(path);
    const { size, mtimeMs } = await stat(real);
    files.push([real, size, mtimeMs]);
  }
  const content = matrices.map(({ name, tensor, bits }) => [
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

/** The file with the SHA-256 of quantized weights, which is written after them. */
const digestPath = (path: string): string => path.replace(/safetensors$/, "sha256");

/** The header of an intact file with the expected tensors; null otherwise. */
async function readIfIntact(
  path: string,
  matrices: readonly QuantizedMatrix[],
): Promise<SafetensorsHeader | null> {
  if (!existsSync(path) || !existsSync(digestPath(path))) return null;
  try {
    // A changed value would be computed with as if it were the model's.
    if ((await readFile(digestPath(path), "utf8")) !== (await sha256Of(path))) return null;
    const header = await readSafetensorsHeader(path);
    const same = (name: string, want: { dtype: Dtype; shape: number[] }): boolean => {
      const found = header.tensors.get(name);
      return found?.dtype === want.dtype && found.shape.join() === want.shape.join();
    };
    const intact = matrices.every(
      ({ name, packed, scales }) => same(`${name}.packed`, packed) && same(`${name}.scales`, scales),
    );
    return intact ? header : null;
  } catch (error) {
    // a damaged file is written again
    if (error instanceof LintelError && (error.code === "checkpoint" || error.code === "input")) return null;
    throw error;
  }
}

async function write(
  path: string,
  matrices: readonly QuantizedMatrix[],
  onProgress?: OnProgress,
): Promise<void> {
  const entries = matrices.flatMap(({ name, packed, scales }) => [
    [`${name}.packed`, packed] as const,
    [`${name}.scales`, scales] as const,
  ]);
  const byName = new Map(matrices.map((matrix) => [`${matrix.name}.packed`, matrix]));
  let scales = new Float32Array(0);
  let done = 0;
  const report = (): void =>
    onProgress?.({
      label: "quantize weights",
      done: Math.min(done, matrices.length),
      total: matrices.length,
      unit: "matrices",
    });
  function* bytesOf(name: string): Generator<Uint8Array> {
    const matrix = byName.get(name);
    if (!matrix) {
      // the scales of a matrix follow its packed values
      yield new Uint8Array(scales.buffer);
      done++;
      report();
      return;
    }
    const [outputs, inputs] = matrix.tensor.shape as [number, number];
    scales = new Float32Array(matrix.scales.shape[0]! * matrix.scales.shape[1]!);
    const rowsPerPiece = Math.max(1, Math.floor(PIECE / inputs));
    const file = openSync(matrix.tensor.path, "r");
    try {
      for (let first = 0; first < outputs; first += rowsPerPiece) {
        const rows = Math.min(rowsPerPiece, outputs - first);
        const quantized = quantizeRows(
          readFloats(file, matrix.tensor, first * inputs, rows * inputs),
          inputs,
          matrix.bits,
        );
        scales.set(quantized.scales, first * matrix.scales.shape[1]!);
        yield quantized.packed;
      }
    } finally {
      closeSync(file);
    }
  }
  report();
  await rm(digestPath(path), { force: true });
  await streamSafetensors(path, entries, bytesOf, { lintel: `weights ${LAYOUT}` });
  await writeFileAtomic(digestPath(path), await sha256Of(path));
}

/**
 * File ranges of the quantized matrices of a checkpoint, by canonical name. They are quantized first if the cache lacks
 * them or what it has was changed (about twenty seconds for a model of three billion weights). Empty for "float32".
 *
 * Errors: code "output" if the cache cannot be written.
 */
export async function quantizedRanges(
  checkpoint: Checkpoint,
  form: WeightFormat,
  onProgress?: OnProgress,
): Promise<Map<string, QuantizedRanges>> {
  const matrices = matricesOf(checkpoint, form);
  const ranges = new Map<string, QuantizedRanges>();
  if (matrices.length === 0) return ranges;
  const directory = await ensureDirectory(join(cacheDirectory(), "weights"));
  const path = join(directory, `${form}-${await keyOf(matrices)}.safetensors`);
  let header = await readIfIntact(path, matrices);
  if (!header) {
    await write(path, matrices, onProgress);
    header = await readSafetensorsHeader(path);
  }
  for (const { name, bits } of matrices) {
    const rangeOf = (kind: string) => {
      const { shape, offset, length } = header.tensors.get(`${name}.${kind}`)!;
      return { path, shape, offset, length };
    };
    ranges.set(name, {
      bits,
      packed: { dtype: "uint8", ...rangeOf("packed") },
      scales: { dtype: "float32", ...rangeOf("scales") },
    });
  }
  return ranges;
}
