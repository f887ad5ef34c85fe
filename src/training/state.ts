/** The state of an interrupted training: weights, moments and the number of steps taken, in one file. */
import { access, rm } from "node:fs/promises";
import {
  float32,
  readSafetensors,
  readSafetensorsHeader,
  toFloat32,
  writeSafetensors,
} from "../formats/index.ts";
import { fillStore, type ParameterStore } from "../nn/index.ts";
import type { AdamW } from "./optimizer.ts";

const NAME = "state.safetensors";

const parts = (parameters: ParameterStore, optimizer: AdamW) =>
  [
    ["weight", parameters],
    ["moment1", optimizer.moment1],
    ["moment2", optimizer.moment2],
  ] as const;

/** Writes the state atomically: a kill leaves the older one. */
export async function saveState(
  directory: string,
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
  await writeSafetensors(`${directory}/${NAME}`, tensors, { step: String(optimizer.step) });
}

/** Restores a saved state; returns the number of steps taken, or 0 where there is none. */
export async function restoreState(
  directory: string,
  parameters: ParameterStore,
  optimizer: AdamW,
): Promise<number> {
  const path = `${directory}/${NAME}`;
  try {
    await access(path);
  } catch {
    // No state: the training starts from the beginning.
    return 0;
  }
  const { metadata } = await readSafetensorsHeader(path);
  const tensors = await readSafetensors(path);
  for (const [part, store] of parts(parameters, optimizer)) {
    fillStore(store, new Map(store.names.map((name) => [name, toFloat32(tensors.get(`${part}.${name}`)!)])));
  }
  optimizer.step = Number(metadata.get("step"));
  return optimizer.step;
}

/** Removes the state of a finished training. */
export const dropState = (directory: string): Promise<void> => rm(`${directory}/${NAME}`, { force: true });
