/** Messages between a remote session and its worker thread. */
import type { Signature } from "./onnx-session.ts";
import type { SessionOptions } from "./session.ts";
import type { Value } from "./value.ts";

/** A float32 value that stays between runs, one after the other in shared memory. */
export interface Resident {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Start message of a worker. */
export interface SessionOrder {
  readonly model: Uint8Array;
  readonly signature: Signature;
  readonly options: SessionOptions;
  readonly inputs: readonly Resident[];
  readonly outputs: readonly Resident[];
  /** All resident inputs. */
  readonly shared: SharedArrayBuffer;
}

/** One run: the inputs that are not resident, and where the resident outputs go. */
export interface RunOrder {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly into: SharedArrayBuffer;
}

/** Answer of a worker: ready (null), the outputs that are not resident, or an error message. */
export type SessionAnswer = { values: Readonly<Record<string, Value>> | null } | { failed: string };

/** Numbers of all `residents`. */
export const sizeOf = (residents: readonly Resident[]): number =>
  residents.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** The residents as values in `flat`, one after the other. */
export function valuesIn(flat: Float32Array, residents: readonly Resident[]): Record<string, Value> {
  let at = 0;
  return Object.fromEntries(
    residents.map((resident) => {
      const data = flat.subarray(at, at + sizeOf([resident]));
      at += data.length;
      return [resident.name, { dtype: "float32", shape: resident.shape, data } satisfies Value];
    }),
  );
}
