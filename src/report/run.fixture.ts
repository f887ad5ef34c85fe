/**
 * For tests only: a small run directory made up from a seed. Its numbers follow from its outcomes, so that what the
 * report says can be checked against the files; its models are imaginary.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AuditResult,
  type ExampleOutcomes,
  type Latents,
  type Outcome,
  summarize,
} from "../audit/index.ts";
import { float32, writeSafetensors } from "../formats/index.ts";
import { holdsOf } from "../statistics/index.ts";
import { type Example, taskNamed, writeDataset } from "../tasks/index.ts";
import { type Random, random } from "../util/index.ts";
import type { CellResult, Results } from "./study-types.ts";

/** Examples of a split that have pictures of their own. */
const PAINTED = 300;
const [SLOTS, WIDTH] = [2, 24];

interface Plan {
  task: string;
  recipe: string;
  /** Whether what stands in the slots makes no difference to an answer, or the oracle alone helps. */
  latents: "bypassed" | "starved" | "none";
  /** Probability of a right answer under each intervention. */
  accuracy: Record<string, number>;
  /** Share of the oracle in own latents. */
  aligned: number;
  splits: { split: string; task?: string }[];
}

const starved = (p: number): Record<string, number> => ({
  own: p + 0.03,
  oracle: 0.97,
  zeros: p,
  noise: p - 0.01,
  "noise-matched": p,
  mean: p + 0.01,
  "other-own": p,
  "mean-oracle": p,
  shuffle: p + 0.02,
  "other-oracle": 0.08,
  "random-crop": p,
  counterfactual: 0.03,
  skip: p,
});
const bypassed = (p: number): Record<string, number> =>
  Object.fromEntries(Object.keys(starved(0)).map((name) => [name, p]));

const PLANS: Plan[] = [
  {
    task: "tetris",
    recipe: "joint",
    latents: "starved",
    accuracy: starved(0.25),
    aligned: 0.1,
    splits: [{ split: "eval" }, { split: "held-out" }],
  },
  {
    task: "crop",
    recipe: "joint",
    latents: "bypassed",
    accuracy: bypassed(0.996),
    aligned: 0.5,
    splits: [{ split: "eval" }, { split: "eval", task: "crop-masked" }],
  },
  {
    task: "tetris",
    recipe: "text",
    latents: "none",
    accuracy: { own: 0.27 },
    aligned: 0,
    splits: [{ split: "eval" }],
  },
];

interface FixtureOptions {
  examples?: number;
  seeds?: number;
  /** Write the datasets; false leaves the directory out. */
  datasets?: boolean;
  /** Only the first so many of the kinds of cells. */
  plans?: number;
}

function outcome(
  stream: Random,
  plan: Plan,
  name: string,
  { answer, options }: Example,
  easy: number,
): Outcome {
  const wrong = stream.shuffled([0, 1, 2, 3].filter((i) => i !== answer));
  // The same difficulty under every intervention makes outcomes of a bypassing model agree.
  const luck = plan.latents === "bypassed" ? easy : stream.uniform();
  const right = luck < plan.accuracy[name]!;
  const target = wrong[0]!;
  const follows = name === "counterfactual" && plan.latents === "starved" && stream.uniform() < 0.93;
  const silent = !right && stream.uniform() < 0.01;
  const choice = silent ? null : follows ? target : right ? answer : wrong[1]!;
  return {
    text: silent
      ? "<|latent_end|> I see"
      : `<|latent_start|><|latent|><|latent_end|>${options[choice!]}<|im_end|>`,
    choice,
    optionLogProbabilities: null,
    blocks: plan.latents !== "none" ? 1 : 0,
    steps: plan.latents !== "none" && name !== "skip" ? SLOTS : 0,
    endings: plan.latents !== "none" ? ["count"] : [],
    ...(name === "counterfactual" ? { target } : {}),
  };
}

/** Own latents lie close together, with a share of their oracle in them. */
function latentsOf(plan: Plan, seed: number, directory: string, lines: ExampleOutcomes[]): Latents | null {
  if (plan.latents === "none") return null;
  const stream = random(seed, "latents", directory);
  const size = lines.length * SLOTS * WIDTH;
  const [own, oracle] = [new Float32Array(size), new Float32Array(size)];
  const common = Array.from({ length: WIDTH }, () => stream.normal());
  for (let i = 0; i < size; i++) {
    const shared = common[i % WIDTH]!;
    oracle[i] = 0.6 * shared + stream.normal();
    own[i] = shared + plan.aligned * oracle[i]! + 0.3 * stream.normal();
  }
  const examples = lines.map((line) => line.example);
  const all = new Uint8Array(lines.length).fill(1);
  return { examples, slots: SLOTS, width: WIDTH, own, oracle, hasOwn: all, hasOracle: all };
}

async function writeLatents(
  directory: string,
  { examples, slots, width, own, oracle }: Latents,
): Promise<void> {
  const shape = [examples.length, slots, width];
  const tensors = new Map([
    ["own", float32(shape, own)],
    ["oracle", float32(shape, oracle)],
  ]);
  await writeSafetensors(join(directory, "latents.safetensors"), tensors, {
    examples: JSON.stringify(examples),
  });
}

function journal(plan: Plan, seed: number): string {
  const stream = random(seed, "journal", plan.task, plan.recipe);
  const lines: object[] = [];
  for (let step = 1; step <= 600; step++) {
    const done = 1 - Math.exp(-step / 140);
    const textLoss = 1.386 - done * 1.28 + 0.05 * stream.normal();
    const latentLoss = plan.latents !== "none" ? 1.05 - 0.3 * done + 0.02 * stream.normal() : null;
    lines.push({
      step,
      seconds: step * 0.05,
      loss: textLoss + 0.1 * (latentLoss ?? 0),
      textLoss,
      ...(latentLoss === null ? {} : { latentLoss }),
      learningRate: 0.002,
      gradientNorm: 1,
    });
    if (step % 50 === 0) {
      const at = (name: string): number =>
        0.25 + done * ((plan.accuracy[name] ?? 0.25) - 0.25) + 0.012 * stream.normal();
      lines.push({
        step,
        accuracy:
          plan.latents !== "none"
            ? { own: at("own"), oracle: Math.min(1, at("oracle")), zeros: at("zeros") }
            : { own: at("own") },
      });
    }
  }
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}

async function writeAudit(
  run: string,
  plan: Plan,
  seed: number,
  where: { split: string; task?: string },
  examples: Example[],
): Promise<AuditResult> {
  const id = `${plan.task}/${plan.recipe}/${seed}`;
  const directory = join("audits", id, where.task ? `${where.task}-${where.split}` : where.split);
  await mkdir(join(run, directory), { recursive: true });
  const masked = where.task !== undefined;
  const used: Plan = masked ? { ...plan, latents: "bypassed", accuracy: bypassed(0.25) } : plan;
  const stream = random(seed, "outcomes", directory);
  const lines = examples.map((example): ExampleOutcomes => {
    const easy = stream.uniform();
    const outcomes = Object.fromEntries(
      Object.keys(used.accuracy).map((i) => [i, outcome(stream, used, i, example, easy)]),
    );
    return { example: example.id, answer: example.answer, options: example.options, outcomes };
  });
  await writeFile(
    join(run, directory, "outcomes.jsonl"),
    `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`,
  );
  const latents = latentsOf(plan, seed, directory, lines);
  if (latents) await writeLatents(join(run, directory), latents);
  const { split, task } = where;
  return summarize(lines, latents, { split, ...(task ? { task } : {}), directory });
}

const FINDINGS: [string, string, string][] = [
  [
    "F1",
    "Crops are bypassed: every content-free control is equivalent to own latents.",
    "Viveiros et al., arXiv 2605.18445, §3",
  ],
  [
    "F4",
    "On tetris the oracle reaches 85 %, no content-free control exceeds 35 %, and the model trained on text alone stays below the oracle.",
    "Viveiros et al., arXiv 2605.18445, §4",
  ],
  [
    "F5",
    "Own latents fail: the oracle beats them, they retrieve their oracle in less than 15 % of examples among 300, and they are more alike than oracles.",
    "Viveiros et al., arXiv 2605.18445, §5",
  ],
  [
    "F7",
    "Bypass is learned: a model trained on clear crops gains nothing even from oracle latents when the region is hidden.",
    "this study",
  ],
];

/** Writes a made-up run into `run` and returns its results. */
export async function writeRun(run: string, options: FixtureOptions = {}): Promise<Results> {
  const { examples = 300, seeds = 2, datasets = true, plans = PLANS.length } = options;
  const made = new Map<string, Map<string, Example[]>>();
  const setOf = (task: string, split: string): Example[] => {
    const sets = made.get(task) ?? new Map<string, Example[]>();
    made.set(task, sets);
    // Audits may be larger than what a test wants painted; ids and answers go on, pictures do not.
    const painted = [
      ...taskNamed(task).generate(split, Math.min(examples, PAINTED), 7, { rendering: "pocket" }),
    ];
    const set = sets.get(split) ?? [
      ...painted,
      ...Array.from(
        { length: examples - painted.length },
        (_, i): Example => ({
          ...painted[i % painted.length]!,
          id: `${split}-${String(PAINTED + i).padStart(6, "0")}`,
        }),
      ),
    ];
    sets.set(split, set);
    return set;
  };
  const cells: CellResult[] = [];
  for (const plan of PLANS.slice(0, plans)) {
    for (let seed = 0; seed < seeds; seed++) {
      const id = `${plan.task}/${plan.recipe}/${seed}`;
      await mkdir(join(run, "models", id), { recursive: true });
      await writeFile(join(run, "models", id, "training.jsonl"), journal(plan, seed));
      const audits: AuditResult[] = [];
      for (const where of plan.splits)
        audits.push(await writeAudit(run, plan, seed, where, setOf(where.task ?? plan.task, where.split)));
      const training = {
        parameters: 280_704,
        steps: 600,
        examples: 76_800,
        seconds: 61.3 + seed,
        examplesPerSecond: 1252.9 - seed,
      };
      cells.push({ id, task: plan.task, recipe: plan.recipe, seed, training, audits });
    }
  }
  if (datasets) {
    for (const [task, sets] of made) {
      const { title, description } = taskNamed(task);
      await writeDataset(join(run, "datasets", task), Object.fromEntries(sets), {
        task,
        title,
        description,
        seed: 7,
        parameters: {},
      });
    }
  }
  const findings = FINDINGS.map(([id, claim, source], i) => {
    const state = (["holds", "undecided", "refuted", "not run"] as const)[i]!;
    const holds = holdsOf(state);
    const evidence =
      state === "not run"
        ? "The run has no such audit."
        : "own 26.3 %, oracle 97.0 %, best dummy 25.7 % (n = 300).";
    return {
      id,
      claim,
      source,
      holds,
      state,
      evidence,
      seeds: Array.from({ length: seeds }, (_, seed) => ({ seed, holds, state, evidence })),
    };
  });
  const results: Results = {
    lintel: "0.1.0",
    preset: "fixture",
    status: "complete",
    seconds: 212.4,
    environment: {
      node: "v20.20.0",
      platform: "linux x64",
      cpu: "imaginary",
      threads: 2,
      onnxruntime: "1.30.0",
      seeds: [0, 1],
    },
    cells,
    findings,
  };
  await writeFile(join(run, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  return results;
}
