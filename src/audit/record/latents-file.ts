/** `latents.safetensors` of an audit: own and oracle latents of every example, in the order of the split. */
import { access } from "node:fs/promises";
import {
  digestOf,
  float32,
  readSafetensors,
  readSafetensorsHeader,
  type Tensor,
  toFloat32,
  writeSafetensors,
} from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";

/** Own latents and oracles of a split. Rows may come in any order. */
export interface Latents {
  /** Example ids, one per row. */
  examples: readonly string[];
  /** K, slots per block. */
  slots: number;
  /** D, numbers per slot. */
  width: number;
  /** Own latents, of dimensions n × K × D: the vectors that the model fed under `own`. */
  own: Float32Array;
  /** Oracle latents, of dimensions n × K × D. */
  oracle: Float32Array;
  /** Per row: whether the example has an own block of K slots (1) or its numbers mean nothing (0). */
  hasOwn: ArrayLike<number | boolean>;
  /** Per row: whether the example has an oracle. */
  hasOracle: ArrayLike<number | boolean>;
  /** Slots of each row that count, where the model decides how many there are; absent where all have K. */
  ownCounts?: ArrayLike<number>;
  oracleCounts?: ArrayLike<number>;
  /** Own blocks after an example's first [m, K, D] and the rows they belong to; geometry is of the first ones. */
  further?: { own: Float32Array; rows: readonly number[]; counts?: ArrayLike<number> };
}

/**
 * Writes the file atomically. Rows without an own block or an oracle hold NaN. Where an example opened more than one
 * block, `furtherOwn` [m, K, D] holds the others and `furtherOwnRow` [m] the example's row: in order, all of one example
 * together; without, neither is in the file. Where the model decides how many slots a block has, `ownCount`,
 * `oracleCount` and `furtherOwnCount` say how many of K count; the others are 0.
 */
export async function writeLatents(path: string, latents: Latents): Promise<void> {
  const { examples, slots, width, own, oracle, hasOwn, hasOracle, further } = latents;
  const { ownCounts, oracleCounts } = latents;
  const integers = (values: ArrayLike<number>) => ({
    dtype: "I32" as const,
    shape: [values.length],
    data: Int32Array.from(values),
  });
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
  if (ownCounts) tensors.set("ownCount", integers(ownCounts));
  if (oracleCounts) tensors.set("oracleCount", integers(oracleCounts));
  if (further) {
    const { rows } = further;
    tensors.set("furtherOwn", float32([rows.length, slots, width], further.own));
    tensors.set("furtherOwnRow", integers(rows));
    if (further.counts) tensors.set("furtherOwnCount", integers(further.counts));
  }
  await writeSafetensors(path, tensors, { examples: JSON.stringify(examples), sha256: digest(tensors) });
}

/** SHA-256 of tensors by name. */
const digest = (tensors: ReadonlyMap<string, Tensor>): string =>
  digestOf(
    (function* () {
      for (const [name, { shape, data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1)))
        yield [name, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
    })(),
  );

/**
 * Reads the file; null where there is none, or where it is of other examples.
 *
 * Errors: "input" for tensors that were changed after they were written.
 */
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
  const was = metadata.get("sha256");
  if (was !== undefined && was !== digest(tensors))
    throw new LintelError("input", {
      where: path,
      id: "E_CHANGED_FILE",
      expected: "latents as they were measured (SHA-256 in the file)",
      got: "others",
      attempt: "deleting this file and outcomes.jsonl beside it: the audit runs again",
    });
  const own = tensors.get("own")!;
  const flags = (name: string) => tensors.get(name)!.data as Uint8Array;
  const further = tensors.get("furtherOwn");
  const counts = <K extends string>(name: string, key: K) => {
    const tensor = tensors.get(name);
    return tensor ? ({ [key]: tensor.data as Int32Array } as Record<K, Int32Array>) : {};
  };
  return {
    examples,
    slots: own.shape[1]!,
    width: own.shape[2]!,
    own: toFloat32(own),
    oracle: toFloat32(tensors.get("oracle")!),
    hasOwn: flags("hasOwn"),
    hasOracle: flags("hasOracle"),
    ...counts("ownCount", "ownCounts"),
    ...counts("oracleCount", "oracleCounts"),
    ...(further && {
      further: {
        own: toFloat32(further),
        rows: [...(tensors.get("furtherOwnRow")!.data as Int32Array)],
        ...counts("furtherOwnCount", "counts"),
      },
    }),
  };
}

/** The recorded oracle of an example [k·D], not copied. */
export function oracleRows({ slots, width, oracle, oracleCounts }: Latents): (row: number) => Float32Array {
  const size = slots * width;
  return (row) => oracle.subarray(row * size, row * size + (oracleCounts?.[row] ?? slots) * width);
}

/** Own latents [K·D] by example, one array per block; none where it opened none. */
export function ownBlocks({
  examples,
  slots,
  width,
  own,
  hasOwn,
  ownCounts,
  further,
}: Latents): Float32Array[][] {
  const size = slots * width;
  const blockAt = (data: Float32Array, at: number, count = slots): Float32Array =>
    data.subarray(at * size, at * size + count * width);
  const out = examples.map((_, i) => (hasOwn[i] ? [blockAt(own, i, ownCounts?.[i])] : []));
  for (const [at, row] of (further?.rows ?? []).entries()) {
    out[row]!.push(blockAt(further!.own, at, further!.counts?.[at]));
  }
  return out;
}
