/** A finished part of a run is sealed: a manifest beside its files has the SHA-256 of each, so that later changes are found. */
import type { BigIntStats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { LintelError, withSchemaVersion } from "../../util/index.ts";
import { writeFileAtomic } from "./atomic.ts";
import { digestOf, sha256Of, sha256OfBytes } from "./fingerprint.ts";
import { readJson, writeJson } from "./json-document.ts";
import { isTrace } from "./request-file.ts";

export const MANIFEST_FILE = "manifest.json";
/** Pages that are made from a part whenever they are asked for. */
const PAGES: readonly string[] = ["report.html"];
/** What a training keeps to resume from: it belongs to no finished part, and a kill right after the seal leaves it behind. */
export const STATE_FILE = "state.safetensors";

const manifestSchema = z.object({
  format: z.literal("lintel-manifest"),
  version: z.literal(1),
  /** SHA-256 over names and SHA-256 of all files: one number for the part. */
  digest: z.string(),
  files: z.record(
    z.string(),
    z.object({
      sha256: z.string(),
      bytes: z.number(),
      /** Inode and times (ns): while all of them are the same, the file is not read again. Absent of what was written later. */
      seen: z.string().optional(),
    }),
  ),
});
type Manifest = z.infer<typeof manifestSchema>;

const seenOf = ({ size, ino, mtimeNs, ctimeNs }: BigIntStats): string =>
  [size, ino, mtimeNs, ctimeNs].join(" ");

/** Files below a directory by their path in it, without the manifest, pages, a state, hidden files and folders, locks and temporary files. */
async function filesOf(directory: string, except: readonly string[]): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return (
    entries
      .filter((entry) => !entry.isDirectory() && !isTrace(entry.name))
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(join(directory, "x").length - 1)
          .replaceAll("\\", "/"),
      )
      // Folders too: the explorer keeps what it derives in one.
      .filter((path) => !path.split("/").some((name) => name.startsWith(".")))
      .filter(
        (path) =>
          path !== MANIFEST_FILE && path !== STATE_FILE && !PAGES.includes(path) && !except.includes(path),
      )
      .sort()
  );
}

/** The digest of a part from those of its files. */
const digestOfFiles = (files: Manifest["files"]): string =>
  digestOf([Object.fromEntries(Object.entries(files).map(([path, { sha256 }]) => [path, sha256]))]);

/**
 * Seals the files of a directory, and then writes the document that marks the part as finished: whoever finds it finds
 * the manifest too.
 *
 * @param last - Name and content of that document; it is part of the manifest.
 *
 * @example
 * const { mkdtempSync, writeFileSync } = await import("node:fs");
 * const directory = mkdtempSync("/tmp/lintel-example-");
 * writeFileSync(`${directory}/a.txt`, "a");
 * await sealPart(directory);
 * writeFileSync(`${directory}/a.txt`, "b");
 * (await checkPart(directory))?.changed; // ["a.txt was changed"]
 */
export async function sealPart(
  directory: string,
  last?: { name: string; document: object; indent?: number },
): Promise<void> {
  const files: Manifest["files"] = {};
  for (const path of await filesOf(directory, last ? [last.name] : [])) {
    const before = await stat(join(directory, path), { bigint: true });
    files[path] = {
      sha256: await sha256Of(join(directory, path)),
      bytes: Number(before.size),
      seen: seenOf(before),
    };
  }
  const text = last && `${JSON.stringify(withSchemaVersion(last.document), null, last.indent ?? 2)}\n`;
  if (last) {
    const bytes = Buffer.from(text!);
    files[last.name] = { sha256: sha256OfBytes(bytes), bytes: bytes.length };
  }
  const manifest: Manifest = { format: "lintel-manifest", version: 1, digest: digestOfFiles(files), files };
  await writeJson(join(directory, MANIFEST_FILE), manifest);
  if (last) await writeFileAtomic(join(directory, last.name), text!);
}

/** A part as its manifest describes it, and how it differs from that. */
interface CheckedPart {
  digest: string;
  /** Number of files in the manifest. */
  files: number;
  /** What differs, a phrase for each file; empty where the part is as it was sealed. */
  changed: string[];
}

/**
 * Compares the files of a directory with its manifest; null where there is none. A file whose size, inode and times are
 * those of the manifest is not read, unless `all` are to be.
 *
 * Errors: "input" for a manifest that cannot be read.
 */
export async function checkPart(directory: string, { all = false } = {}): Promise<CheckedPart | null> {
  const path = join(directory, MANIFEST_FILE);
  const parsed = await readJson(path, {
    expected: "the manifest of a finished part",
    attempt: "restoring it",
  });
  if (parsed === null) return null;
  const result = manifestSchema.safeParse(parsed);
  if (!result.success) return { digest: "", files: 0, changed: [`${MANIFEST_FILE} was changed`] };
  const { digest, files } = result.data;
  const changed = digest === digestOfFiles(files) ? [] : [`${MANIFEST_FILE} was changed`];
  for (const [name, { sha256, bytes, seen }] of Object.entries(files)) {
    const found = await stat(join(directory, name), { bigint: true }).catch(() => null);
    if (!found?.isFile()) changed.push(`${name} is missing`);
    else if (Number(found.size) !== bytes)
      changed.push(`${name} was changed (${found.size} bytes, were ${bytes})`);
    else if (!all && seenOf(found) === seen) continue;
    else if ((await sha256Of(join(directory, name))) !== sha256) changed.push(`${name} was changed`);
  }
  for (const name of await filesOf(directory, Object.keys(files))) changed.push(`${name} was added`);
  return { digest, files: Object.keys(files).length, changed };
}

/**
 * Refuses a part that was changed after it was sealed. One without a manifest, as older versions wrote them, is accepted.
 *
 * @returns Whether the part has a manifest.
 *
 * Errors: "input" (`E_CHANGED_FILE`) naming the files.
 */
export async function requireUnchanged(directory: string, attempt: string): Promise<boolean> {
  const checked = await checkPart(directory);
  if (!checked || checked.changed.length === 0) return checked !== null;
  throw changedPart(directory, checked.changed, attempt);
}

/**
 * The error for files that were changed.
 *
 * @example
 * changedPart("audits/x", ["audit.json was changed"], "restoring it").id; // "E_CHANGED_FILE"
 */
export const changedPart = (where: string, changed: readonly string[], attempt: string): LintelError =>
  new LintelError("input", {
    where,
    id: "E_CHANGED_FILE",
    expected: "the files as Lintel wrote them",
    got: `others: ${changed.slice(0, 4).join(", ")}${changed.length > 4 ? ` and ${changed.length - 4} more` : ""}`,
    attempt,
  });
