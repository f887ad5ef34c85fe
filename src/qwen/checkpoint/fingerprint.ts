/** Fingerprint of a checkpoint directory, to detect a different model at the same path. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Facts, sha256Of } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";

/** Files besides weights that affect the results of a checkpoint. */
const fingerprinted = [
  "config.json",
  "generation_config.json",
  "model.safetensors.index.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "added_tokens.json",
  "special_tokens_map.json",
  "vocab.json",
  "merges.txt",
  "chat_template.jinja",
  "chat_template.json",
  "preprocessor_config.json",
  "processor_config.json",
];

/**
 * SHA-256 by name of every file of a checkpoint that affects its results: weights, configuration, tokenizer, template,
 * processor.
 *
 * Errors: "checkpoint" for an unreadable directory, "input" for an unreadable file.
 */
export async function checkpointFingerprint(directory: string): Promise<Facts> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (cause) {
    throw new LintelError("checkpoint", {
      where: directory,
      expected: "a readable checkpoint directory",
      got: (cause as Error).message,
      cause,
    });
  }
  const facts: Record<string, string> = {};
  for (const name of names.sort())
    if (fingerprinted.includes(name) || name.endsWith(".safetensors"))
      facts[name] = await sha256Of(join(directory, name));
  return facts;
}
