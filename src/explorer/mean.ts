/** Mean own latents of an audit, as its intervention `mean` has them. */
import { ownBlocks, readLatents } from "../audit/index.ts";
import { readSafetensorsHeader } from "../formats/index.ts";
import { splitStatistics } from "../reasoning/index.ts";
import { base64 } from "./base64.ts";
import type { MeanContent } from "./types.ts";

/**
 * The means by block of a file of latents.
 *
 * Errors: "input" for a damaged file.
 */
export async function meanContent(path: string): Promise<MeanContent> {
  const { metadata } = await readSafetensorsHeader(path);
  const latents = await readLatents(path, JSON.parse(metadata.get("examples") ?? "[]") as string[]);
  if (!latents) return { blocks: [] };
  const own = ownBlocks(latents);
  const { ownMean } = splitStatistics(
    own,
    own.map(() => []),
    0,
  );
  return { blocks: ownMean.map((block) => base64(block)) };
}
