/** Fitting what a head and a target space take from the training oracles: means, scales, codes. */
import type { ParameterStore } from "../../nn/index.ts";
import { random } from "../../util/index.ts";
import { rowsInSpace, targetSpaces } from "./target-spaces.ts";
import { headRecord, type LatentConfig, PREFIX } from "./tensors.ts";

/** The vectors that fitted tensors are computed from. */
interface FitSource {
  width: number;
  /** The distinct oracle latents of the training set [n, width]. */
  oracles: Float32Array;
  /** Patch groups before the tower's merger, of the oracle latents [n, width of a group]. */
  cells?: { width: number; rows: Float32Array };
}

/** Fills the fitted tensors of a head and a target space. */
export function fitLatentBuffers(
  buffers: ParameterStore,
  { head, space }: LatentConfig,
  { width, oracles, cells }: FitSource,
  seed: number,
): void {
  const view = (name: string): Float32Array => buffers.views.get(`${PREFIX}${name}`)!;
  targetSpaces[space.kind].fit(oracles, width, view);
  headRecord(head).fit?.(
    {
      width,
      oracles: () => rowsInSpace(space, oracles, width, view),
      ...(cells && { cells }),
      stream: (name, ...index) => random(seed, "initialize", `${PREFIX}${name}`, ...index),
      view,
    },
    head,
  );
}
