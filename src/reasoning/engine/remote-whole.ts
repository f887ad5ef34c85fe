/** Whole sequences and gradients by images, by an engine elsewhere (`QwenModel.replayWhole`, `QwenModel.patchGradients`). */
import type { Connection, Tensor } from "../../engine/index.ts";
import { concatenated } from "../../numeric/index.ts";
import type { EncodedImage, QwenModel } from "../../qwen/index.ts";

const rows = (data: Float32Array, width: number): Tensor => ({ shape: [data.length / width, width], data });

/** DeepStack's features, layer by layer, as one tensor. */
const layered = (deep: readonly Float32Array[], width: number): Tensor => ({
  shape: [deep.length, deep[0]!.length / width, width],
  data: concatenated(deep),
});

/** A tensor [layers, …] by layer. */
function layersOf(tensor: Tensor | undefined): Float32Array[] {
  const [layers = 0] = tensor?.shape ?? [];
  const data = tensor?.data as Float32Array;
  return Array.from({ length: layers }, (_, i) =>
    data.slice((i * data.length) / layers, ((i + 1) * data.length) / layers),
  );
}

/** What goes back to the images of a Qwen-VL model of width `width` that the engine has loaded. */
export function remoteWhole(
  engine: Connection,
  width: number,
): Required<Pick<QwenModel, "replayWhole" | "patchGradients">> {
  return {
    async replayWhole(whole, cotangents) {
      const given: Record<string, Tensor> = {
        latents: rows(concatenated(whole.map(({ row }) => row.latents)), width),
        ...(cotangents && { cotangents: rows(concatenated(cotangents), width) }),
      };
      for (const [i, { prompt }] of whole.entries()) {
        if (prompt.visuals.length === 0) continue;
        given[`visuals.${i}`] = rows(prompt.visuals, width);
        if (prompt.deep?.length) given[`deep.${i}`] = layered(prompt.deep, width);
      }
      const asked = whole.map(({ prompt: { ids, grids }, row }) => ({
        prompt: { ids, grids },
        ...{ ids: row.ids, slots: row.slots, options: row.options, chosen: row.chosen },
      }));
      const { tensors } = await engine.request("whole", { rows: asked }, given);
      const each = (name: string) => whole.map((_, i) => tensors[`${name}.${i}`]?.data as Float32Array);
      const [latents, visuals] = [each("latents"), each("visuals")];
      return {
        states: each("states"),
        scores: each("scores"),
        logOdds: [...(tensors.logOdds!.data as Float32Array)],
        gradient: cotangents
          ? whole.map((_, i) => ({
              latents: latents[i]!,
              visuals: { rows: visuals[i] ?? new Float32Array(), deep: layersOf(tensors[`deep.${i}`]) },
            }))
          : null,
      };
    },
    async patchGradients(images, cotangents: readonly EncodedImage[]) {
      const patches = concatenated(images.map((image) => image.patches));
      const count = images.reduce((n, { grid: [t, h, w] }) => n + t * h * w, 0);
      const given: Record<string, Tensor> = { patches: rows(patches, patches.length / count) };
      for (const [i, { rows: each, deep = [] }] of cotangents.entries()) {
        given[`rows.${i}`] = rows(each, width);
        if (deep.length > 0) given[`deep.${i}`] = layered(deep, width);
      }
      const { tensors } = await engine.request("patches", { grids: images.map(({ grid }) => grid) }, given);
      return images.map((_, i) => tensors[`gradient.${i}`]!.data as Float32Array);
    },
  };
}
