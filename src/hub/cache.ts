/** The Hub's cache on disk: models--ORG--NAME/{refs,snapshots,blobs}, as Python's huggingface_hub lays it out. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readJson } from "../formats/index.ts";
import { ensure } from "../util/index.ts";

/** A model of the Hub: `org/name`, at a branch, tag or commit. */
export interface ModelId {
  repository: string;
  revision: string;
}

/** A full commit. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/**
 * Parses `org/name` or `org/name@revision`; null for other strings, such as most paths.
 *
 * Errors: code "usage" for a revision that would escape the cache.
 */
export function parseModelId(name: string): ModelId | null {
  const found = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(.+))?$/.exec(name);
  if (!found) return null;
  const [, repository, revision = "main"] = found;
  ensure(/^[\w][\w./-]*$/.test(revision) && !revision.split("/").includes(".."), "usage", () => ({
    where: name,
    expected: "a branch, a tag or a commit after the @",
    got: JSON.stringify(revision),
  }));
  return { repository: repository!, revision };
}

/** Directory of a model in the cache. */
export const modelDirectory = (cache: string, { repository }: ModelId): string =>
  join(cache, `models--${repository.replace("/", "--")}`);

/** Directory of the files of a commit. */
export const snapshotDirectory = (cache: string, id: ModelId, commit: string): string =>
  join(modelDirectory(cache, id), "snapshots", commit);

/** Optional files besides the weights that Lintel reads. */
export const SMALL_FILES = [
  "config.json",
  "generation_config.json",
  "preprocessor_config.json",
  "processor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "chat_template.json",
  "added_tokens.json",
  "special_tokens_map.json",
  "adapter_config.json",
] as const;

export const SINGLE = "model.safetensors";
export const INDEX = "model.safetensors.index.json";

/** Names of the weight files in an index; only plain names in the same directory are valid. */
export function shardsOf(index: unknown, where: string): string[] {
  const map = (index as { weight_map?: Record<string, unknown> } | null)?.weight_map;
  const names = [...new Set(Object.values(map ?? {}))];
  const plain = (name: unknown): boolean =>
    typeof name === "string" && /^[\w-][\w.-]{0,200}\.safetensors$/.test(name);
  ensure(names.length > 0 && names.every(plain), "checkpoint", () => ({
    where,
    expected: "a weight_map from tensors to safetensors files in the same directory",
    got: (JSON.stringify(names.find((name) => !plain(name))) ?? "none").slice(0, 100),
  }));
  return (names as string[]).sort();
}

/** Required files that a snapshot lacks; empty if it is complete. */
export async function missingFiles(snapshot: string): Promise<string[]> {
  const has = (name: string): boolean => existsSync(join(snapshot, name));
  const missing = ["config.json", "tokenizer.json"].filter((name) => !has(name));
  if (has(SINGLE)) return missing;
  if (!has(INDEX)) return [...missing, SINGLE];
  const index = await readJson(join(snapshot, INDEX), {
    expected: "an index of shards",
    attempt: "--download, which downloads it again",
  });
  return [...missing, ...shardsOf(index, join(snapshot, INDEX)).filter((name) => !has(name))];
}

/** The cached commit of a revision; null if there is none. */
export async function cachedCommit(cache: string, id: ModelId): Promise<string | null> {
  if (isCommit(id.revision)) return id.revision;
  const path = join(modelDirectory(cache, id), "refs", id.revision);
  if (!existsSync(path)) return null;
  const commit = (await readFile(path, "utf8")).trim();
  return isCommit(commit) ? commit : null;
}
