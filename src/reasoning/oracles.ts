/** Oracle latents: what a model's block should have been, made as the family's training makes its targets. */
import { type BlockRules, boxRows } from "../families/index.ts";
import { decodeImage } from "../formats/index.ts";
import type { Example, Region } from "../tasks/index.ts";
import { ensure, type Random } from "../util/index.ts";
import { engineOf } from "./engine/engine-of.ts";
import type { ImageFeatures } from "./feature-store.ts";
import { randomBox, randomCrop } from "./interventions/types.ts";
import type { LatentModel } from "./latent-model.ts";
import type { TargetNetwork } from "./targets/types.ts";

/**
 * What an example's oracle is made of: its helper's features, the input image's own features in a box, a second
 * network's features of the helper, or nothing.
 */
export type OracleKind = "helper" | "box" | TargetNetwork["kind"] | "none";

/** What oracles need to know of a model. */
type OracleModel = Pick<
  LatentModel,
  "family" | "features" | "helpers" | "network" | "rules" | "tokenizer" | "targets"
>;

/**
 * Why a model has no oracles; undefined where it has.
 *
 * @example
 * oraclesMissingReason({ family: { noOracle: "of another network" } }); // "of another network"
 */
export const oraclesMissingReason = ({ family, targets }: Pick<OracleModel, "family" | "targets">) =>
  targets ? undefined : family.noOracle;

/** Of what an example's oracle is made. */
export function oracleKind(
  model: Pick<OracleModel, "family" | "targets">,
  { helpers, regions = [] }: Pick<Example, "helpers" | "regions">,
): OracleKind {
  if (oraclesMissingReason(model) !== undefined || helpers.length === 0) return "none";
  if (model.targets) return model.targets.kind;
  return model.family.boxes && regions.length > 0 ? "box" : "helper";
}

/**
 * Latents of an oracle: K, or what training has instead.
 *
 * @example
 * oracleSize(blockRules({ startId: 1, padId: 2, endId: 3, k: 8 }, { oracleK: 4 })); // 4
 */
export const oracleSize = ({ k, oracleK }: Pick<BlockRules, "k" | "oracleK">): number => oracleK ?? k;

/** The mean of rows [n, width]: [width]. */
function meanRow(rows: Float32Array, width: number): Float32Array {
  const out = new Float32Array(width);
  for (const [i, x] of rows.entries()) out[i % width]! += (x * width) / rows.length;
  return out;
}

/**
 * What an example shows and asks, pooled: the mean of the images' features and of the question's embeddings, [D] each.
 */
export async function pooledInput(
  { network, features, tokenizer }: Pick<OracleModel, "network" | "features" | "tokenizer">,
  example: Pick<Example, "images" | "question">,
): Promise<{ image: Float32Array | null; question: Float32Array }> {
  const width = network.config.text.hiddenSize;
  const images = await features.get(example.images);
  const means = images.flatMap(({ rows }) => [...meanRow(rows, width)]);
  const words = tokenizer.encode(example.question.replaceAll("<image>", " "));
  return {
    image: means.length > 0 ? meanRow(Float32Array.from(means), width) : null,
    question: meanRow(await engineOf(network).embed(words), width),
  };
}

/** What oracle rows are selected by without a teacher: the question and its images, the mean of both. */
async function standInQuery(model: OracleModel, example: Example): Promise<Float32Array> {
  const { image, question } = await pooledInput(model, example);
  return meanRow(Float32Array.from([...question, ...(image ?? [])]), question.length);
}

/** Features of an image in the cells that a box touches. */
function rowsIn(
  { network, family }: Pick<OracleModel, "network" | "family">,
  { rows, grid, width, height }: ImageFeatures,
  [x0, y0, x1, y1]: Region["box"],
): Float32Array {
  ensure(grid, "checkpoint", () => ({
    where: `oracles of the family ${family.name}`,
    expected: "images that are a grid of patches: its oracle is the features within a box",
    got: `${network.config.modelType}, whose images are none`,
    attempt: 'a family file with "oracle: rows", the features of the helper image (docs/families.md)',
  }));
  const parts = [x0 / width, y0 / height, x1 / width, y1 / height] as const;
  return boxRows(rows, network.config.text.hiddenSize, grid, parts);
}

/** The input images' own features in each of an example's boxes. */
async function boxedRows(model: OracleModel, { images, regions = [] }: Example): Promise<Float32Array[]> {
  const seen = await model.features.get(regions.map(({ image, uncovered }) => uncovered ?? images[image]!));
  return regions.map(({ box }, i) => rowsIn(model, seen[i]!, box));
}

/** The features that an oracle would be made of, were it about a random region of one of the example's images. */
export async function randomRegionFeatures(
  model: OracleModel,
  example: Example,
  r: Random,
): Promise<Float32Array> {
  const image = r.pick(example.images);
  if (oracleKind(model, example) === "box") {
    const [seen] = await model.features.get([image]);
    return rowsIn(model, seen!, randomBox(seen!, r));
  }
  const picture = await decodeImage(image, `example ${example.id}`);
  if (model.targets) return model.targets.of(randomCrop(picture, r));
  return (await (model.helpers ?? model.features).of([randomCrop(picture, r)]))[0]!;
}

/**
 * Makes the oracle latents of an example's helpers for any number of latents: [k, D] each, or fewer rows where the
 * family selects or a helper has fewer; none where the family's oracle takes a network that the checkpoint does not hold.
 */
export async function oracleMaker(
  model: OracleModel,
  example: Example,
): Promise<(k: number) => Float32Array[]> {
  const { family, features, network, rules } = model;
  const kind = oracleKind(model, example);
  if (kind === "none") return () => [];
  if (model.targets) return model.targets.oracles(example);
  const query = family.selects ? await standInQuery(model, example) : undefined;
  const width = network.config.text.hiddenSize;
  const merged =
    kind === "box"
      ? await boxedRows(model, example)
      : (await (model.helpers ?? features).get(example.helpers)).map(({ rows }) => rows);
  return (k) =>
    merged.map((rows) => {
      const whole = k === oracleSize(rules);
      ensure(!family.exactRows || !whole || rows.length === k * width, "dataset", () => ({
        where: `example ${example.id}, helper image`,
        expected: `${k} visual tokens, as many as a block of ${family.name} has latents`,
        got: `${rows.length / width}`,
        attempt: "helper images of the size that the model was trained with",
      }));
      return whole && (family.keepsRows || family.exactRows) ? rows : family.compress(rows, width, k, query);
    });
}

/**
 * Oracle latents [K·D] of each helper of an example, K being the family's or `k`; empty where it has none, or where the
 * family's oracle takes a network that the checkpoint does not hold.
 */
export async function oraclesOf(
  model: OracleModel,
  example: Example,
  k = oracleSize(model.rules),
): Promise<Float32Array[]> {
  return (await oracleMaker(model, example))(k);
}
