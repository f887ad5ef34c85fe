/** Text files as editors, spreadsheets and archives leave them: byte order marks, compression, line ends. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { TextDecoder } from "node:util";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { type DataLimits, dataLimits, unpackedLimit } from "./limits.ts";

const starts = (head: Uint8Array, ...bytes: number[]): boolean => bytes.every((byte, i) => head[i] === byte);

/** Bytes with their first block known, so that its beginning can be looked at before the rest is read. */
async function* withFirst(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** Packed bytes of zstd that are unpacked at once: to 128 MiB at most, as three bytes may stand for 128 KiB. */
const ZSTD_STEP = 3 << 10;

async function* unzstd(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = [];
  let ended = false;
  const stream = new Decompress((block, final) => {
    if (block.length > 0) out.push(block);
    ended ||= final === true;
  });
  for await (const block of blocks) {
    for (let at = 0; at < block.length; at += ZSTD_STEP) {
      stream.push(block.subarray(at, at + ZSTD_STEP));
      yield* out;
      out = [];
    }
  }
  stream.push(new Uint8Array(0), true);
  yield* out;
  if (!ended) throw new Error("a zstd stream that ends too early");
}

/**
 * The bytes of a file piece by piece, decompressed where they are gzip or zstd, whatever its name says. Throws `Error` for
 * bzip2 and xz, and where a compressed stream is damaged, ends too early, or unpacks to more than the limits allow.
 */
export async function* unpackedBytes(
  path: string,
  limits: DataLimits = dataLimits,
): AsyncGenerator<Uint8Array> {
  const { size } = await stat(path);
  const most = unpackedLimit(size, limits);
  let length = 0;
  for await (const block of unpacked(path)) {
    length += block.length;
    if (length > most)
      throw new Error(`a file of ${size} bytes that unpacks to more than the limit of ${most} bytes`);
    yield block;
  }
}

async function* unpacked(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    const blocks: AsyncIterator<Uint8Array> = file[Symbol.asyncIterator]();
    const { value: first, done } = await blocks.next();
    if (done) return;
    const all = withFirst(first, blocks);
    if (starts(first, 0x1f, 0x8b)) {
      const source = Readable.from(all);
      const unzipped = createGunzip({ chunkSize: 1 << 18 });
      source.on("error", (error) => unzipped.destroy(error));
      yield* source.pipe(unzipped);
    } else if (starts(first, 0x28, 0xb5, 0x2f, 0xfd)) yield* unzstd(all);
    else if (starts(first, 0x42, 0x5a, 0x68))
      throw new Error("bzip2, which is not read; unpack the file first");
    else if (starts(first, 0xfd, 0x37, 0x7a, 0x58))
      throw new Error("xz, which is not read; unpack the file first");
    else yield* all;
  } finally {
    file.destroy();
  }
}

/** The encoding that a byte order mark tells, else UTF-8. Throws `Error` for what is no text. */
function encodingOf(head: Uint8Array): string {
  if (starts(head, 0xff, 0xfe, 0, 0) || starts(head, 0, 0, 0xfe, 0xff))
    throw new Error("UTF-32, which is not read");
  if (starts(head, 0xff, 0xfe)) return "utf-16le";
  if (starts(head, 0xfe, 0xff)) return "utf-16be";
  if (head.subarray(0, 64).includes(0))
    throw new Error("NUL bytes: UTF-16 without a byte order mark, or no text");
  return "utf-8";
}

const notText = (encoding: string): string =>
  `bytes that are not ${encoding.toUpperCase()}; save the file as UTF-8 (it may be Latin-1, Windows-1252 or GBK)`;

/**
 * The text of a file piece by piece, decompressed (gzip, zstd) and decoded: UTF-8 unless a byte order mark says UTF-16.
 * Throws `Error` for other encodings and compressions, and where the bytes are not valid in the encoding.
 */
export async function* textOf(path: string, limits: DataLimits = dataLimits): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  const decode = (block?: Uint8Array): string => {
    try {
      return decoder!.decode(block, { stream: block !== undefined });
    } catch (cause) {
      throw new Error(notText(decoder!.encoding), { cause });
    }
  };
  for await (const block of unpackedBytes(path, limits)) {
    decoder ??= new TextDecoder(encodingOf(block), { fatal: true });
    const text = decode(block);
    if (text !== "") yield text;
  }
  if (decoder) yield decode();
}

/** A line of a file and its number, counted from 1. */
export interface Line {
  number: number;
  text: string;
}

/**
 * The lines of a text: they end at "\n", "\r\n" or "\r" and at nothing else. U+2028, U+2029 and U+0085 are characters of a
 * line like others, as JSON Lines has it (node:readline of Node 24 splits there). Throws `Error` for a line of more than
 * `longest` characters (64 Mi).
 */
export async function* linesOf(
  pieces: Iterable<string> | AsyncIterable<string>,
  longest: number = dataLimits.line,
): AsyncGenerator<Line> {
  let number = 0;
  let rest: string[] = [];
  let length = 0;
  let held = "";
  for await (const piece of pieces) {
    let text = held + piece;
    // A "\r" at the end may be the first half of a line end.
    held = text.endsWith("\r") ? "\r" : "";
    if (held) text = text.slice(0, -1);
    const parts = text.split(/\r\n|\n|\r/);
    for (const [i, part] of parts.entries()) {
      if (i > 0) {
        yield { number: ++number, text: rest.join("") };
        rest = [];
        length = 0;
      }
      rest.push(part);
      length += part.length;
      if (length > longest) throw new Error(`line ${number + 1} has more than ${longest} characters`);
    }
  }
  if (length > 0 || held !== "") yield { number: ++number, text: rest.join("") };
}

/** A text of pieces as one. Throws `Error` beyond `most` characters. */
export async function wholeText(text: AsyncIterable<string>, most: number): Promise<string> {
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of text) {
    pieces.push(piece);
    length += piece.length;
    if (length > most) throw new Error(`more than ${most} characters; files of this kind are read whole`);
  }
  return pieces.join("");
}
