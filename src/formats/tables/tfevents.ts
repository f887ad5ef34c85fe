/**
 * Event files of TensorBoard: records of TFRecord (length, masked CRC-32C, data, masked CRC-32C; tensorflow
 * core/lib/io/record_writer) that hold `Event` messages with scalar summaries (core/util/event.proto, summary.proto).
 */

/** A value of a curve. */
export interface Scalar {
  tag: string;
  step: number;
  value: number;
  /** Seconds. */
  time: number;
}

const CRC = Uint32Array.from({ length: 256 }, (_, i) => {
  let c = i;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0x82f63b78 ^ (c >>> 1) : c >>> 1;
  return c;
});

/**
 * CRC-32C (Castagnoli) of bytes, as an unsigned number.
 *
 * Source: RFC 3720, appendix B.4, has the check value.
 *
 * @example
 * crc32c(new TextEncoder().encode("123456789")) === 0xe3069283; // true
 */
export function crc32c(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function masked(bytes: Uint8Array): Buffer {
  const crc = crc32c(bytes);
  const out = Buffer.alloc(4);
  out.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  return out;
}

function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, masked(length), data, masked(data)]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return Buffer.from([...out, rest]);
}

const field = (number: number, wire: number, ...parts: Buffer[]): Buffer =>
  Buffer.concat([varint(number * 8 + wire), ...parts]);
const message = (number: number, data: Buffer): Buffer => field(number, 2, varint(data.length), data);
const text = (number: number, value: string): Buffer => message(number, Buffer.from(value));

function double(number: number, value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeDoubleLE(value);
  return field(number, 1, out);
}

function float(number: number, value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeFloatLE(value);
  return field(number, 5, out);
}

/**
 * The bytes of an event file with scalars, in their order.
 *
 * @example
 * eventFile([{ tag: "loss", step: 1, value: 0.5, time: 0 }]).length; // 82
 */
export function eventFile(scalars: readonly Scalar[]): Buffer {
  const version = Buffer.concat([double(1, scalars[0]?.time ?? 0), text(3, "brain.Event:2")]);
  return Buffer.concat([
    record(version),
    ...scalars.map(({ tag, step, value, time }) => {
      const summary = message(1, Buffer.concat([text(1, tag), float(2, value)]));
      return record(Buffer.concat([double(1, time), field(2, 0, varint(step)), message(5, summary)]));
    }),
  ]);
}
