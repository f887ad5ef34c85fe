/**
 * Runs the vision tower: patches in window order with their masks in, features in raster order out; and backward, from
 * gradients by features to gradients by patches.
 */
import { float32, int64, type Value } from "../../graph/index.ts";
import { concatenated } from "../../numeric/index.ts";
import type { QwenConfig } from "../config/types.ts";
import { countUp, MASK_VALUE } from "../decoding/decode-inputs.ts";
import type { ProcessedImage } from "../processor/image-processor.ts";
import type { CompiledGraph } from "../weights/lazy-session.ts";
import type { EncodedImage } from "./deepstack.ts";
import { interpolatedPositions } from "./position-interpolation.ts";
import { cellSize } from "./vision-layers.ts";
import { windowPatches } from "./vision-qwen2-5.ts";
import { permuteGroups, segmentMask, visionLayout } from "./window-layout.ts";

/** `WindowIndices` as inputs: the windows of `images` images of one grid, each padded to `size` patches. */
function windowInputs(segments: Int32Array, images: number, size: number): Record<string, Value> {
  const perImage = segments.length - 1;
  const patches = segments.at(-1)!;
  const windows = images * perImage;
  const slots = new Int32Array(windows * size);
  const positions = new Int32Array(windows * size);
  const back = new Int32Array(images * patches);
  const filled = new Float32Array(windows * size);
  for (let window = 0; window < windows; window++) {
    const image = Math.floor(window / perImage);
    const [first, end] = [segments[window % perImage]!, segments[(window % perImage) + 1]!];
    for (let i = 0; i < size; i++) {
      const place = window * size + i;
      const inside = first + i < end;
      positions[place] = inside ? first + i : first;
      slots[place] = image * patches + positions[place];
      if (inside) back[slots[place]] = place;
      else filled[place] = MASK_VALUE;
    }
  }
  return {
    slots: int64(slots, [windows, size]),
    positions: int64(positions, [windows, size]),
    back: int64(back, [images * patches]),
    filled: float32(filled, [windows, 1, 1, size]),
  };
}

interface EncoderParts {
  config: QwenConfig;
  /** The graph gathers windows (`apart` of `qwen25VisionGraph`). */
  large: boolean;
  /** The graph also outputs the input of the merger. */
  cells: boolean;
  session: () => Promise<CompiledGraph>;
  /** The graph with `gradient`. */
  backward: () => Promise<CompiledGraph>;
}

/** What `sameGrid` calls with images of one grid, by the grids of all. */
async function byGrid<T>(
  images: readonly ProcessedImage[],
  sameGrid: (which: readonly number[]) => Promise<T[]>,
): Promise<T[]> {
  const groups = new Map<string, number[]>();
  for (const [i, image] of images.entries()) {
    const key = image.grid.join();
    groups.set(key, [...(groups.get(key) ?? []), i]);
  }
  const out: T[] = new Array(images.length);
  for (const group of groups.values()) {
    const results = await sameGrid(group);
    for (const [j, i] of group.entries()) out[i] = results[j]!;
  }
  return out;
}

/** `QwenModel.features` and `QwenModel.patchGradients`. */
export function imageEncoder({
  config: { vision },
  large,
  cells,
  session: compiled,
  backward,
}: EncoderParts) {
  const isQwen3 = vision.kind === "qwen3";
  const merge = vision.mergeSize ** 2;

  /** Inputs of images of one grid, and their layout. */
  function inputsOf(images: readonly ProcessedImage[]) {
    const [grid] = images.map((image) => image.grid);
    const layout = visionLayout(vision, [grid!]);
    const count = grid![0] * grid![1] * grid![2];
    const patchDim = images[0]!.patches.length / count;
    const patches = new Float32Array(images.length * count * patchDim);
    for (const [i, image] of images.entries()) {
      patches.set(permuteGroups(image.patches, layout.windowIndex, merge * patchDim), i * count * patchDim);
    }
    const half = layout.cos.length / count;
    const angles = Math.max(count, large && !isQwen3 ? windowPatches(vision) : 0);
    const table = (values: Float32Array): Value => {
      const out = new Float32Array(angles * half);
      out.set(values);
      return float32(out, [angles, half]);
    };
    const corners = isQwen3 ? interpolatedPositions(vision, grid!) : null;
    const inputs: Record<string, Value> = {
      patches: float32(patches, [images.length * count, patchDim]),
      cos: table(layout.cos),
      sin: table(layout.sin),
      rows: int64(
        images.flatMap(() => countUp(count)),
        [images.length, count],
      ),
      ...(corners
        ? {
            corners: int64(corners.rows, [4, count]),
            cornerWeights: float32(corners.weights, [4, count, 1]),
          }
        : large
          ? windowInputs(layout.windowSegments, images.length, windowPatches(vision))
          : { windowMask: float32(segmentMask(layout.windowSegments, MASK_VALUE), [1, 1, count, count]) }),
    };
    return { inputs, layout, count, patchDim };
  }

  /** Images of one grid in one run. */
  const sameGrid = async (images: readonly ProcessedImage[]): Promise<EncodedImage[]> => {
    const { inputs, layout, count } = inputsOf(images);
    const { session, parameters } = await compiled();
    const found = await session.run({ ...parameters, ...inputs });
    const rowsOf = (name: string, i: number, width = vision.outHiddenSize): Float32Array => {
      const data = found[name]!.data as Float32Array;
      const size = (count / merge) * width;
      return permuteGroups(data.subarray(i * size, (i + 1) * size), layout.reverse, width);
    };
    return images.map((_, i) => ({
      rows: rowsOf("features", i),
      ...(cells && { cells: rowsOf("cells", i, cellSize(vision)) }),
      ...(isQwen3 && { deep: [...vision.deepstackBlocks.keys()].map((k) => rowsOf(`deep.${k}`, i)) }),
    }));
  };

  /** Gradients by the patches of images of one grid, in the order of the patches. */
  const backwardSameGrid = async (
    images: readonly ProcessedImage[],
    cotangents: readonly EncodedImage[],
  ): Promise<Float32Array[]> => {
    const { inputs, layout, count, patchDim } = inputsOf(images);
    const width = vision.outHiddenSize;
    const given = (of: (image: EncodedImage) => Float32Array): Value =>
      float32(concatenated(cotangents.map((each) => permuteGroups(of(each), layout.windowIndex, width))), [
        (images.length * count) / merge,
        width,
      ]);
    for (const k of isQwen3 ? vision.deepstackBlocks.keys() : [])
      inputs[`cotangent.${k}`] = given(({ deep }) => deep![k]!);
    const { session, parameters } = await backward();
    const found = await session.run({ ...parameters, ...inputs, cotangent: given(({ rows }) => rows) });
    const gradient = found.gradient!.data as Float32Array;
    const size = count * patchDim;
    return images.map((_, i) =>
      permuteGroups(gradient.subarray(i * size, (i + 1) * size), layout.reverse, merge * patchDim),
    );
  };

  return {
    features: (images: readonly ProcessedImage[]): Promise<EncodedImage[]> =>
      byGrid(images, (which) => sameGrid(which.map((i) => images[i]!))),
    patchGradients: (
      images: readonly ProcessedImage[],
      cotangents: readonly EncodedImage[],
    ): Promise<Float32Array[]> =>
      byGrid(images, (which) =>
        backwardSameGrid(
          which.map((i) => images[i]!),
          which.map((i) => cotangents[i]!),
        ),
      ),
  };
}
