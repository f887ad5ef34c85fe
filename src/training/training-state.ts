/** The state of an interrupted training: weights, moments and the number of steps taken, in one file. */
import { createHash } from "node:crypto";
import { access, rm } from "node:fs/promises";
import {
  digestOf,
  float32,
  readSafetensors,
  readSafetensorsHeader,
  STATE_FILE,
  type Tensor,
  toFloat32,
  writeSafetensors,
} from "../formats/index.ts";
import { fillStore, type ParameterStore } from "../nn/index.ts";
import type { Example } from "../tasks/index.ts";
import { ensure } from "../util/index.ts";
import type { AdamW } from "./optimizer.ts";

const parts = (parameters: ParameterStore, optimizer: AdamW) =>
  [
    ["weight", parameters],
    ["moment1", optimizer.moment1],
    ["moment2", optimizer.moment2],
  ] as const;

/** Fingerprint of a training: equal fingerprints take the same steps. */
export function fingerprint(
  settings: Record<string, unknown>,
  examples: readonly Example[],
  stores: readonly ParameterStore[],
): string {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  for (const { flat } of stores) {
    hash.update(new Uint8Array(flat.buffer, flat.byteOffset, flat.byteLength));
  }
  for (const { id, question, options, answer, images, helpers } of examples) {
    hash.update(JSON.stringify([id, question, options, answer, images.length, helpers.length]));
    for (const image of [...images, ...helpers]) hash.update(image);
  }
  return hash.digest("hex");
}

/** Tensors as values for a digest. */
const tensorsByName = (tensors: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries(
    [...tensors].map(([name, { data }]) => [
      name,
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ]),
  );

/** Writes the state atomically: a kill leaves the older one. */
export async function saveState(
  directory: string,
  training: string,
  parameters: ParameterStore,
  optimizer: AdamW,
): Promise<void> {
  const tensors = new Map(
    parts(parameters, optimizer).flatMap(([part, store]) =>
      [...store.views].map(
        ([name, view]) => [`${part}.${name}`, float32(store.shapes.get(name)!, view)] as const,
      ),
    ),
  );
  const step = String(optimizer.step);
  const sha256 = digestOf([step, training, tensorsByName(tensors)]);
  await writeSafetensors(`${directory}/${STATE_FILE}`, tensors, { step, training, sha256 });
}

/**
 * Restores a saved state; returns the number of steps taken, or 0 where there is none.
 *
 * Errors: "usage" where the state is of another training than `training`, a fingerprint; "input" where it was changed.
 */
export async function restoreState(
  directory: string,
  training: string,
  parameters: ParameterStore,
  optimizer: AdamW,
): Promise<number> {
  const path = `${directory}/${STATE_FILE}`;
  try {
    await access(path);
  } catch {
    // No state: the training starts from the beginning.
    return 0;
  }
  const { metadata } = await readSafetensorsHeader(path);
  ensure(metadata.get("training") === training, "usage", () => ({
    where: directory,
    id: "E_OTHER_RUN",
    expected: "no unfinished training, or one of the same recipe, data, base and settings",
    got: "the state of another training",
    attempt: `another --out, or deleting ${path}`,
  }));
  const tensors = await readSafetensors(path);
  const [step, was] = [metadata.get("step"), metadata.get("sha256")];
  // States of older versions have no digest.
  ensure(was === undefined || was === digestOf([step, training, tensorsByName(tensors)]), "input", () => ({
    where: path,
    id: "E_CHANGED_FILE",
    expected: "the state as it was saved (SHA-256 in the file)",
    got: "another",
    attempt: "deleting the file: the training begins again",
  }));
  for (const [part, store] of parts(parameters, optimizer)) {
    fillStore(store, new Map(store.names.map((name) => [name, toFloat32(tensors.get(`${part}.${name}`)!)])));
  }
  optimizer.step = Number(step);
  return optimizer.step;
}

/** Removes the saved state of a finished training. */
export const dropState = (directory: string): Promise<void> =>
  rm(`${directory}/${STATE_FILE}`, { force: true });
