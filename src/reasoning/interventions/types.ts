import type { BlockRules } from "../../families/index.ts";
import { cutOut } from "../../formats/index.ts";
import type { Example, Picture } from "../../tasks/index.ts";
import type { Random } from "../../util/index.ts";
import type { Donors, RightAnswer } from "../donors.ts";
import type { SlotPlan } from "../slot-plan.ts";

/** Input of an intervention's plan for one example. */
export interface PlanContext {
  example: Example;
  /** Index of the example in the split. */
  index: number;
  k: number;
  width: number;
  /** How the model's blocks begin and end. */
  rules: BlockRules;
  /** Random stream of this intervention and example; equal for all values of its parameters. */
  random: Random;
  /** The stream of another intervention, for combinations. */
  randomOf(name: string): Random;
  /** Own latents [K·D] of the example, one array per block; empty where it opened none. */
  own: readonly Float32Array[];
  /** Oracle latents [K·D] of the example, one array per helper; empty where it has none. */
  oracle: readonly Float32Array[];
  /** The same compressed to `k` vectors each. */
  oracleOf(k: number): readonly Float32Array[];
  /** Oracle latents of the counterfactual helpers of each option; null where there are none. */
  counterfactual: readonly (readonly Float32Array[] | null)[];
  /** The split as a whole. */
  split: SplitStatistics;
  /** Oracle-like latents of a random sub-region of one of the example's images; made before planning where needed. */
  crop: Float32Array | null;
  /** Embedding [D] of the slot's placeholder token, and of the prompt's last token (ordinary text). */
  pad: Float32Array;
  filler: Float32Array;
  /** Latents [K·D] by block that gradient steps found, by `name` of the search; made before planning where needed. */
  searched: ReadonlyMap<string, readonly Float32Array[]>;
}

/** What is known of a split once every example has been answered with its own latents. Latents are [K·D]. */
export interface SplitStatistics {
  /** Own and oracle latents by example index, one array per block; empty where an example has none. */
  own: readonly (readonly Float32Array[])[];
  oracle: readonly (readonly Float32Array[])[];
  /** The right answer, by example index. */
  answers: readonly RightAnswer[];
  /** Index of another example for each example: a derangement of those that have latents of the kind. */
  otherOwn: readonly (number | null)[];
  otherOracle: readonly (number | null)[];
  /** Partners that exchange their latents: pairs of examples with different right answers. */
  partner: readonly (number | null)[];
  /** Examples that donate latents: a random 64 of those that have them (docs/published-families.md §15.1). */
  pool: readonly number[];
  /** Per block: mean own latents, per slot and dimension, over the examples that opened it; empty without any. */
  ownMean: readonly Float32Array[];
  ownDeviation: readonly Float32Array[];
  oracleMean: readonly Float32Array[];
  /** One vector [D]: the mean over examples and slots. */
  ownVector: Float32Array | null;
  /** Donors by question, found at first use. */
  donors(): Donors;
}

export interface Planned {
  plan: SlotPlan;
  /** Origin of the vectors in words, for dry runs. */
  from: string;
  /** Index of the option that the block belongs to, for counterfactuals. */
  target?: number;
}

/** The values of an intervention's parameters by name. */
export type Values = Readonly<Record<string, number | string>>;

export interface Parameter {
  description: string;
  /** A sensible value, for messages and tests. */
  example: number | string;
  /** Bounds of a number, both inclusive. */
  min?: number;
  max?: number;
  integer?: boolean;
  /** The values that a text parameter may have. */
  choices?: readonly string[];
}

/** What an intervention on the input may use. */
export interface InputContext {
  /** Of the model's blocks; absent where no block is read. */
  rules?: Pick<BlockRules, "picks">;
  example: Example;
  index: number;
  examples: readonly Example[];
  random: Random;
}

interface ChangedInput {
  example: Example;
  from: string;
  /** Option i of the changed example is option `options[i]` of the original; the same options if left out. */
  options?: readonly number[];
  /** No block is opened: its start marker is suppressed. */
  withoutBlock?: true;
  /** The prompt's images are dropped from the cache once it has been read. */
  dropImages?: true;
}

/**
 * What an intervention is for. The verdict rests on "reference", "content-free control" and "in-distribution control";
 * an in-distribution control is a content-free one whose latents look like the model's own.
 */
export const interventionRoles = [
  "reference",
  "content-free control",
  "in-distribution control",
  "other control",
  "structural control",
  "counterfactual",
  "dose",
  "attention",
  "input",
] as const;

export type InterventionRole = (typeof interventionRoles)[number];

/** Latents that projected gradient steps find at a given distance from where they start. */
export interface GradientSearch {
  /** Name of the intervention with its values: `adversarial(0.3)`. */
  name: string;
  /** The intervention without its values, which names its random streams: all sizes start alike. */
  base: string;
  /** Lowers the log-odds of the model's own answer, or raises those of the right one. */
  goal: "against the model's answer" | "towards the right answer";
  start: "own" | "noise-matched";
  /** Distance: root mean square in units of the standard deviation of own latents. */
  size: number;
}

/** One intervention: what it is, and what it does to an example. */
export interface Intervention {
  /** One plain sentence. */
  description: string;
  role: InterventionRole;
  /** Papers that run it, or the section of docs that defines it. */
  source: string;
  /** The contents of the slots as a noun phrase, for prose ("replaced by zeros and …"); content-free controls have one. */
  phrase?: string;
  parameters?: Readonly<Record<string, Parameter>>;
  /** What has to be computed before planning. */
  needs?: readonly ("split" | "oracle" | "counterfactual" | "crop")[];
  /** Latents that are to be found by gradient steps before planning; its parameter `e` is their distance from the start. */
  search?: Pick<GradientSearch, "goal" | "start">;
  /** What an example lacks when `plan` answers null; counted and reported. */
  lacking?: string;
  /** It changes markers, length, attention or input instead of single slots, and cannot be part of a combination. */
  changesForm?: true;
  /** Changes the example before the prompt is read; the block that follows is the model's own. */
  input?(context: InputContext, values: Values): Promise<ChangedInput | null>;
  /** null: the example lacks what the intervention needs (no oracle, no counterfactual, no block). */
  plan(context: PlanContext, values: Values): Planned | null;
}

/** What of the image the answer can reach, from all of it to none (paths.ts). */
export const pathNames = ["visible", "hidden", "dropped", "unseen", "blank"] as const;

export type PathName = (typeof pathNames)[number];

/** An intervention whose parameters have their values. */
export interface ResolvedIntervention
  extends Pick<Intervention, "description" | "role" | "source" | "needs" | "lacking"> {
  /** Name in outcomes and results: `zeros`, `blend(0.5)`. */
  name: string;
  /** The name in the registry; that of a combination is its own. */
  base: string;
  values: Values;
  changesForm: boolean;
  /** The last slot that it names, counted from 1; 0 if it names none. Must not be above K. */
  lastSlot: number;
  /** Its definition in a file; absent for those of the registry. */
  definition?: unknown;
  /** Latents that have to be found before planning. */
  searches: readonly GradientSearch[];
  /** What of the image the answer can reach, where that is not everything (paths.ts). */
  path?: PathName;
  input?(context: InputContext): Promise<ChangedInput | null>;
  plan(context: PlanContext): Planned | null;
}

/**
 * Given blocks of latents; null without any.
 *
 * @example
 * fixed([Float32Array.of(1, 2)], "by hand").plan.blocks.length; // 1
 */
export const fixed = (blocks: readonly Float32Array[], from: string): Planned | null =>
  blocks.length > 0 ? { plan: { kind: "fixed", blocks }, from } : null;

/** The plan of `own`. */
export const keepOwn: Planned = { plan: { kind: "own" }, from: "its own hidden states" };

/**
 * The entry for block b of a list with one entry per block; a further block takes the last again.
 *
 * @example
 * forBlock(["first", "second"], 5); // "second"
 */
export const forBlock = <T>(list: readonly T[], b: number): T => list[Math.min(b, list.length - 1)]!;

/**
 * `count` copies of one vector, one after the other.
 *
 * @example
 * repeated(Float32Array.of(1, 2), 2); // Float32Array [1, 2, 1, 2]
 */
export function repeated(vector: Float32Array, count: number): Float32Array {
  const out = new Float32Array(vector.length * count);
  for (let i = 0; i < count; i++) out.set(vector, i * vector.length);
  return out;
}

/**
 * Gaussian noise with the given mean and standard deviation by entry; `deviation` may be longer.
 *
 * @example
 * noiseAround(Float32Array.of(1, 2), Float32Array.of(0, 0), random(0, "noise")); // Float32Array [1, 2]
 */
export const noiseAround = (center: Float32Array, deviation: Float32Array, random: Random): Float32Array =>
  center.map((m, i) => m + deviation[i]! * random.normal());

/** Side lengths of a random crop, as shares of the image (docs/published-families.md §15.1: 20–60 %). */
const CROP_SHARE = [0.2, 0.6] as const;

/**
 * Corners [left, top, right, bottom] of a random sub-region of a picture, in pixels (docs/science.md `random-crop`;
 * docs/published-families.md §1.6).
 */
export function randomBox(
  picture: Pick<Picture, "width" | "height">,
  random: Random,
): [number, number, number, number] {
  const share = () => CROP_SHARE[0] + (CROP_SHARE[1] - CROP_SHARE[0]) * random.uniform();
  const width = Math.max(1, Math.round(picture.width * share()));
  const height = Math.max(1, Math.round(picture.height * share()));
  const left = random.integer(picture.width - width + 1);
  const top = random.integer(picture.height - height + 1);
  return [left, top, left + width, top + height];
}

/** The picture in `randomBox`. */
export const randomCrop = (picture: Picture, random: Random): Picture =>
  cutOut(picture, randomBox(picture, random));
