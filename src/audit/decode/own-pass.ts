/** The own pass: decodes every example with its own latents and records them. */

import type { LatentModel } from "../../reasoning/index.ts";
import type { Example, Skipped } from "../../tasks/index.ts";
import { checkNotEmpty } from "../data/read-data.ts";
import { withoutBroken } from "../data/usable-examples.ts";
import { type Latents, readLatents, writeLatents } from "../record/latents-file.ts";
import { createDecodeSession, type DecodeSession, ownLatents } from "./decode-session.ts";

interface OwnPass {
  session: DecodeSession;
  latents: Latents;
  /** Whether the model opened a latent block in any example; without one there is nothing to intervene on. */
  opened: boolean;
  /** Examples that the model has no finite numbers for: they are not on the session. */
  skipped: Skipped[];
}

const hasBlocks = ({ hasOwn }: Latents): boolean => Array.from(hasOwn).some(Boolean);

/**
 * Own latents of the examples, read from `path` where they were recorded. The session is the caller's to release.
 *
 * Errors: "checkpoint" where the model has finite numbers for none of the first examples, "dataset" where none is left.
 */
export async function ownPass(
  model: LatentModel,
  examples: readonly Example[],
  path: string | undefined,
  step: (done: number) => void,
): Promise<OwnPass> {
  const ids = examples.map(({ id }) => id);
  const recorded = path === undefined ? null : await readLatents(path, ids);
  const session = createDecodeSession(model, examples);
  if (recorded) return { session, latents: recorded, opened: hasBlocks(recorded), skipped: [] };
  let broken: readonly number[];
  try {
    const pass = await ownLatents(session, step);
    ({ broken } = pass);
    if (broken.length === 0) {
      if (path !== undefined) await writeLatents(path, pass.latents);
      return { session, latents: pass.latents, opened: hasBlocks(pass.latents), skipped: [] };
    }
  } catch (error) {
    await session.release();
    throw error;
  }
  // Batches and statistics are of the examples that are left: they are answered as if the others had never been asked.
  await session.release();
  const { examples: kept, skipped } = withoutBroken(examples, broken);
  checkNotEmpty({ examples: kept, skipped }, "examples with finite numbers");
  const rest = await ownPass(model, kept, path, step);
  return { ...rest, skipped: [...skipped, ...rest.skipped] };
}
