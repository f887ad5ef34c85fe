/** Tar archives of samples, as WebDataset lays them out. */
import { basename } from "node:path";
import { Readable } from "node:stream";
import { parseJson } from "./json-text.ts";
import { type DataLimits, dataLimits } from "./limits.ts";
import { unpackedBytes } from "./text.ts";

const text = new TextDecoder("utf-8", { fatal: true });

/** A file's content by its ending, as `datasets` decodes it: JSON, text, a whole number, else bytes. */
function decoded(field: string, bytes: Uint8Array, name: string): unknown {
  const ending = /[^.]*$/.exec(field)![0];
  try {
    if (ending === "json") return parseJson(text.decode(bytes));
    if (["txt", "text", "transcript"].includes(ending)) return text.decode(bytes);
    if (["cls", "cls2", "id", "index", "inx"].includes(ending)) {
      const number = Number(text.decode(bytes).trim() || "none");
      if (!Number.isSafeInteger(number)) throw new Error("no whole number");
      return number;
    }
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
  return bytes;
}

/**
 * The samples of a tar archive (also gzip or zstd): files that share their path up to the first dot of the name are one
 * record, `__key__` is that path, and each file is a field named by the rest of its name in lower case. ".json" is parsed,
 * ".txt" is text, ".cls" a number, all else bytes. Throws `Error` for a damaged archive, a field that is there twice, files
 * of a sample that are not adjacent, content that does not fit its ending, and what is beyond the limits.
 */
export async function* tarSamples(
  path: string,
  limits: DataLimits = dataLimits,
): AsyncGenerator<Record<string, unknown>> {
  const { extract } = await import("tar-stream");
  const archive = extract();
  const source = Readable.from(unpackedBytes(path, limits));
  source.on("error", (error) => archive.destroy(error));
  const done = new Set<string>();
  let sample: Record<string, unknown> | null = null;
  let held = 0;
  let fields = 0;
  for await (const entry of source.pipe(archive)) {
    const { name, type, size = 0 } = entry.header;
    const file = basename(name);
    const dot = file.indexOf(".");
    if (type !== "file" || dot < 1 || name.split("/").includes("__MACOSX")) {
      entry.resume();
      continue;
    }
    if (size > limits.page)
      throw new Error(`${name} has ${size} bytes, more than the limit of ${limits.page}`);
    const blocks: Uint8Array[] = [];
    for await (const block of entry) blocks.push(block as Uint8Array);
    const key = name.slice(0, name.length - file.length + dot).replace(/^\.\//, "");
    const field = file.slice(dot + 1).toLowerCase();
    if (sample && sample.__key__ !== key) {
      yield sample;
      done.add(sample.__key__ as string);
      [sample, held, fields] = [null, 0, 0];
    }
    held += size;
    if (held > limits.held) throw new Error(`${key} has more than the limit of ${limits.held} bytes`);
    if (++fields > limits.fields) throw new Error(`${key} has more than ${limits.fields} files`);
    if (done.has(key)) throw new Error(`the files of ${key} do not stand together`);
    sample ??= { __key__: key };
    if (Object.hasOwn(sample, field)) throw new Error(`${name} is there twice`);
    sample[field] = decoded(field, Buffer.concat(blocks), name);
  }
  if (sample) yield sample;
}
