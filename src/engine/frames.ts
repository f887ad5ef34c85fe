/** Frames of the engine protocol (docs/engine-protocol.md): a JSON header and raw tensors. */
import { LintelError } from "../util/index.ts";

/** Numbers as they cross, in C order. */
export interface Tensor {
  shape: readonly number[];
  data: Float32Array | Int32Array | Uint8Array;
}

export interface Frame {
  header: Readonly<Record<string, unknown>>;
  tensors: Readonly<Record<string, Tensor>>;
}

const MAGIC = Buffer.from("LNTL");
/** Behind every frame of an engine: schedulers such as Slurm pass on whole lines only. */
const NEWLINE = 10;
const HEAD = 12;
/** Longest header and tensors that are believed; what says more is no frame. */
const LONGEST = { header: 2 ** 28, tensor: 2 ** 36 };

const kinds = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;

const dtypeOf = ({ data }: Tensor): keyof typeof kinds =>
  data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "uint8";

/**
 * A frame as bytes, in parts that are written one after the other.
 *
 * @example
 * encodeFrame({ header: { id: 1 }, tensors: {} })[0].subarray(0, 4).toString(); // "LNTL"
 */
export function encodeFrame({ header, tensors }: Frame): Buffer[] {
  const listed = Object.entries(tensors).map(([name, tensor]) => ({
    name,
    dtype: dtypeOf(tensor),
    shape: tensor.shape,
  }));
  const text = Buffer.from(JSON.stringify({ ...header, ...(listed.length > 0 && { tensors: listed }) }));
  const head = Buffer.alloc(HEAD);
  MAGIC.copy(head);
  head.writeUInt32LE(text.length, 4);
  const bytes = Object.values(tensors).map(({ data }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  );
  return [Buffer.concat([head, text]), ...bytes];
}

/** Bytes that have come and are not read yet. */
function byteQueue() {
  let chunks: Buffer[] = [];
  let length = 0;
  return {
    push(chunk: Buffer): void {
      chunks.push(chunk);
      length += chunk.length;
    },
    get length() {
      return length;
    },
    /** The first `count` bytes, which stay. */
    peek(count: number): Buffer {
      if ((chunks[0]?.length ?? 0) < count) chunks = [Buffer.concat(chunks)];
      return chunks[0]!.subarray(0, count);
    },
    /** The first `count` bytes, taken, in memory of their own. */
    take(count: number): Uint8Array {
      const out = new Uint8Array(count);
      let at = 0;
      while (at < count) {
        const [first] = chunks as [Buffer];
        const part = first.subarray(0, count - at);
        out.set(part, at);
        at += part.length;
        if (part.length === first.length) chunks.shift();
        else chunks[0] = first.subarray(part.length);
      }
      length -= count;
      return out;
    },
  };
}

const broken = (expected: string, got: string): LintelError =>
  new LintelError("runtime", { id: "E_ENGINE_LOST", where: "what the engine sends", expected, got });

interface Listed {
  name: string;
  dtype: keyof typeof kinds;
  shape: number[];
}

/** Reads frames from chunks of bytes, however they are cut. What comes before the first frame is given to `onNoise`. */
export function frameReader(onFrame: (frame: Frame) => void, onNoise: (text: string) => void) {
  const queue = byteQueue();
  let started = false;
  let header: Record<string, unknown> | null = null;
  let listed: Listed[] = [];
  let tensors: Record<string, Tensor> = {};

  /** Skips what is no frame; whether one begins. */
  const begin = (): boolean => {
    const all = queue.peek(queue.length);
    const at = all.indexOf(MAGIC);
    // The last bytes may be the beginning of the mark.
    const noise = at < 0 ? Math.max(0, all.length - MAGIC.length + 1) : at;
    if (noise > 0) onNoise(Buffer.from(queue.take(noise)).toString("utf8"));
    return at >= 0;
  };
  const readHeader = (): boolean => {
    if (!started && queue.length > 0) started = begin();
    while (started && queue.length > 0 && queue.peek(1)[0] === NEWLINE) queue.take(1);
    if (!started || queue.length < HEAD) return false;
    const head = queue.peek(HEAD);
    if (!head.subarray(0, 4).equals(MAGIC)) throw broken("a frame", `bytes ${head.toString("hex")}`);
    const size = head.readUInt32LE(4);
    if (size > LONGEST.header) throw broken("a header of a sensible size", `${size} bytes`);
    if (queue.length < HEAD + size) return false;
    queue.take(HEAD);
    const { tensors: list = [], ...rest } = JSON.parse(Buffer.from(queue.take(size)).toString("utf8")) as {
      tensors?: Listed[];
    };
    header = rest;
    listed = list;
    tensors = {};
    return true;
  };
  const readTensor = ({ name, dtype, shape }: Listed): boolean => {
    const kind = kinds[dtype];
    const count = shape.reduce((a, b) => a * b, 1);
    if (!kind || !(count >= 0) || count > LONGEST.tensor)
      throw broken("a tensor of float32, int32 or uint8", `${name}: ${dtype} [${shape.join(", ")}]`);
    const size = count * kind.BYTES_PER_ELEMENT;
    if (queue.length < size) return false;
    tensors[name] = { shape, data: new kind(queue.take(size).buffer as ArrayBuffer) };
    return true;
  };

  return (chunk: Buffer): void => {
    queue.push(chunk);
    for (;;) {
      if (!header && !readHeader()) return;
      while (listed.length > 0) {
        if (!readTensor(listed[0]!)) return;
        listed.shift();
      }
      const frame = { header: header!, tensors };
      header = null;
      onFrame(frame);
    }
  };
}
