/**
 * Paths of the files of external tensors, in the form that ONNX Runtime accepts: a model passed as bytes may map files
 * under one directory, named relative to it, without links that lead out of it. So links are resolved (checkpoints in the
 * Hub's cache are links), and the directory is the deepest one that contains all files.
 */
import { realpath, stat } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import { ensure, LintelError } from "../util/index.ts";
import { elementBytes } from "./onnx/types.ts";
import type { ExternalTensor } from "./tensor.ts";

/** A tensor in a file, by its real path. */
export interface ExternalFile extends Omit<ExternalTensor, "tensor"> {
  readonly tensor: Pick<ExternalTensor["tensor"], "name" | "dtype" | "shape">;
}

interface ExternalFiles {
  /** Directory that contains all files; null where the graph has none. */
  directory: string | null;
  /** Path as the graph names it → location relative to `directory`, with slashes. */
  location: (path: string) => string;
  /** Path as the graph names it → path without links. */
  real: (path: string) => string;
}

async function locate(path: string, base: string, name: string): Promise<{ real: string; size: number }> {
  try {
    const real = await realpath(resolve(base, path));
    const found = await stat(real);
    ensure(found.isFile(), "checkpoint", () => ({
      where: `tensor "${name}" in ${path}`,
      expected: "a file",
      got: "something else",
    }));
    return { real, size: found.size };
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw new LintelError("checkpoint", {
      where: `tensor "${name}" in ${path}`,
      expected: "a file that can be read",
      got: (cause as Error).message,
      cause,
    });
  }
}

function checkExtent({ tensor, path, offset, length }: ExternalFile, size: number): void {
  const where = `tensor "${tensor.name}" in ${path}`;
  const bytes = tensor.shape.reduce<number>((n, dim) => n * Number(dim), elementBytes[tensor.dtype]);
  ensure(length === bytes, "checkpoint", () => ({
    where,
    expected: `${bytes} bytes for ${tensor.dtype} [${tensor.shape}]`,
    got: `${length}`,
  }));
  ensure(offset >= 0 && offset + length <= size, "checkpoint", () => ({
    where,
    expected: `bytes within the file's ${size}`,
    got: `${offset} … ${offset + length}`,
    attempt: "fetching the file again; it may have been cut off",
  }));
}

/** The longest directory that two directories share. */
function sharedDirectory(a: string, b: string): string {
  const [x, y] = [a.split(sep), b.split(sep)];
  let n = 0;
  while (n < x.length && n < y.length && x[n] === y[n]) n++;
  return x.slice(0, n).join(sep) || sep;
}

/** Finds the files of external tensors and checks that they are long enough. */
export async function externalFiles(
  externals: readonly ExternalFile[],
  base: string,
): Promise<ExternalFiles> {
  const known = new Map<string, { real: string; size: number }>();
  for (const each of externals) {
    const file = known.get(each.path) ?? (await locate(each.path, base, each.tensor.name));
    known.set(each.path, file);
    checkExtent(each, file.size);
  }
  const directories = [...known.values()].map(({ real }) => dirname(real));
  const directory = directories.length > 0 ? directories.reduce(sharedDirectory) : null;
  return {
    directory,
    real: (path) => known.get(path)!.real,
    location: (path) => relative(directory!, known.get(path)!.real).split(sep).join("/"),
  };
}
