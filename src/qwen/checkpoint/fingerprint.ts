/** What a checkpoint directory is, byte for byte: another model in the same place is another model. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Facts, sha256Of } from "../../formats/index.ts";
import { LintelError } from "../../util/index.ts";

/** Files besides weights that decide what a checkpoint computes or reads. */
const deciding = [
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
 * SHA-256 of every file of a checkpoint that decides what it computes: weights, configuration, tokenizer, template,
 * processor; by name.
 *
 * Errors: "checkpoint" for a directory that cannot be read, "input" for such a file.
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
    if (deciding.includes(name) || name.endsWith(".safetensors"))
      facts[name] = await sha256Of(join(directory, name));
  return facts;
}
