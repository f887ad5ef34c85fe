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
 * The model that `org/name` or `org/name@revision` names; null for what cannot be such a name, as most paths.
 *
 * Errors: code "usage" for a revision that would lead out of the cache.
 */
export function parseModelId(name: string): ModelId | null {
  const found = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(.+))?$/.exec(name);
  if (!found) return null;
  const [, repository, revision = "main"] = found;
  ensure(/^[\w][\w./-]*$/.test(revision) && !revision.split("/").includes(".."), "usage", () => ({
    where: name,
    expected: "a branch, a tag or a commit behind the @",
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

/** Files besides the weights that Lintel reads, where a model has them. */
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

/** Names of the weights' files that an index holds; only plain names of files beside it. */
export function shardsOf(index: unknown, where: string): string[] {
  const map = (index as { weight_map?: Record<string, unknown> } | null)?.weight_map;
  const names = [...new Set(Object.values(map ?? {}))];
  const plain = (name: unknown): boolean =>
    typeof name === "string" && /^[\w-][\w.-]{0,200}\.safetensors$/.test(name);
  ensure(names.length > 0 && names.every(plain), "checkpoint", () => ({
    where,
    expected: "a weight_map from tensors to safetensors files beside it",
    got: (JSON.stringify(names.find((name) => !plain(name))) ?? "none").slice(0, 100),
  }));
  return (names as string[]).sort();
}

/** What a snapshot still lacks of what Lintel cannot do without; empty where it is complete. */
export async function lackingIn(snapshot: string): Promise<string[]> {
  const has = (name: string): boolean => existsSync(join(snapshot, name));
  const lacking = ["config.json", "tokenizer.json"].filter((name) => !has(name));
  if (has(SINGLE)) return lacking;
  if (!has(INDEX)) return [...lacking, SINGLE];
  const index = await readJson(join(snapshot, INDEX), {
    expected: "an index of shards",
    attempt: "--download, which fetches it again",
  });
  return [...lacking, ...shardsOf(index, join(snapshot, INDEX)).filter((name) => !has(name))];
}

/** The commit that the cache knows a revision by; null where it knows none. */
export async function cachedCommit(cache: string, id: ModelId): Promise<string | null> {
  if (isCommit(id.revision)) return id.revision;
  const path = join(modelDirectory(cache, id), "refs", id.revision);
  if (!existsSync(path)) return null;
  const commit = (await readFile(path, "utf8")).trim();
  return isCommit(commit) ? commit : null;
}
