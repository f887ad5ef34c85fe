import { countOf, thoseOf } from "../../numeric/index.ts";
import type { WeightFormat } from "../../qwen/index.ts";
import { clustersOf, shareInterval } from "../../statistics/index.ts";
import { ensure } from "../../util/index.ts";
import type { InputVectors } from "../decode/input-vectors.ts";
import { measurements } from "../measurements/index.ts";
import { paragraph } from "../readable/index.ts";
import { answersInWords } from "../record/answer-words.ts";
import { type Latents, ownBlocks } from "../record/latents-file.ts";
import type { ExampleOutcomes, Outcome } from "../record/outcomes.ts";
import { isRight } from "../record/outcomes.ts";
import type { AuditResult, InterventionResult } from "../record/schema.ts";
import { type SplitOutcomes, splitInColumns, splitOf } from "../record/split-outcomes.ts";
import { balanceOf, optionsOnlyOf } from "./chance.ts";
import { type ComparisonOptions, compareAll } from "./comparison.ts";
import { levelOf, lookText } from "./fresh-examples.ts";
import { geometry } from "./geometry.ts";
import { fourWays } from "./look-alike.ts";
import { compareReadings } from "./reader-agreement.ts";
import { otherScores } from "./scores.ts";
import { contentDummies, judge } from "./verdict.ts";

export interface SummaryOptions {
  /** Name of the split. */
  split: string;
  /** The dataset the split belongs to, where it is not the cell's own task. */
  task?: string;
  /** Directory of the audit, relative to the run. */
  directory?: string;
  /** Form of the weights, where it is not the stored one. */
  weights?: WeightFormat;
  /** Of equivalence, in accuracy; 0.02 (two points) if left out. */
  margin?: number;
  /** 0.05 if left out. */
  alpha?: number;
  /** Oracles in the retrieval gallery, at most; 300 (as in the paper) if left out. */
  gallery?: number;
  /** Draws the gallery where the split has more oracles; 0 if left out. */
  seed?: number;
  /** The family's reader of answers, and the benchmark that it was chosen for. */
  reader?: { reader: string; benchmark?: string };
  /** 2 for the second audit that uses these examples, and so on: the verdict's tests have a smaller level for it. */
  look?: number;
  /** Looks that were planned before the first; the level of each is by spending. */
  looks?: number;
  /** Share of the way to the oracle that own latents of a starved model close at most; 0.1 if left out. */
  starvedShare?: number;
  /** Whether slot k of one example can be compared with slot k of another; by default it can. */
  bySlot?: boolean;
  /** Vectors of the input, which cosines of latents are read beside. */
  inputVectors?: readonly InputVectors[];
  /** What the options of an example say, where they are letters and it is known. */
  optionTexts?: (example: string) => readonly string[] | undefined;
  /** What was to be run; so that what applied to no example is reported as well. */
  interventions?: readonly { name: string; lacking?: string }[];
}

/** `own` and `oracle` first, then the content-free controls, then the others by name. */
function inOrder(names: ReadonlySet<string>): string[] {
  const first = ["own", "oracle", ...contentDummies].filter((name) => names.has(name));
  return [...first, ...[...names].filter((name) => !first.includes(name)).sort()];
}

const namesIn = (examples: readonly ExampleOutcomes[]): Set<string> => {
  const names = new Set<string>();
  for (const { outcomes } of examples) for (const name of Object.keys(outcomes)) names.add(name);
  return names;
};

function summarizeIntervention(
  { examples, dose: doseOf }: SplitOutcomes,
  name: string,
  alpha: number,
): InterventionResult {
  const rows = thoseOf(examples, ({ outcomes }) => outcomes[name]);
  const of = ({ outcomes }: ExampleOutcomes): Outcome => outcomes[name]!;
  const n = rows.length;
  const verdicts = rows.map((row) => isRight(of(row), row.answer));
  const right = countOf(verdicts, Boolean);
  const clusters = clustersOf(rows);
  const interval = shareInterval(verdicts, clusters, alpha);
  const reasons: Record<string, string> = interval.reason === undefined ? {} : { interval: interval.reason };
  const injected = rows.flatMap((row) => {
    const { choice, target } = of(row);
    return target === undefined ? [] : [{ choice, target, options: row.options.length, chance: row.chance }];
  });
  const steer: Partial<InterventionResult> = {};
  if (injected.length > 0) {
    const { value, reason } = measurements.counterfactualFollowing.compute(injected);
    steer.following = value?.rate ?? null;
    steer.followingInterval = value?.interval ?? null;
    steer.followingP = value?.p ?? null;
    if (value) steer.followingChance = value.chance;
    if (reason !== undefined)
      for (const key of ["following", "followingInterval", "followingP"]) reasons[key] = reason;
  }
  const dose = doseOf(name);
  return {
    accuracy: right / n,
    interval: interval.value,
    answered: countOf(rows, (row) => of(row).choice !== null) / n,
    latentRate: countOf(rows, (row) => of(row).blocks > 0) / n,
    n,
    ...(clusters && { clusters: new Set(clusters).size }),
    ...otherScores(rows, name, alpha),
    ...steer,
    ...(rows.every((row) => of(row).finish !== undefined) && {
      truncated: countOf(rows, (row) => of(row).finish === "length") / n,
    }),
    ...(dose && { dose }),
    ...(Object.keys(reasons).length > 0 ? { reasons } : {}),
  };
}

/** More examples than these are summarized out of columns. */
const MANY = 2000;

/** Examples with a block of their own that holds numbers that are not finite. */
function notFiniteRows(latents: Latents): number {
  return ownBlocks(latents).filter((blocks) => !blocks.every((z) => z.every(Number.isFinite))).length;
}

/**
 * Everything an audit says, from its raw outcomes and latents: accuracies, paired comparisons, geometry, verdict.
 *
 * Accuracies and comparisons are over all examples that have the intervention; an answer that could not be read is
 * wrong. The verdict rests on the examples in which `own` opened a latent block: the text before the block is shared by
 * all interventions, so this selects nothing after the fact, and in the others there was nothing to replace, so that
 * their agreement would only feign equivalence.
 *
 * @experimental
 * @param outcomes - One entry per example, in any order.
 * @param latents - Rows in any order; null where there are none.
 * @throws LintelError "input" for no examples, an example twice, or an answer outside the options.
 *
 * Source: docs/science.md "Measurements" and "Statistics".
 *
 * @example
 * const answer = { text: "a", choice: 0, optionLogProbabilities: null, blocks: 1, steps: 1, endings: [] };
 * const outcomes = ["1", "2"].map((example) => ({ example, answer: 0, options: ["a", "b"], outcomes: { own: answer } }));
 * summarize(outcomes, null, { split: "eval" }).interventions.own?.accuracy; // 1
 */
export const summarize = (
  outcomes: readonly ExampleOutcomes[],
  latents: Latents | null,
  options: SummaryOptions,
): AuditResult => {
  const images = new Map(outcomes.map((each) => [each.example, each.images]));
  const split = (outcomes.length > MANY ? splitInColumns : splitOf)(outcomes, options.split);
  return summarizeSplit(split, latents, options, images);
};

/** As `summarize`, of outcomes in columns. `images`: digests of the images by example, for references of the geometry. */
export function summarizeSplit(
  all: SplitOutcomes,
  latents: Latents | null,
  options: SummaryOptions,
  images?: ReadonlyMap<string, ExampleOutcomes["images"]>,
): AuditResult {
  const {
    split,
    task,
    directory,
    weights = "float32",
    margin = 0.02,
    alpha = 0.05,
    gallery = 300,
    seed = 0,
    look = 1,
    looks = 1,
  } = options;
  ensure(look <= looks || looks === 1, "usage", () => ({
    where: "--look",
    expected: `a look from 1 to ${looks}, as many as were planned`,
    got: String(look),
  }));
  const level = levelOf(look, alpha, looks);
  const { examples } = all;
  const names = inOrder(namesIn(examples));
  const tests: ComparisonOptions = { margin, alpha };
  const notApplied = Object.fromEntries(
    (options.interventions ?? []).flatMap(({ name, lacking = "what it needs" }) => {
      const n = countOf(examples, (example) => example.outcomes[name] === undefined);
      return n > 0 ? [[name, { n, reason: lacking }]] : [];
    }),
  );
  const opens = (example: ExampleOutcomes): boolean => (example.outcomes.own?.blocks ?? 0) > 0;
  const judgedOn = (read: readonly ExampleOutcomes[]) => {
    const [whole, some] = [
      compareAll(read, names, { ...tests, divergence: all.divergence }),
      thoseOf(read, opens),
    ];
    const counted = {
      n: read.length,
      opened: some.length,
      outcomes: read,
      alpha: level,
      ...(options.starvedShare !== undefined && { starvedShare: options.starvedShare }),
    };
    const same = some.length === read.length && level === alpha;
    return {
      comparisons: whole,
      ...judge(same ? whole : compareAll(some, names, { margin, alpha: level }), counted),
    };
  };
  const judged = judgedOn(examples);
  const { comparisons } = judged;
  const readings = compareReadings(examples, names, margin, (read) =>
    read === examples ? judged : judgedOn(read),
  );
  const balance = balanceOf(examples);
  const lookAlike = fourWays(examples, alpha);
  const notFinite = latents === null ? 0 : notFiniteRows(latents);
  const result: AuditResult = {
    split,
    ...(task === undefined ? {} : { task }),
    n: examples.length,
    chance: examples.reduce((sum, example) => sum + 1 / example.options.length, 0) / examples.length,
    optionsOnly: optionsOnlyOf(examples, balance),
    balance,
    interventions: Object.fromEntries(names.map((name) => [name, summarizeIntervention(all, name, alpha)])),
    comparisons,
    geometry: geometry(latents, {
      gallery,
      seed,
      ...(options.bySlot !== undefined && { bySlot: options.bySlot }),
      ...(latents && {
        references: {
          answers: answersInWords(examples, options.optionTexts ?? (() => undefined)),
          vectors: options.inputVectors,
          ...(images && { images }),
        },
      }),
    }),
    verdict: judged.verdict,
    verdictReason: judged.reason + lookText(look, level, looks),
    ...((look > 1 || looks > 1) && { look, level, ...(looks > 1 && { looks }) }),
    ...(judged.atChance && { atChance: true }),
    ...(judged.broken && { broken: judged.broken }),
    ...(judged.gap && { gap: judged.gap }),
    ...(lookAlike && { lookAlike }),
    ...(judged.verdict === "inconclusive" ? { further: judged.further } : {}),
    ...(readings && { readings: { ...options.reader, ...readings } }),
    ...(directory === undefined ? {} : { directory }),
    ...(weights === "float32" ? {} : { weights }),
    ...(Object.keys(notApplied).length > 0 ? { notApplied } : {}),
    ...(notFinite > 0 ? { notFinite } : {}),
  };
  return { ...result, readable: paragraph(result) };
}
