/** Recipes compared on the tasks that a pocket model learns: docs/recipes.md. Costs and steps: docs/notebook.md. */
import { recipes } from "../../training/index.ts";
import type { StudyInput } from "../plan.ts";

type Dataset = NonNullable<StudyInput["datasets"][string]>;
type Shape = NonNullable<NonNullable<StudyInput["cells"][number]["training"]>["shape"]>;

interface Bench {
  data: Partial<Dataset>;
  /** Both where left out. */
  splits?: readonly string[];
  steps: number;
  shape?: Shape;
  /** Ids that a reply may have, of the audit: without, 64. */
  maxTokens?: number;
  /** Core-seconds of a cell of `joint`, for the estimate. */
  cost: number;
  recipes: readonly string[];
}

/** Seconds of a cell as multiples of those of `joint`, for the estimate. */
const costs = {
  joint: 1,
  text: 0.8,
  infonce: 1.05,
  lvr: 1,
  mirage: 1.4,
  monet: 2.6,
  livr: 0.95,
  "rectified-flow": 1.2,
  coconut: 1.8,
  pause: 0.95,
  "precise-glu-head": 1.15,
  precise: 1.4,
  mixture: 1.2,
  vae: 1.2,
  "coupling-flow": 1.2,
} satisfies Record<string, number>;

const all = Object.keys(costs);
/** What each other task is asked: does it hold here too? */
const few = ["joint", "precise"];

/**
 * Every dataset has its transformation in a word or two before the block, for recipes that use it. The published ones are
 * run without words, as they were published for such tasks.
 */
const withoutRationaleAsPublished = [
  "joint",
  "text",
  "infonce",
  "lvr",
  "mirage",
  "monet",
  "livr",
  "rectified-flow",
  "coconut",
  "pause",
];

const plan = "brief";
const words = { by: "words" };
/** Where a claim is made. */
const precisely = { eval: 500, heldOut: 500 };
/** Where it is asked whether a claim holds elsewhere. */
const smaller = { train: 5000, eval: 200, heldOut: 200 };

/** Trainings of all recipes alike (docs/notebook.md, "What a wide head needs"). */
const training = { batch: 64, learningRate: 4e-3 };

/**
 * What replies of Tetris may have: twice the longest right one (three words, two blocks, the answer). Under interventions
 * many never end, and an audit's time goes by the longest of a batch.
 */
const maxTokens = 24;

/** Heads are as wide as what they carry: a whole panel's token, or one of four. */
const shapes = {
  small: { layers: 3, heads: 2, hiddenSize: 96 },
  wide: { layers: 3, heads: 2, hiddenSize: 128 },
  four: { layers: 3, heads: 4, hiddenSize: 128 },
  large: { layers: 3, heads: 4, hiddenSize: 192 },
} satisfies Record<string, Shape>;

/** The claim of a single recipe is about these. */
const core: Record<string, Bench> = {
  "tetris-words": {
    data: { task: "tetris", ...precisely, parameters: words },
    maxTokens,
    steps: 300,
    shape: shapes.wide,
    cost: 54,
    recipes: few,
  },
  "tetris-words-k4": {
    data: { task: "tetris", ...precisely, parameters: { ...words, tokens: "four" } },
    maxTokens,
    steps: 500,
    shape: shapes.four,
    cost: 130,
    recipes: few,
  },
  "tetris-analogy": {
    data: { task: "tetris", ...precisely, parameters: { by: "analogy", exemplars: 8 } },
    maxTokens,
    steps: 600,
    shape: shapes.large,
    cost: 160,
    recipes: few,
  },
};

/**
 * Two blocks in sequence (turned, then turned on or mirrored; two unfoldings) and more; any exemplar; other worlds. Not
 * jigsaw, whose oracles stop at 78 %, nor crops, whose answers need no latents (both: docs/notebook.md).
 */
const further: Record<string, Bench> = {
  "tetris-twice": {
    data: { task: "tetris", ...precisely, parameters: { ...words, second: "either" } },
    maxTokens,
    steps: 600,
    shape: shapes.four,
    cost: 110,
    recipes: few,
  },
  "tetris-analogy-any": {
    data: { task: "tetris", ...precisely, parameters: { by: "analogy" } },
    maxTokens,
    steps: 1300,
    shape: shapes.four,
    cost: 175,
    recipes: few,
  },
  tetris3d: { data: smaller, steps: 120, cost: 24, recipes: few },
  paperfold: { data: smaller, steps: 120, cost: 24, recipes: few },
  sliding: { data: smaller, steps: 120, cost: 24, recipes: few },
  maze: { data: smaller, steps: 120, cost: 24, recipes: few },
  hidden: { data: smaller, steps: 120, cost: 24, recipes: few },
};

/** Enough for a verdict and what steers it. */
const interventions = [
  "own",
  "oracle",
  "zeros",
  "noise",
  "noise-matched",
  "mean",
  "other-own",
  "skip",
  "counterfactual",
];

function cell(
  task: string,
  recipe: string,
  { steps, maxTokens, shape = shapes.small, splits = ["eval", "held-out"] }: Bench,
): StudyInput["cells"][number] {
  const asked = recipe === "text" ? ["own"] : interventions;
  return {
    task,
    recipe,
    training: { ...training, shape, steps, followEvery: Math.ceil(steps / 8), followExamples: 60 },
    audits: splits.map((split) => ({
      split,
      ...(maxTokens !== undefined && { maxTokens }),
      interventions: asked,
    })),
  };
}

const { precise } = recipes;

/** Parts by themselves, at γ = 1: half of 2⁴ combinations, chosen so that no main effect hides an interaction of two parts. */
const factors = {
  words: ["none", "bare"],
  head: ["none", "merger"],
  target: ["raw", "standardised"],
  slots: ["oracle", "scheduled own"],
};

const corners = Array.from({ length: 8 }, (_, i) => {
  const [told, head, target] = [i & 1, (i >> 1) & 1, (i >> 2) & 1] as [number, number, number];
  const slots = (told + head + target) % 2;
  const at = [told, head, target, slots];
  return {
    name: `parts-${at.join("")}`,
    levels: Object.fromEntries(Object.entries(factors).map(([factor, pair], f) => [factor, pair[at[f]!]!])),
    variant: {
      of: slots ? "scheduled" : "joint",
      latentWeight: 1,
      rationale: told ? ("bare" as const) : ("dropped" as const),
      ...(head && { head: precise.head, loss: precise.loss }),
      space: { kind: target ? ("standardised" as const) : ("raw" as const) },
    },
  };
});

/**
 * All recipes, and a designed fraction of the combinations of parts, on a twin of the first dataset at fewer of its steps:
 * what comes early shows there, and what does not come at all (docs/frontier.md has most of them at 400).
 */
const comparison: Record<string, Bench> = {
  "tetris-recipes": {
    ...core["tetris-words"]!,
    data: { task: "tetris", parameters: words },
    splits: ["eval"],
    steps: 120,
    cost: 20,
    recipes: [...all, ...corners.map(({ name }) => name)],
  },
};

const benches = { ...core, ...further, ...comparison };

export const frontier: StudyInput = {
  name: "frontier",
  description: "recipes compared by what own latents carry",
  datasets: Object.fromEntries(
    Object.entries(benches).map(([name, { data }]) => [
      name,
      { train: 8000, eval: 300, heldOut: 300, ...data, parameters: { plan, ...data.parameters } },
    ]),
  ),
  recipes: {
    ...Object.fromEntries(
      withoutRationaleAsPublished.map((of) => [of, { of, rationale: "dropped" as const }]),
    ),
    ...Object.fromEntries(corners.map(({ name, variant }) => [name, variant])),
  },
  cells: Object.entries(benches).flatMap(([task, bench]) =>
    bench.recipes.map((recipe) => cell(task, recipe, bench)),
  ),
  frontier: {
    reference: "joint",
    bars: Object.keys(core),
    design: {
      tasks: Object.keys(comparison),
      factors,
      runs: Object.fromEntries(corners.map(({ name, levels }) => [name, levels])),
    },
    cost: {
      tasks: Object.fromEntries(Object.entries(benches).map(([name, { cost }]) => [name, cost])),
      recipes: costs,
    },
  },
};
