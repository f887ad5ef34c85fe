/** The bytes of numbers as text, as contents have them. */
export const base64 = (values: ArrayBufferView): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64");
