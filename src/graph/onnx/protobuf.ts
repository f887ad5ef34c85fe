/** The part of the protocol-buffer wire format that ONNX models need: varints, length-delimited fields, float32. */
export interface ProtobufWriter {
  varint(field: number, value: number | bigint): void;
  float(field: number, value: number): void;
  bytes(field: number, value: Uint8Array): void;
  string(field: number, value: string): void;
  message(field: number, fill: (writer: ProtobufWriter) => void): void;
  finish(): Uint8Array;
}

const encoder = new TextEncoder();

function pushVarint(out: number[], value: number | bigint): void {
  // Negative int64 values are written as their two's complement in ten bytes.
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
}

/** A writer for one message. */
export function protobufWriter(): ProtobufWriter {
  const chunks: Uint8Array[] = [];
  const tag = (field: number, wire: number, more: (out: number[]) => void): void => {
    const out: number[] = [];
    pushVarint(out, field * 8 + wire);
    more(out);
    chunks.push(Uint8Array.from(out));
  };
  const writer: ProtobufWriter = {
    varint: (field, value) => tag(field, 0, (out) => pushVarint(out, value)),
    float: (field, value) =>
      tag(field, 5, (out) => out.push(...new Uint8Array(Float32Array.of(value).buffer))),
    bytes: (field, value) => {
      tag(field, 2, (out) => pushVarint(out, value.length));
      chunks.push(value);
    },
    string: (field, value) => writer.bytes(field, encoder.encode(value)),
    message: (field, fill) => {
      const inner = protobufWriter();
      fill(inner);
      writer.bytes(field, inner.finish());
    },
    finish: () => {
      const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const out = new Uint8Array(total);
      let at = 0;
      for (const chunk of chunks) {
        out.set(chunk, at);
        at += chunk.length;
      }
      return out;
    },
  };
  return writer;
}
