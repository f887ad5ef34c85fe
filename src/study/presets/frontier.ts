/** Recipes compared on the tasks that a pocket model learns: docs/recipes.md. Costs and steps: docs/notebook.md. */
import type { StudyInput } from "../plan.ts";

type Dataset = NonNullable<StudyInput["datasets"][string]>;

interface Bench {
  data: Partial<Dataset>;
  steps: number;
  /** Core-seconds of a cell of `joint`, for the estimate. */
  cost: number;
}

const words = { by: "words" };

/** Every recipe is tried on these; the claim of a single recipe is about them. */
const core: Record<string, Bench> = {
  "tetris-words": { data: { task: "tetris", parameters: words }, steps: 200, cost: 24 },
  "tetris-words-k4": {
    data: { task: "tetris", parameters: { ...words, tokens: "four" } },
    steps: 300,
    cost: 45,
  },
  "tetris-analogy": {
    data: { task: "tetris", parameters: { by: "analogy", exemplars: 8 } },
    steps: 200,
    cost: 26,
  },
};

/** On these the few: any exemplar; two blocks and more in sequence; other worlds. */
const further: Record<string, Bench> = {
  "tetris-analogy-any": { data: { task: "tetris", parameters: { by: "analogy" } }, steps: 300, cost: 36 },
  paperfold: { data: {}, steps: 350, cost: 44 },
  tetris3d: { data: {}, steps: 300, cost: 36 },
  sliding: { data: {}, steps: 400, cost: 52 },
  maze: { data: {}, steps: 400, cost: 62 },
  hidden: { data: {}, steps: 300, cost: 36 },
  jigsaw: { data: {}, steps: 350, cost: 44 },
};

/** Seconds of a cell as multiples of those of `joint`, for the estimate. */
const all: Record<string, number> = {
  joint: 1,
  text: 0.5,
  infonce: 1.1,
  lvr: 1,
  mirage: 1.4,
  monet: 1.8,
  livr: 1.1,
  "wm-flow": 1.3,
  coconut: 1.8,
  pause: 1,
  codebook: 1.1,
  precise: 1.2,
};

const few = ["joint", "scheduled", "precise"];

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
      { train: 8000, eval: 500, heldOut: 300, ...data },
    ]),
  ),
  recipes: Object.fromEntries(corners.map(({ name, variant }) => [name, variant])),
  cells: [
    ...Object.entries(core).flatMap(([task, bench]) =>
      Object.keys(all).map((recipe) => cell(task, recipe, bench)),
    ),
    ...corners.map(({ name }) => cell(first, name, core[first]!)),
    ...Object.entries(further).flatMap(([task, bench]) => few.map((recipe) => cell(task, recipe, bench))),
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
      recipes: all,
    },
  },
};
