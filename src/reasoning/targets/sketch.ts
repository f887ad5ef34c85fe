/** SkiLa's targets: SigLIP features of the sketch through the projection that its training learned, in groups. */

import type { Family } from "../../families/index.ts";
import { decodeImage } from "../../formats/index.ts";
import { createGraph, float32, input, output, type SessionOptions } from "../../graph/index.ts";
import { linear } from "../../nn/index.ts";
import { type Checkpoint, lazySession, loadWeights, openSiglip } from "../../qwen/index.ts";
import type { Picture } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";
import type { TargetNetwork } from "./types.ts";

/** As `SketchExtractor_Siglip` names it within a checkpoint of the training (`src/model/sketch_extractor.py`). */
const PROJECTION = "sketch_extractor.sketch_proj";

/** x·Wᵀ + b of rows [n·inputs]. */
interface Projection {
  run(rows: Float32Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** The learned projection of a checkpoint. */
async function projectionOf(
  checkpoint: Checkpoint,
  inputs: number,
  options: SessionOptions,
): Promise<Projection> {
  const names = [`${PROJECTION}.weight`, `${PROJECTION}.bias`];
  const missing = names.filter((name) => !checkpoint.extra.has(name));
  ensure(missing.length === 0, "checkpoint", () => ({
    where: checkpoint.directory,
    expected: `${names.join(" and ")}, through which SkiLa's training reads SigLIP's features`,
    got: `no ${missing.join(", no ")}`,
    attempt:
      "a checkpoint of the training (checkpoint-N), before its sketch_extractor is deleted for release; without --oracle-model interventions that need no oracle are audited",
  }));
  const loaded = await loadWeights(checkpoint, names);
  const outputs = checkpoint.config.text.hiddenSize;
  const { shape } = loaded.get(names[0]!)!;
  ensure(shape.join() === `${outputs},${inputs}`, "checkpoint", () => ({
    where: `${checkpoint.directory}: ${PROJECTION}.weight`,
    expected: `[${outputs},${inputs}], from the sketch encoder's width to the model's`,
    got: `[${shape}]`,
    attempt: "the encoder that the training named as --sketch_encoder",
  }));
  const weights = Object.fromEntries([...loaded].map(([name, w]) => [name, float32(w.data, w.shape)]));
  const lazy = lazySession(
    (parameters) => {
      const g = createGraph("projection");
      const x = input(g, "x", "float32", ["N", inputs]);
      output("y", linear(parameters(g), PROJECTION, x, outputs, { bias: true }));
      return g;
    },
    weights,
    options,
  );
  return {
    async run(rows) {
      const { session, parameters } = await lazy.get();
      const { y } = await session.run({ ...parameters, x: float32(rows, [rows.length / inputs, inputs]) });
      return y!.data as Float32Array;
    },
    release: lazy.release,
  };
}

/** Groups of all sketches' features in a row, `k` for each sketch (`monkey_patch_forward_skila.py`). */
function sketchGroups(
  { compress }: Pick<Family, "compress">,
  sketches: readonly Float32Array[],
  width: number,
  k: number,
): Float32Array[] {
  const all = new Float32Array(sketches.reduce((n, { length }) => n + length, 0));
  let at = 0;
  for (const rows of sketches) {
    all.set(rows, at);
    at += rows.length;
  }
  const grouped = compress(all, width, sketches.length * k);
  return sketches.map((_, i) => grouped.slice(i * k * width, (i + 1) * k * width));
}

/**
 * The sketch encoder at `directory` with the projection that `checkpoint` holds, as a source of oracles.
 *
 * Errors: "checkpoint" naming what is missing.
 */
export async function sketchTargets(
  family: Family,
  checkpoint: Checkpoint,
  directory: string,
  { oracleK, ...options }: SessionOptions & { oracleK: number },
): Promise<TargetNetwork> {
  ensure(oracleK > 1, "checkpoint", () => ({
    where: `${checkpoint.directory}/config.json, sketch_token_num`,
    expected:
      "more than one latent a sketch; for one, training takes SigLIP's pooled output, which is not read here",
    got: "1",
  }));
  const siglip = await openSiglip(directory, options);
  const projection = await projectionOf(checkpoint, siglip.config.hiddenSize, options);
  const width = checkpoint.config.text.hiddenSize;
  const known = new Map<Uint8Array, Promise<Float32Array>>();
  const of = async (picture: Picture): Promise<Float32Array> =>
    projection.run((await siglip.features([picture]))[0]!);
  return {
    kind: "sketch",
    from: directory,
    note: `features of ${directory} through the projection that training learned, in groups`,
    async oracles({ id, helpers }) {
      const sketches = await Promise.all(
        helpers.map((bytes) => {
          const made = known.get(bytes) ?? decodeImage(bytes, `example ${id}`, "dataset").then(of);
          known.set(bytes, made);
          return made;
        }),
      );
      return (k) => sketchGroups(family, sketches, width, k);
    },
    of,
    async release() {
      await projection.release();
      await siglip.release();
    },
  };
}
