/** An audit in parts, for several processes: batches are those of the whole audit, so that parts come together to its bytes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeJson } from "../formats/index.ts";
import type { LatentModel } from "../reasoning/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure, LintelError } from "../util/index.ts";
import { batchSize, latentsOf } from "./decode/decode-session.ts";
import { ownBlocks, readLatents, writeLatents } from "./record/latents-file.ts";
import { type ExampleOutcomes, lightOutcomes } from "./record/outcomes.ts";
import { streamOutcomes } from "./record/outcomes-journal.ts";

/** What a process does of an audit: own latents of its examples, their outcomes, or all that remains. */
export interface Shard {
  phase: "own" | "outcomes" | "rest";
  /** From 0 to `of` − 1; of "rest" 0. */
  index: number;
  of: number;
  /** Directory of the parts. */
  root: string;
}

const DONE = "shard.json";

/**
 * The directory of a part.
 *
 * @example
 * shardDirectory({ phase: "own", index: 2, of: 8, root: "audit.shards" }); // "audit.shards/own-2-of-8"
 */
export const shardDirectory = ({ phase, index, of, root }: Shard): string =>
  join(root, `${phase}-${index}-of-${of}`);

/**
 * Whether a part is finished.
 *
 * @example
 * shardDone({ phase: "own", index: 0, of: 2, root: "no-such-directory" }); // false
 */
export const shardDone = (shard: Shard): boolean => existsSync(join(shardDirectory(shard), DONE));

/** Says in its directory that a part is finished. */
export const finishShard = ({ root: _, ...shard }: Shard, directory: string): Promise<void> =>
  writeJson(join(directory, DONE), shard);

/** The batches of a part: as many for each as can be, in order. */
export function batchesOf(
  { index, of }: Pick<Shard, "index" | "of">,
  batches: number,
): { from: number; to: number } {
  return { from: Math.floor((index * batches) / of), to: Math.floor(((index + 1) * batches) / of) };
}

/** The examples of a part. */
export function examplesOf(
  shard: Pick<Shard, "index" | "of">,
  model: LatentModel,
  examples: readonly Example[],
): Example[] {
  const size = batchSize(model.network.config.text);
  const { from, to } = batchesOf(shard, Math.ceil(examples.length / size));
  return examples.slice(from * size, to * size);
}

const parts = ({ of, root }: Pick<Shard, "of" | "root">, phase: Shard["phase"]): Shard[] =>
  Array.from({ length: of }, (_, index) => ({ phase, index, of, root }));

const unfinished = (shard: Shard): LintelError =>
  new LintelError("input", {
    where: shardDirectory(shard),
    id: "E_UNFINISHED",
    expected: "a finished part of this audit",
    got: "one that is not",
    attempt: "the same command again",
  });

/** Writes the own latents of all parts to `path`, as a single process writes them. */
export async function mergeOwn(
  shard: Pick<Shard, "of" | "root">,
  model: LatentModel,
  examples: readonly Example[],
  path: string,
): Promise<void> {
  const own: Float32Array[][] = [];
  for (const part of parts(shard, "own")) {
    const mine = examplesOf(part, model, examples);
    if (!shardDone(part)) throw unfinished(part);
    if (mine.length === 0) continue;
    const ids = mine.map(({ id }) => id);
    const latents = await readLatents(join(shardDirectory(part), "latents.safetensors"), ids);
    if (!latents) throw unfinished(part);
    own.push(...ownBlocks(latents));
  }
  await writeLatents(path, await latentsOf(model, examples, own));
}

/** The outcomes of all parts by example. */
export async function mergedOutcomes(
  shard: Pick<Shard, "of" | "root">,
): Promise<ReadonlyMap<string, ExampleOutcomes>> {
  const all = new Map<string, ExampleOutcomes>();
  const light = lightOutcomes();
  for (const part of parts(shard, "outcomes")) {
    if (!shardDone(part)) throw unfinished(part);
    for await (const record of streamOutcomes(join(shardDirectory(part), "outcomes.jsonl")))
      all.set(record.example, light(record));
  }
  return all;
}

/** A part as it stands on a command line. */
export const shardText = ({ phase, index, of, root }: Shard): string => `${phase}:${index}:${of}:${root}`;

/**
 * The part that a text means.
 *
 * Errors: "usage" for any other text.
 *
 * @example
 * shardFrom("own:0:2:audit.shards").phase; // "own"
 */
export function shardFrom(text: string): Shard {
  const found = /^(own|outcomes|rest):(\d+):(\d+):(.+)$/s.exec(text);
  ensure(found && Number(found[2]) < Number(found[3]), "usage", () => ({
    where: "--shard",
    expected: "PHASE:INDEX:NUMBER:DIRECTORY",
    got: JSON.stringify(text),
  }));
  return {
    phase: found[1] as Shard["phase"],
    index: Number(found[2]),
    of: Number(found[3]),
    root: found[4]!,
  };
}
