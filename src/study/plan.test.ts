import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { resolveParameters, taskNamed } from "../tasks/index.ts";
import { recipes } from "../training/index.ts";
import { meanOfFastest } from "./calibrate.ts";
import { aliasesOf } from "./frontier/factors.ts";
import { cellsOf, parsePlan, type StudyInput, taskOf } from "./plan.ts";
import { planRecipeSchema, recipeFor, recipeIn } from "./plan-recipes.ts";
import { loadPlan, presets } from "./presets/index.ts";
import { planOf } from "./run.ts";
import { estimatedSeconds, selectPlan } from "./select-cells.ts";

const audits = [{ split: "eval" }];
const data = { train: 10, eval: 5 };

/** Two datasets of one task, three recipes, of which one is the plan's own. */
const plan: StudyInput = {
  name: "mine",
  datasets: {
    words: { ...data, task: "tetris", parameters: { by: "words" } },
    "words-k4": { ...data, task: "tetris", parameters: { by: "words", tokens: "four" } },
    maze: data,
  },
  recipes: { strong: { of: "joint", latentWeight: 1 } },
  cells: [
    ...["words", "words-k4", "maze"].map((task) => ({
      task,
      recipe: "joint",
      training: { steps: 100 },
      audits,
    })),
    { task: "words", recipe: "strong", training: { steps: 100 }, audits },
    { task: "words-k4", recipe: "strong", training: { steps: 100 }, audits },
  ],
  frontier: {
    reference: "joint",
    bars: ["words", "maze"],
    design: {
      tasks: ["words", "words-k4"],
      factors: { weight: ["0.1", "1"] },
      runs: { joint: { weight: "0.1" }, strong: { weight: "1" } },
    },
    cost: { tasks: { words: 10, "words-k4": 20, maze: 30 }, recipes: { strong: 2 } },
  },
};
const parsed = () => parsePlan(plan, "mine.yaml");
const refused = (change: (input: StudyInput) => unknown): string => {
  const input = structuredClone(plan);
  change(input);
  try {
    parsePlan(input, "mine.yaml");
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("plans", () => {
  test("shapes have heads that fill them, and belong to fresh models", () => {
    expect(refused((p) => (p.cells[0]!.training = { shape: { hiddenSize: 128, heads: 4 } }))).toBe("");
    expect(refused((p) => (p.cells[0]!.training = { shape: { heads: 5 } }))).toMatch(
      /cell words\/joint: shape: expected heads of an even width .* got 5 heads on 96/,
    );
    expect(
      refused((p) => Object.assign(p.cells[3]!, { base: "words/joint", training: { shape: { layers: 3 } } })),
    ).toMatch(/cell words\/strong: shape: expected no shape beside a base/);
  });

  test("a cell starts from a checkpoint outside of the study, or from another cell", () => {
    const from = { checkpoint: "models/pretrained" };
    expect(refused((p) => Object.assign(p.cells[0]!, { ...from, training: { upperLayers: 2 } }))).toBe("");
    const plan = parsed();
    Object.assign(plan.cells[0]!, from);
    expect(cellsOf(plan)[0]!.checkpoint).toBe("models/pretrained");
    expect(refused((p) => Object.assign(p.cells[3]!, { ...from, base: "words/joint" }))).toMatch(
      /expected a cell or a checkpoint to start from, got base words\/joint and checkpoint models\/pretrained/,
    );
    expect(
      refused((p) => Object.assign(p.cells[0]!, { ...from, training: { shape: { layers: 3 } } })),
    ).toMatch(/expected no shape beside a checkpoint/);
  });

  test("seeds are a count or a list", () => {
    const ids = (seeds: number | number[]) => cellsOf({ ...parsed(), seeds }).map(({ seed }) => seed);
    expect([...new Set(ids(2))]).toEqual([0, 1]);
    const listed = cellsOf({ ...parsed(), seeds: [12, 10] });
    expect([...new Set(listed.map(({ seed }) => seed))]).toEqual([12, 10]);
    expect(listed[0]!.id).toBe("words/joint/12");
    for (const seeds of [[], [3, 3], [-1], [0.5], 0])
      expect(refused((p) => (p.seeds = seeds))).toMatch(/seeds/);
  });

  test("datasets may have names of their own; cells and their directories go by these", () => {
    const cells = cellsOf({ ...parsed(), seeds: 2 });
    expect(cells.map(({ id }) => id).slice(0, 4)).toEqual([
      "words/joint/0",
      "words-k4/joint/0",
      "maze/joint/0",
      "words/strong/0",
    ]);
    expect(cells[1]).toMatchObject({ of: "tetris", seed: 0, training: { steps: 100 } });
    expect(taskOf(parsed(), "maze")).toBe("maze");
  });

  test.each([
    [
      "a dataset of no task",
      (p: StudyInput) => {
        p.datasets.words!.task = "tetriss";
      },
      'Did you mean "tetris"?',
    ],
    [
      "a name that is no directory",
      (p: StudyInput) => {
        p.datasets["../x"] = { ...data, task: "maze" };
      },
      "letters, digits",
    ],
    [
      "a recipe of no recipe",
      (p: StudyInput) => {
        p.recipes!.strong = { of: "jont" };
      },
      'Unknown recipe "jont". Did you mean "joint"?',
    ],
    [
      "a part that there is not",
      (p: StudyInput) => {
        p.recipes!.strong = { of: "joint", head: { kind: "cubic" } as never };
      },
      "recipes.strong.head",
    ],
    [
      "bars on no dataset",
      (p: StudyInput) => {
        p.frontier!.bars = ["word"];
      },
      'Did you mean "words"?',
    ],
    [
      "a run of the design without a cell",
      (p: StudyInput) => {
        p.cells.pop();
      },
      "expected a cell words-k4/strong",
    ],
    [
      "a level that the factor has not",
      (p: StudyInput) => {
        p.frontier!.design!.runs.strong = { weight: "2" };
      },
      "level of weight",
    ],
    [
      "a run without a level",
      (p: StudyInput) => {
        p.frontier!.design!.runs.strong = {};
      },
      "expected a level of weight, got none",
    ],
    [
      "a split of another task",
      (p: StudyInput) => {
        p.cells[0]!.audits = [{ split: "masked" }];
      },
      'unknown split "masked"',
    ],
  ])("%s is refused", (_, change, message) => {
    expect(refused(change)).toContain(message);
  });

  test("a recipe of the plan's own is the known one with other parts", () => {
    const own = parsePlan(
      {
        ...plan,
        recipes: {
          strong: {
            of: "mirage",
            head: { kind: "linear" },
            space: { kind: "whitened" },
            slots: { kind: "own", share: { kind: "constant", value: 0.5 }, gradient: true, passes: "one" },
          },
        },
      },
      "mine.yaml",
    );
    const found = recipeIn(own, "strong");
    expect(found).toMatchObject({
      loss: recipes.mirage.loss,
      head: { kind: "linear" },
      space: { kind: "whitened" },
    });
    expect(found.stages.map(({ slots }) => slots.kind)).toEqual(["own", "own"]);
    expect(found.stages.map(({ share }) => share)).toEqual(recipes.mirage.stages.map(({ share }) => share));
    expect(recipeFor(own, "strong")).toEqual({ recipe: found, recipeName: "strong" });
    expect(recipeFor(own, "joint")).toEqual({ recipe: "joint" });
  });

  test("old names of recipes, and of the key rationale, become the present ones", () => {
    const notes: string[] = [];
    const cells = ["silent", "mine"].map((recipe) => ({
      task: "words",
      recipe,
      audits: [{ split: "eval" }],
    }));
    const old = parsePlan(
      {
        name: "old",
        datasets: { words: { task: "tetris", train: 10, eval: 5 } },
        recipes: { mine: { of: "worded", plan: "dropped" } },
        cells: [...cells, { ...cells[1]!, recipe: "gated", base: "words/silent" }],
        frontier: { reference: "silent", cost: { tasks: { words: 1 }, recipes: { gated: 2 } } },
        calibration: { "words/gated": 0.5 },
      },
      "old.yaml",
      (note) => notes.push(note),
    );
    expect(old.cells.map(({ recipe, base }) => [recipe, base])).toEqual([
      ["joint-no-rationale", undefined],
      ["mine", undefined],
      ["precise-glu-head", "words/joint-no-rationale"],
    ]);
    expect(old.recipes).toEqual({ mine: { of: "joint-bare-rationale", rationale: "dropped" } });
    expect(old.frontier).toMatchObject({
      reference: "joint-no-rationale",
      cost: { recipes: { "precise-glu-head": 2 } },
    });
    expect(old.calibration).toEqual({ "words/precise-glu-head": 0.5 });
    expect(notes.filter((text) => text.includes('"silent" is now called "joint-no-rationale"'))).toHaveLength(
      1,
    );
    expect(notes.join("")).toContain('"plan" is now called "rationale"');
  });
});

test("every part of every registered recipe can be said in a plan", () => {
  for (const [name, { loss, head, space, stages, rationale, latentWeight }] of Object.entries(recipes)) {
    for (const { slots, view } of stages) {
      const variant = {
        of: "joint",
        rationale,
        loss,
        head,
        space,
        slots,
        view,
        ...(latentWeight !== null && { latentWeight }),
      };
      expect(planRecipeSchema.safeParse(variant).error?.issues ?? [], name).toEqual([]);
    }
  }
});

describe("budgets in seconds", () => {
  const timed = { ...plan, frontier: { ...plan.frontier!, equal: "seconds" as const } };

  test("steps follow from the reference's steps and the speeds of both", () => {
    const calibration = {
      "words/joint": 0.1,
      "words/strong": 0.25,
      "words-k4/joint": 0.2,
      "words-k4/strong": 0.2,
      "maze/joint": 0.3,
    };
    const steps = cellsOf(parsePlan({ ...timed, calibration }, "x")).map(({ id, training }) => [
      id,
      training.steps,
    ]);
    expect(Object.fromEntries(steps)).toEqual({
      "words/joint/0": 100,
      "words/strong/0": 40,
      "words-k4/joint/0": 100,
      "words-k4/strong/0": 100,
      "maze/joint/0": 100,
    });
  });

  test("a cell's own budget counts where nothing else is said; without speeds there are no steps", () => {
    const alone: StudyInput = {
      name: "x",
      datasets: { maze: data },
      cells: [{ task: "maze", recipe: "joint", training: { seconds: 12 }, audits }],
    };
    const [cell] = cellsOf(parsePlan({ ...alone, calibration: { "maze/joint": 0.05 } }, "x"));
    expect(cell!.training).toEqual({ steps: 240 });
    expect(() => cellsOf(parsePlan(alone, "x"))).toThrow(/seconds of one step of maze\/joint/);
  });

  test("other work only slows: of each step the fastest counts", () => {
    expect(
      meanOfFastest([
        [0.1, 0.9, 0.3],
        [0.5, 0.2, 0.3],
      ]),
    ).toBeCloseTo(0.2, 12);
  });
});

describe("parts of a plan", () => {
  const names = (part: ReturnType<typeof parsed>) =>
    part.cells.map(({ task, recipe }) => `${task}/${recipe}`);

  test("by datasets, by the task that made them, by recipes, by cells", () => {
    expect(names(selectPlan(parsed(), { tasks: ["tetris"], recipes: ["joint"] }))).toEqual([
      "words/joint",
      "words-k4/joint",
    ]);
    const part = selectPlan(parsed(), { tasks: ["words-k4"] });
    expect(names(part)).toEqual(["words-k4/joint", "words-k4/strong"]);
    expect(Object.keys(part.datasets)).toEqual(["words-k4"]);
    // What is about the other datasets goes with them.
    expect(part.frontier).toMatchObject({ bars: [], reference: "joint" });
    expect(part.frontier!.design).toBeUndefined();
    expect(selectPlan(parsed(), { tasks: ["tetris"] }).frontier!.design).toBeDefined();
    expect(names(selectPlan(parsed(), { only: ["maze/joint"] }))).toEqual(["maze/joint"]);
  });

  test("a registered recipe that the plan has not gets the cells of the reference", () => {
    const part = selectPlan(parsed(), { recipes: ["lvr", "joint"], tasks: ["maze", "words"] });
    expect(names(part)).toEqual(["words/joint", "maze/joint", "words/lvr", "maze/lvr"]);
    expect(part.cells[2]!.training).toEqual({ steps: 100 });
  });

  test("bases come along", async () => {
    const pocket = await planOf({ preset: "pocket", only: ["crop-masked/joint"] });
    expect(names(pocket)).toEqual(["crop/text", "crop-masked/joint"]);
  });

  test("what there is not is refused with the nearest names", () => {
    expect(() => selectPlan(parsed(), { recipes: ["strang"] })).toThrow(
      /Unknown recipe "strang". Did you mean "strong"\?/,
    );
    expect(() => selectPlan(parsed(), { tasks: ["mase"] })).toThrow(
      /--tasks: unknown name "mase". Did you mean "maze"\?/,
    );
    expect(() => selectPlan(parsed(), { only: ["maze/strong"] })).toThrow(/--only/);
    expect(() => selectPlan(parsed(), { recipes: ["strong"], tasks: ["maze"] })).toThrow(
      /none that match all selections/,
    );
    const { frontier: _, ...other } = plan;
    expect(() => selectPlan(parsePlan(other, "x"), { equal: "seconds" })).toThrow(/comparison of recipes/);
  });

  test("the estimate is that of the cells that are left", () => {
    expect(estimatedSeconds(parsed())).toBe(10 + 20 + 30 + 2 * 10 + 2 * 20);
    expect(estimatedSeconds({ ...selectPlan(parsed(), { tasks: ["maze"] }), seeds: 3 })).toBe(90);
    expect(estimatedSeconds(selectPlan(parsed(), { equal: "seconds" }))).toBe(10 + 20 + 30 + 10 + 20);
    const { frontier: _, ...other } = plan;
    expect(estimatedSeconds(parsePlan(other, "x"))).toBeNull();
  });
});

describe("documents", () => {
  const blocks = (path: string): string[] =>
    [
      ...readFileSync(new URL(`../../docs/${path}`, import.meta.url), "utf8").matchAll(
        /```yaml\n([^`]*)```/g,
      ),
    ].map(([, block]) => block!);

  test("the studies of docs/study.md are plans", () => {
    const plans = blocks("study.md").map((block) => parsePlan(parse(block), "docs/study.md"));
    expect(plans.map(({ name }) => name)).toEqual(["mine", "heads"]);
    expect(plans[1]!.frontier!.design!.factors).toEqual({ head: ["none", "linear"] });
  });

  test("the recipe of docs/how-to/add-a-recipe.md is one, as file and as part of a plan", () => {
    const page = "how-to/add-a-recipe.md";
    const [study, design] = blocks(page);
    const own = parsePlan(parse(study!), `docs/${page}`);
    expect(Object.keys(parse(design!).frontier.design.runs)).toHaveLength(2);
    const found = recipeIn(own, "mine");
    const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
    for (const part of ["head", "space"] as const) {
      const { kind } = found[part];
      expect(text).toMatch(new RegExp(`^  ${part}: \\{ kind: "${kind}"`, "m"));
      expect(found[part]).not.toEqual(recipes.linear[part]);
    }
  });
});

describe("the preset frontier", () => {
  test("gives every recipe of a dataset equal steps, and all their examples", async () => {
    const frontier = await loadPlan("frontier");
    for (const dataset of Object.keys(frontier.datasets)) {
      const cells = frontier.cells.filter(({ task }) => task === dataset);
      expect(new Set(cells.map(({ training }) => training.steps)).size, dataset).toBe(1);
      expect(
        cells.some(({ recipe }) => recipe === "joint"),
        dataset,
      ).toBe(true);
      const { parameters } = frontier.datasets[dataset]!;
      const task = taskNamed(taskOf(frontier, dataset));
      expect(resolveParameters(task.name, task.parameters, parameters).rendering).toBe("pocket");
    }
    expect(frontier.cells.map(({ recipe }) => recipe)).toEqual(
      expect.arrayContaining(["joint", "text", "pause"]),
    );
  });

  test("its design is balanced, and no main effect hides an interaction of two parts", async () => {
    const { design } = (await loadPlan("frontier")).frontier!;
    expect(aliasesOf(design!)).toEqual([]);
    const runs = Object.values(design!.runs);
    for (const [factor, levels] of Object.entries(design!.factors))
      for (const level of levels)
        expect(
          runs.filter((run) => run[factor] === level),
          `${factor} ${level}`,
        ).toHaveLength(runs.length / 2);
    // Each run is the recipe that its levels say.
    const frontier = await loadPlan("frontier");
    for (const [name, levels] of Object.entries(design!.runs)) {
      const recipe = recipeIn(frontier, name);
      expect(recipe.latentWeight).toBe(1);
      expect(recipe.rationale).toBe(levels.words === "none" ? "dropped" : levels.words);
      expect(recipe.head.kind).toBe(levels.head);
      expect(recipe.space.kind).toBe(levels.target);
      expect(recipe.stages.at(-1)!.slots.kind).toBe(levels.slots === "oracle" ? "oracle" : "own");
    }
  });

  test("three seeds are an hour on two cores, by the measured costs", async () => {
    const seconds = estimatedSeconds({ ...(await loadPlan("frontier")), seeds: 3 })!;
    expect(seconds / 2).toBeLessThanOrEqual(60 * 60);
  });

  test("the presets of before are the plans of before", () => {
    const keys = ["cells", "datasets", "description", "findings", "name", "seeds"];
    for (const name of ["pocket", "smoke"] as const) {
      const read = parsePlan(presets[name], name);
      expect(Object.keys(read).sort()).toEqual(keys);
      expect(cellsOf(read).every(({ of, task }) => of === task)).toBe(true);
    }
  });
});
