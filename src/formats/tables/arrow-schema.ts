/** A check of the schema of an Arrow file before the library walks it. */
import type { FileHandle } from "node:fs/promises";
import { Field } from "apache-arrow/fb/field";
import { Message } from "apache-arrow/fb/message";
import { Schema } from "apache-arrow/fb/schema";
import { ByteBuffer } from "flatbuffers";

const LARGEST = 1 << 26;
/** `MessageHeader.Schema` of the format. */
const SCHEMA = 1;

/**
 * Throws `Error` where the schema at `position` states more fields or metadata than its bytes can hold: apache-arrow would
 * walk through billions of them.
 */
export async function checkSchema(handle: FileHandle, position: number): Promise<void> {
  const bytesAt = async (at: number, length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, at);
    if (bytesRead < length) throw new Error("a schema that ends too early");
    return buffer;
  };
  const prefix = await bytesAt(position, 8);
  const marked = prefix.readInt32LE(0) === -1;
  const length = prefix.readInt32LE(marked ? 4 : 0);
  if (!(length > 0 && length <= LARGEST)) throw new Error(`a schema of ${length} bytes`);
  const message = Message.getRootAsMessage(
    new ByteBuffer(await bytesAt(position + (marked ? 8 : 4), length)),
  );
  if (message.headerType() !== SCHEMA) throw new Error("no schema at its beginning");
  const schema = message.header(new Schema()) as Schema | null;
  let left = length / 4;
  const count = (entries: number): number => {
    left -= entries;
    if (entries < 0 || left < 0) throw new Error(`a schema of more entries than its ${length} bytes hold`);
    return entries;
  };
  const check = (field: Field | null): void => {
    if (!field) return;
    count(field.customMetadataLength());
    for (let i = 0, n = count(field.childrenLength()); i < n; i++) check(field.children(i, new Field()));
  };
  if (!schema) throw new Error("no schema at its beginning");
  count(schema.customMetadataLength());
  for (let i = 0, n = count(schema.fieldsLength()); i < n; i++) check(schema.fields(i, new Field()));
}
