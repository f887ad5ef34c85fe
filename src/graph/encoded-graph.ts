/** A graph in ONNX Runtime's format: bytes that can be stored and opened again without the graph. */
import { createHash } from "node:crypto";
import { ensure } from "../util/index.ts";
import type { Device } from "./device-names.ts";
import { type ExternalFile, externalFiles } from "./external-files.ts";
import { encodeModel } from "./onnx/encode.ts";
import { openModel, type Signature, signatureOf } from "./onnx-session.ts";
import type { Session, SessionOptions } from "./session.ts";
import type { Graph } from "./tensor.ts";
import { validate } from "./validate.ts";

export interface EncodedGraph {
  /** The target device: other devices may need other nodes. */
  readonly device: Device;
  readonly model: Uint8Array;
  readonly signature: Signature;
  readonly externals: readonly ExternalFile[];
}

/**
 * Validates and encodes a graph for a device. `base`: directory that relative paths of its files start from.
 *
 * Errors: "graph" as `validate`; "checkpoint" where the file of an external tensor is missing or too short.
 */
export async function encodeGraph(graph: Graph, base = ".", device: Device = "cpu"): Promise<EncodedGraph> {
  validate(graph);
  const { location, real } = await externalFiles(graph.externals, base);
  return {
    device,
    model: encodeModel(graph, location, device),
    signature: signatureOf(graph),
    externals: graph.externals.map(({ tensor: { name, dtype, shape }, path, ...place }) => ({
      ...{ tensor: { name, dtype, shape }, path: real(path) },
      ...place,
    })),
  };
}

/**
 * Compiles an encoded graph for execution. Files of external tensors are mapped, not read.
 *
 * Errors: "graph" where it was encoded for another device; "checkpoint" where the file of an external tensor is missing
 * or too short; "runtime" with ONNX Runtime's own message where it refuses the model or the device.
 */
export async function openEncoded(
  { device, model, signature, externals }: EncodedGraph,
  options: SessionOptions = {},
): Promise<Session> {
  const { device: wanted = "cpu" } = options;
  ensure(device === wanted, "graph", () => ({
    where: `graph ${signature.name} on ${wanted}`,
    expected: `a graph that was encoded for ${wanted}`,
    got: `one for ${device}`,
  }));
  const { directory } = await externalFiles(externals, ".");
  return openModel(model, signature, options, directory);
}

const digestOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
const DIGEST = 32;

/**
 * An encoded graph as the bytes of one file: a checksum of the rest, the length of a JSON document, the document, the
 * model.
 */
export function packGraph({ model, ...rest }: EncodedGraph): Uint8Array {
  const json = Buffer.from(JSON.stringify(rest));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const content = Buffer.concat([length, json, model]);
  return Buffer.concat([digestOf(content), content]);
}

/**
 * The reverse of `packGraph`; null for bytes that are not as they were written.
 *
 * @example
 * unpackGraph(new Uint8Array(40)); // null
 */
export function unpackGraph(bytes: Uint8Array): EncodedGraph | null {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + DIGEST, Math.max(0, bytes.length - DIGEST));
  if (bytes.length < DIGEST + 4 || !digestOf(content).equals(bytes.subarray(0, DIGEST))) return null;
  const start = 4 + content.readUInt32LE();
  const rest = JSON.parse(content.toString("utf8", 4, start)) as Omit<EncodedGraph, "model">;
  return { ...rest, model: new Uint8Array(content.subarray(start)) };
}
