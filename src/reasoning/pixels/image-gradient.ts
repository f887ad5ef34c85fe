/** Gradients of an answer's log-odds by the patches of the prompt's images: past the latents and through them. */
import { largest } from "../../numeric/index.ts";
import type { ProcessedImage, QwenModel, ReplayRow } from "../../qwen/index.ts";
import { promptVisuals } from "../../qwen/index.ts";
import { ensure } from "../../util/index.ts";
import type { LatentModel } from "../latent-model.ts";

/** A row whose prompt is read again with other images. */
export interface ImageRow {
  /** Of the prompt and of what was written before the block. */
  ids: readonly number[];
  row: ReplayRow;
  images: readonly ProcessedImage[];
}

/** A network of which `imageGradients` can be had. */
export type PixelNetwork = Pick<QwenModel, "config" | "features"> &
  Required<Pick<QwenModel, "replayWhole" | "patchGradients">>;

/** Changes of latents below this share of their size are rounding. */
const ROUNDING = 1e-5;

/** Why there is no gradient by the pixels of a model's images; null where there is one. */
export function noPixelGradient({
  network,
  rules,
  head,
  prepares,
}: Pick<LatentModel, "network" | "rules" | "head" | "prepares">): string | null {
  if (prepares || ("remote" in network && !network.replayWhole))
    return "a network that runs elsewhere, whose engine gives no gradient by the pixels of images: its images are no Qwen-VL's, or it is older than this Lintel";
  if (!network.replayWhole || !network.patchGradients) return "a network that cannot be looked into";
  if (head) return "latents that a head makes of the model's states";
  if (rules.made === "branch") return "a branch that makes all latents of a block at once";
  if (rules.picks) return "blocks with features of the image in them";
  return null;
}

/** The network of a model, for gradients by pixels. Throws "usage" with the reason where there are none. */
export function pixelNetworkOf(
  model: Pick<LatentModel, "network" | "rules" | "head" | "prepares">,
): PixelNetwork {
  const reason = noPixelGradient(model);
  ensure(reason === null, "usage", () => ({
    where: "gradients by the pixels of images",
    expected: "a Qwen-VL network that feeds its own states in the slots, or static tokens",
    got: reason!,
    attempt: "noisy-image(s), which needs no gradient",
  }));
  return model.network as unknown as PixelNetwork;
}

/**
 * Bytes that the backward pass of one sequence keeps, about: per layer what the two halves of a layer are computed of, and the
 * weights of attention before and after the softmax, with their gradients.
 *
 * @example
 * sequenceBytes({ layers: 28, hiddenSize: 3584, intermediateSize: 18944, heads: 28 }, 1000) / 2 ** 30; // 23.98…
 */
export const sequenceBytes = (
  {
    layers,
    hiddenSize,
    intermediateSize,
    heads,
  }: Pick<QwenModel["config"]["text"], "layers" | "hiddenSize" | "intermediateSize" | "heads">,
  tokens: number,
): number => 4 * layers * tokens * (9 * hiddenSize + 6 * intermediateSize + 3 * heads * tokens);

const far = (a: Float32Array, b: Float32Array): number =>
  largest(a.map((x, i) => Math.abs(x - b[i]!))) / Math.max(1e-30, largest(b.map(Math.abs)));

interface ImageReading {
  logOdds: number;
  scores: Float32Array;
  /** [slots, D] that stood in the slots. */
  latents: Float32Array;
}

/** What rows are with their images: features, and prompts that hold them. */
async function withImages(network: PixelNetwork, rows: readonly ImageRow[]) {
  const encoded = await network.features(rows.flatMap(({ images }) => images));
  let used = 0;
  const whole = rows.map(({ ids, row, images }) => {
    used += images.length;
    const visuals = promptVisuals(encoded.slice(used - images.length, used));
    return { prompt: { ids, ...visuals, grids: images.map(({ grid }) => grid) }, row };
  });
  const withLatents = (latents: readonly Float32Array[]) =>
    whole.map(({ prompt, row }, i) => ({ prompt, row: { ...row, latents: latents[i]! } }));
  return { encoded, withLatents };
}

/**
 * Log-odds of the chosen options with these images. `follow`: the slots hold the states before them, as the model would
 * make them of these images; otherwise the latents of the rows. The text stays. A latent depends on those before it: they are
 * right after as many readings as there are slots.
 */
export async function readWithImages(
  network: PixelNetwork,
  rows: readonly ImageRow[],
  follow: boolean,
): Promise<ImageReading[]> {
  const { withLatents } = await withImages(network, rows);
  const { latents, found } = await settled(network, rows, withLatents, follow);
  return rows.map((_, i) => ({
    logOdds: found.logOdds[i]!,
    scores: found.scores[i]!,
    latents: latents[i]!,
  }));
}

async function settled(
  network: PixelNetwork,
  rows: readonly ImageRow[],
  withLatents: Awaited<ReturnType<typeof withImages>>["withLatents"],
  follow: boolean,
) {
  let latents: Float32Array[] = rows.map(({ row }) => row.latents);
  let found = await network.replayWhole(withLatents(latents));
  const most = largest(rows.map(({ row }) => row.slots.length));
  for (let slot = 0; follow && slot < most; slot++) {
    const moved = largest(found.states.map((state, i) => far(state, latents[i]!)));
    if (moved === 0) break;
    latents = found.states;
    found = await network.replayWhole(withLatents(latents));
    if (moved < ROUNDING) break;
  }
  return { latents, found };
}

/**
 * Gradients of the log-odds of the chosen options by the patches of each image. With `follow` along both ways: straight to the
 * answer, and through the latents, which are the states before the slots. Of L(z, x) with z = G(z, x) that is ∂L/∂x + λ·∂G/∂x
 * with λ = ∂L/∂z + λ·∂G/∂z; a latent depends on earlier ones only, so that λ is right after as many backward runs as there
 * are slots.
 */
export async function imageGradients(
  network: PixelNetwork,
  rows: readonly ImageRow[],
  follow: boolean,
): Promise<(ImageReading & { patches: Float32Array[] })[]> {
  const { encoded, withLatents } = await withImages(network, rows);
  const { latents, found } = await settled(network, rows, withLatents, follow);
  const whole = withLatents(latents);
  const most = follow ? largest(rows.map(({ row }) => row.slots.length)) : 0;
  let cotangents: Float32Array[] = latents.map((z) => new Float32Array(z.length));
  let gradient = (await network.replayWhole(whole, cotangents)).gradient!;
  for (let slot = 0; slot < most; slot++) {
    const next = gradient.map((each) => each.latents);
    const moved = largest(next.map((each, i) => far(cotangents[i]!, each)));
    cotangents = next;
    if (moved === 0) break;
    gradient = (await network.replayWhole(whole, cotangents)).gradient!;
    if (moved < ROUNDING) break;
  }
  const width = network.config.text.hiddenSize;
  const unit = network.config.vision.mergeSize ** 2;
  const byImage = rows.flatMap(({ images }, i) => {
    const { rows: all, deep = [] } = gradient[i]!.visuals;
    let at = 0;
    return images.map(({ grid }) => {
      const from = at;
      at += ((grid[0] * grid[1] * grid[2]) / unit) * width;
      return { rows: all.slice(from, at), deep: deep.map((each) => each.slice(from, at)) };
    });
  });
  const images = rows.flatMap((row) => row.images);
  ensure(byImage.length === encoded.length, "runtime", () => ({
    where: "gradients by patches",
    expected: `${encoded.length} images`,
    got: `${byImage.length}`,
  }));
  const patches = await network.patchGradients(images, byImage);
  let used = 0;
  return rows.map((row, i) => {
    used += row.images.length;
    return {
      logOdds: found.logOdds[i]!,
      scores: found.scores[i]!,
      latents: latents[i]!,
      patches: patches.slice(used - row.images.length, used),
    };
  });
}
