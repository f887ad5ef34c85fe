import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseDocument } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";

/** Written last: a dataset with a manifest is complete. */
export const manifestName = "lintel.json";

/** Lies in a dataset that is being written, so that one cut short is not taken for a dataset, nor for the user's files. */
export const markerName = ".lintel-unfinished";

const file = z.object({
  /** Relative to the dataset's directory. */
  path: z.string().regex(/^data\/[^/\\]+\.parquet$/),
  examples: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifest = z.object({
  format: z.literal("lintel-dataset"),
  version: z.literal(1),
  task: z.string(),
  seed: z.int().nullable(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  splits: z.record(z.string(), z.object({ examples: z.int().nonnegative(), files: z.array(file) })),
});

/** What is in a dataset that Lintel wrote. */
export type Manifest = z.infer<typeof manifest>;

/**
 * The manifest of a dataset directory; null where there is none (a dataset made elsewhere, or an unfinished one).
 * Throws `LintelError` "dataset" for one that cannot be read or is of another format.
 *
 * @public
 * @example
 * const { mkdtempSync } = await import("node:fs");
 * const out = mkdtempSync("/tmp/lintel-example-");
 * await generateDataset({ task: "crop", out, train: 4, eval: 2, heldOut: 0 });
 * (await readManifest(out))?.splits.train.examples; // 4
 */
export async function readManifest(dir: string): Promise<Manifest | null> {
  const path = join(dir, manifestName);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new LintelError("dataset", { where: path, expected: "a readable manifest", got: message, cause });
  }
  const refuse = (got: string, cause?: unknown): LintelError =>
    new LintelError("dataset", {
      where: path,
      expected: "the manifest of a Lintel dataset, version 1",
      got,
      attempt: "generating the dataset again",
      cause,
    });
  let json: unknown;
  try {
    json = parseDocument(text, path);
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    throw refuse((cause as Error).message, cause);
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0]!;
    throw refuse(`${at.join(".") || "content"}: ${message}`, parsed.error);
  }
  return parsed.data;
}
