/** Recipes compared on the tasks that a pocket model learns: docs/recipes.md. Costs and steps: docs/notebook.md. */
import type { StudyInput } from "../plan.ts";

type Dataset = NonNullable<StudyInput["datasets"][string]>;

interface Bench {
  data: Partial<Dataset>;
  steps: number;
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
  monet: 2.2,
  livr: 0.95,
  "wm-flow": 1.2,
  coconut: 2,
  pause: 0.95,
  codebook: 1.2,
  precise: 1.2,
} satisfies Record<string, number>;

const all = Object.keys(costs);
/** With four latents these take a pass over the sequence for each: six times the seconds of `joint`. */
const affordable = all.filter((recipe) => recipe !== "coconut" && recipe !== "monet");
const few = ["joint", "precise"];

const words = { by: "words" };

/** The claim of a single recipe is about these. */
const core: Record<string, Bench> = {
  "tetris-words": { data: { task: "tetris", parameters: words }, steps: 400, cost: 34, recipes: all },
  "tetris-words-k4": {
    data: { task: "tetris", parameters: { ...words, tokens: "four" } },
    steps: 400,
    cost: 42,
    recipes: affordable,
  },
  "tetris-analogy": {
    data: { task: "tetris", parameters: { by: "analogy", exemplars: 8 } },
    steps: 400,
    cost: 36,
    recipes: all,
  },
};

/**
 * Two blocks in sequence (turned, then turned on or mirrored; two unfoldings) and more; any exemplar; other worlds. Not
 * jigsaw, whose oracles stop at 78 %, nor crops, whose answers need no latents (both: docs/notebook.md).
 */
const further: Record<string, Bench> = {
  "tetris-twice": {
    data: { task: "tetris", parameters: { ...words, second: "either" } },
    steps: 400,
    cost: 38,
    recipes: few,
  },
  "tetris-analogy-any": {
    data: { task: "tetris", parameters: { by: "analogy" } },
    steps: 400,
    cost: 36,
    recipes: few,
  },
  tetris3d: { data: {}, steps: 300, cost: 30, recipes: few },
  paperfold: { data: {}, steps: 350, cost: 36, recipes: few },
  sliding: { data: {}, steps: 350, cost: 36, recipes: few },
  maze: { data: {}, steps: 350, cost: 44, recipes: few },
  hidden: { data: {}, steps: 300, cost: 28, recipes: few },
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

function cell(task: string, recipe: string, { steps }: Bench): StudyInput["cells"][number] {
  const asked = recipe === "text" ? ["own"] : interventions;
  return {
    task,
    recipe,
    training: { steps, followEvery: Math.ceil(steps / 10), followExamples: 150 },
    audits: [
      { split: "eval", interventions: asked },
      { split: "held-out", interventions: asked },
    ],
  };
}

/** Parts by themselves: half of 2⁴ combinations, chosen so that no main effect hides an interaction of two parts. */
const factors = {
  weight: ["0.1", "1"],
  head: ["none", "linear"],
  target: ["raw", "standardised"],
  slots: ["oracle", "scheduled own"],
};

const corners = Array.from({ length: 8 }, (_, i) => {
  const [weight, head, target] = [i & 1, (i >> 1) & 1, (i >> 2) & 1] as [number, number, number];
  const slots = (weight + head + target) % 2;
  const name = `parts-${weight}${head}${target}${slots}`;
  const at = [weight, head, target, slots];
  const levels = Object.fromEntries(
    Object.entries(factors).map(([factor, pair], f) => [factor, pair[at[f]!]!]),
  );
  return { name, levels, variant: variantOf(weight, head, target, slots) };
});

function variantOf(weight: number, head: number, target: number, slots: number) {
  return {
    of: slots ? "scheduled" : "joint",
    latentWeight: weight ? 1 : 0.1,
    head: head ? ({ kind: "linear" } as const) : ({ kind: "none" } as const),
    space: target ? ({ kind: "standardised" } as const) : ({ kind: "raw" } as const),
  };
}

const benches = { ...core, ...further };
const [first] = Object.keys(core) as [string];

export const frontier: StudyInput = {
  name: "frontier",
  description: "recipes compared by what own latents carry",
  datasets: Object.fromEntries(
    Object.entries(benches).map(([name, { data }]) => [
      name,
      { train: 6000, eval: 500, heldOut: 300, ...data },
    ]),
  ),
  recipes: Object.fromEntries(corners.map(({ name, variant }) => [name, variant])),
  cells: [
    ...Object.entries(benches).flatMap(([task, bench]) =>
      bench.recipes.map((recipe) => cell(task, recipe, bench)),
    ),
    ...corners.map(({ name }) => cell(first, name, core[first]!)),
  ],
  frontier: {
    reference: "joint",
    bars: Object.keys(core),
    design: {
      tasks: [first],
      factors,
      runs: Object.fromEntries(corners.map(({ name, levels }) => [name, levels])),
    },
    cost: {
      tasks: Object.fromEntries(Object.entries(benches).map(([name, { cost }]) => [name, cost])),
      recipes: costs,
    },
  },
};
