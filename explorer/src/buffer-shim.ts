/**
 * The few uses of Node's Buffer on a model's way through a page: constants of file formats, and rows of pixels, which the
 * image processor compares to save time. Here no two rows are the same, and every row is computed.
 */
type Source = string | ArrayLike<number> | ArrayBuffer;

Object.assign(globalThis, {
  Buffer: {
    from: (source: Source, offset?: number, length?: number) =>
      Object.assign(
        typeof source === "string"
          ? new TextEncoder().encode(source)
          : source instanceof ArrayBuffer
            ? new Uint8Array(source, offset, length)
            : Uint8Array.from(source),
        { compare: () => 1 },
      ),
    alloc: (length: number) => new Uint8Array(length),
  },
});
