import { mean } from "../../numeric/index.ts";
import type { WeightFormat } from "../../qwen/index.ts";
import { clustersOf, shareInterval } from "../../statistics/index.ts";
import { ensure } from "../../util/index.ts";
import type { InputVectors } from "../decode/input-vectors.ts";
import { measurements } from "../measurements/index.ts";
import { paragraph } from "../readable/index.ts";
import { answersInWords } from "../record/answer-words.ts";
import { type Latents, ownBlocks } from "../record/latents-file.ts";
import type { Dose, ExampleOutcomes } from "../record/outcomes.ts";
import { clusterOf, isRight } from "../record/outcomes.ts";
import type { AuditResult, DoseResult, InterventionResult } from "../record/schema.ts";
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
  /** Vectors of the input, which cosines of latents are read beside. */
  inputVectors?: readonly InputVectors[];
  /** What the options of an example say, where they are letters and it is known. */
  optionTexts?: (example: string) => readonly string[] | undefined;
  /** What was to be run; so that what applied to no example is reported as well. */
  interventions?: readonly { name: string; lacking?: string }[];
}

type DoseNumbers = Omit<DoseResult, "n" | "reasons">;

/** `own` and `oracle` first, then the content-free controls, then the others by name. */
function inOrder(names: ReadonlySet<string>): string[] {
  const first = ["own", "oracle", ...contentDummies].filter((name) => names.has(name));
  return [...first, ...[...names].filter((name) => !first.includes(name)).sort()];
}

function summarizeIntervention(
  examples: readonly ExampleOutcomes[],
  name: string,
  alpha: number,
): InterventionResult {
  const rows = examples.flatMap(({ outcomes, answer, options, chance, images, group }) =>
    outcomes[name] === undefined
      ? []
      : [
          {
            outcome: outcomes[name],
            answer,
            options: options.length,
            ...(chance !== undefined && { chance }),
            ...(images !== undefined && { images }),
            ...(group !== undefined && { group }),
          },
        ],
  );
  const n = rows.length;
  const verdicts = rows.map(({ outcome, answer }) => isRight(outcome, answer));
  const right = verdicts.filter(Boolean).length;
  const clusters = clustersOf(rows);
  const interval = shareInterval(verdicts, clusters, alpha);
  const reasons: Record<string, string> = interval.reason === undefined ? {} : { interval: interval.reason };
  const injected = rows.flatMap(({ outcome: { choice, target }, options, chance }) =>
    target === undefined ? [] : [{ choice, target, options, chance }],
  );
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
  const dose = meanDose(rows.map(({ outcome }) => outcome.dose));
  return {
    accuracy: right / n,
    interval: interval.value,
    answered: rows.filter(({ outcome }) => outcome.choice !== null).length / n,
    latentRate: rows.filter(({ outcome }) => outcome.blocks > 0).length / n,
    n,
    ...(clusters && { clusters: new Set(clusters).size }),
    ...otherScores(rows, alpha),
    ...steer,
    ...(rows.every(({ outcome }) => outcome.finish !== undefined) && {
      truncated: rows.filter(({ outcome }) => outcome.finish === "length").length / n,
    }),
    ...(dose && { dose }),
    ...(Object.keys(reasons).length > 0 ? { reasons } : {}),
  };
}

/** Examples with a block of their own that holds numbers that are not finite. */
function notFiniteRows(latents: Latents): number {
  return ownBlocks(latents).filter((blocks) => !blocks.every((z) => z.every(Number.isFinite))).length;
}

/** Mean doses over the examples that have them; null for journals of a version that recorded none. */
function meanDose(doses: readonly (Dose | undefined)[]): DoseResult | null {
  const known = doses.filter((dose) => dose !== undefined);
  if (known.length === 0) return null;
  const reasons: Record<string, string> = {};
  const out = { norm: null, distance: null, cosine: null, mahalanobis: null } as DoseNumbers;
  for (const key of Object.keys(out) as (keyof DoseNumbers)[]) {
    const values = known.flatMap((dose) => (dose[key] === null ? [] : [dose[key]]));
    const absent = known.length - values.length;
    const why = known.find((dose) => dose[key] === null)?.reason ?? "not finite";
    if (absent > 0) reasons[key] = `${why} (${absent} of ${known.length} examples)`;
    out[key] = values.length > 0 ? mean(values) : null;
  }
  const n = known.filter((dose) => dose.reason === undefined).length;
  return { ...out, n, ...(Object.keys(reasons).length > 0 && { reasons }) };
}

/** A group is one cluster of the statistics, as equal images are. */
const inClusters = (example: ExampleOutcomes): ExampleOutcomes =>
  example.group === undefined ? example : { ...example, images: clusterOf(example)! };

/** Examples by id, so that the order of lines in a journal cannot change a bit of the result. */
function sortedAndChecked(outcomes: readonly ExampleOutcomes[], split: string): ExampleOutcomes[] {
  ensure(outcomes.length > 0, "input", () => ({
    where: `audit of split "${split}"`,
    expected: "outcomes of at least one example",
    got: "none",
  }));
  const sorted = [...outcomes].sort((a, b) => (a.example < b.example ? -1 : a.example > b.example ? 1 : 0));
  sorted.forEach(({ example, options, answer, outcomes: byName }, i) => {
    const where = `outcomes of split "${split}", example "${example}"`;
    ensure(example !== sorted[i + 1]?.example, "input", () => ({ where, expected: "one line", got: "two" }));
    ensure(options.length > 0 && options[answer] !== undefined, "input", () => ({
      where,
      expected: `a right answer among ${options.length} options`,
      got: `option ${answer}`,
    }));
    for (const [name, { choice, target }] of Object.entries(byName))
      ensure(
        (choice === null || options[choice] !== undefined) &&
          (target === undefined || options[target] !== undefined),
        "input",
        () => ({
          where: `${where}, intervention "${name}"`,
          expected: `choice and target among ${options.length} options`,
          got: `choice ${choice}, target ${target}`,
        }),
      );
  });
  return sorted;
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
export function summarize(
  outcomes: readonly ExampleOutcomes[],
  latents: Latents | null,
  options: SummaryOptions,
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
  const examples = sortedAndChecked(outcomes, split).map(inClusters);
  const names = inOrder(new Set(examples.flatMap((example) => Object.keys(example.outcomes))));
  const tests: ComparisonOptions = { margin, alpha };
  const notApplied = Object.fromEntries(
    (options.interventions ?? []).flatMap(({ name, lacking = "what it needs" }) => {
      const n = examples.filter((example) => example.outcomes[name] === undefined).length;
      return n > 0 ? [[name, { n, reason: lacking }]] : [];
    }),
  );
  const opens = (example: ExampleOutcomes): boolean => (example.outcomes.own?.blocks ?? 0) > 0;
  const judgedOn = (all: readonly ExampleOutcomes[]) => {
    const [whole, some] = [compareAll(all, names, tests), all.filter(opens)];
    const counted = {
      n: all.length,
      opened: some.length,
      outcomes: all,
      alpha: level,
      ...(options.starvedShare !== undefined && { starvedShare: options.starvedShare }),
    };
    const same = some.length === all.length && level === alpha;
    return {
      comparisons: whole,
      ...judge(same ? whole : compareAll(some, names, { margin, alpha: level }), counted),
    };
  };
  const judged = judgedOn(examples);
  const { comparisons } = judged;
  const readings = compareReadings(examples, names, margin, (all) =>
    all === examples ? judged : judgedOn(all),
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
    interventions: Object.fromEntries(
      names.map((name) => [name, summarizeIntervention(examples, name, alpha)]),
    ),
    comparisons,
    geometry: geometry(latents, {
      gallery,
      seed,
      references: {
        answers: answersInWords(examples, options.optionTexts ?? (() => undefined)),
        vectors: options.inputVectors,
        images: new Map(outcomes.map(({ example, images }) => [example, images])),
      },
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
