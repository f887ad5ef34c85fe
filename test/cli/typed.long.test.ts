/**
 * The examples of every `--help`, of the README and of docs, typed in a row as a new user types them. Each document has a
 * directory of its own; numbers of examples and steps are smaller, everything else is as it stands there.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { float32, writeSafetensors } from "../../src/formats/index.ts";
import { knownExamples, knownModels, saveKnownModel } from "../../src/selftest/index.ts";
import { planOf } from "../../src/study/index.ts";
import { fakeEngine } from "../engine.fixture.ts";
import { dummies, plant } from "../support/planted.ts";
import { writePlantedAudit } from "../support/planted-audit.ts";
import { commands } from "./commands.ts";
import { lintel, start } from "./run.ts";

const root = new URL("../../", import.meta.url);
const scratch = mkdtempSync(join(tmpdir(), "lintel-typed-"));
beforeAll(() => {
  // `npm run build` makes the explorer's app as well; the tests' own build makes the command line alone.
  if (!existsSync(new URL("dist/explorer/app/app.js", root)))
    execFileSync(process.execPath, [fileURLToPath(new URL("explorer/build.mjs", root))], { cwd: root });
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));

/** Words of a command line, quotes taken off, without its comment. */
const wordsOf = (line: string): string[] =>
  (line.replace(/\s+#.*$/, "").match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ""));

/** What follows a command's own words: small numbers. Options of the line are kept, but for those numbers. */
const smaller: Record<string, Record<string, string>> = {
  generate: { "--train": "64", "--eval": "8", "--held-out": "2" },
  train: { "--steps": "40" },
  audit: { "--limit": "6" },
  inform: { "--limit": "60", "--folds": "2" },
  selftest: { "--sizes": "60", "--models": "presence" },
};

/** A study of every part, in seconds. */
const tiny = `name: tiny
datasets: { crop: { train: 40, eval: 10 } }
cells:
  - task: crop
    recipe: joint
    training: { steps: 2, batch: 8, warmup: 1, followEvery: 2, followExamples: 2 }
    audits: [{ split: eval, interventions: [own] }]
`;

/** The first block of a language on a page of docs. */
const blockOf = (page: string, language: string): string =>
  new RegExp(`\`\`\`${language}\\n([^\`]*)\`\`\``).exec(readFileSync(new URL(page, root), "utf8"))![1]!;

/** Files that how-to pages show: a mapping with its data, a family, and a study of recipes with small numbers. */
function filesOfPages(home: string): void {
  const mapping = "docs/how-to/bring-your-dataset.md";
  mkdirSync(join(home, "my-data"));
  const record = JSON.parse(blockOf(mapping, "json"));
  const lines = knownExamples(8, 1, 0).map(({ images, answer }, i) => {
    writeFileSync(join(home, "my-data", `${i}.png`), images[0]!);
    return JSON.stringify({ ...record, id: String(i), image: `${i}.png`, answer: "ABCD"[answer] });
  });
  writeFileSync(join(home, "my-data/questions.jsonl"), `${lines.join("\n")}\n`);
  writeFileSync(join(home, "my-mapping.yaml"), blockOf(mapping, "yaml"));
  writeFileSync(join(home, "my-family.yaml"), blockOf("docs/how-to/add-a-family.md", "yaml"));
  const study = parse(blockOf("docs/how-to/add-a-recipe.md", "yaml"));
  for (const dataset of Object.values(study.datasets))
    Object.assign(dataset!, { train: 40, eval: 10, heldOut: 4 });
  for (const { training } of study.cells)
    Object.assign(training, { steps: 2, batch: 8, warmup: 1, followEvery: 2, followExamples: 2 });
  writeFileSync(join(home, "my-recipes.yaml"), stringify(study));
}

/** Files that examples take for granted, because they are the user's own. */
async function ownFiles(home: string): Promise<void> {
  mkdirSync(home, { recursive: true });
  filesOfPages(home);
  writeFileSync(
    join(home, "mine.json"),
    JSON.stringify({ interventions: { weak: { use: "jitter", with: { s: 0.1 } } } }),
  );
  // Two audits of the same examples.
  const rates = { own: 0.5, oracle: 0.9, ...dummies(0.4) };
  await writePlantedAudit(join(home, "audits/base"), plant({ n: 20, seed: 1, rates, shared: 0.5 }));
  await writePlantedAudit(
    join(home, "audits/rl"),
    plant({ n: 20, seed: 1, rates: { ...rates, own: 0.8 }, shared: 0.5 }),
  );
  const names = ["own", "oracle", "zeros", "noise", "noise-matched", "mean", "other-own"];
  const ids = Array.from({ length: 12 }, (_, i) => String(i));
  const rows = ids.flatMap((example, i) =>
    names.map((intervention, j) => ({
      example,
      intervention,
      options: ["a", "b"],
      answer: i % 2,
      choice: (i + (j > 1 ? i % 3 : 0)) % 2,
    })),
  );
  writeFileSync(join(home, "my-outcomes.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
  const values = float32(
    [12, 1, 2],
    Float32Array.from({ length: 24 }, (_, i) => Math.sin(1.3 * i)),
  );
  await writeSafetensors(join(home, "my-outcomes.safetensors"), new Map([["own", values]]), {
    examples: JSON.stringify(ids),
  });
  writeFileSync(join(home, "my-study.yaml"), tiny);
  writeFileSync(join(home, "tiny.yaml"), tiny);
  // A checkpoint and a benchmark that go together: V* as its hub lays it out.
  await saveKnownModel(join(home, "checkpoints/mine"), knownModels[0]!);
  mkdirSync(join(home, "vstar_bench"));
  const lines = knownExamples(8, 1, 0).map(({ images, answer }, i) => {
    writeFileSync(join(home, "vstar_bench", `${i}.png`), images[0]!);
    return JSON.stringify({
      image: `${i}.png`,
      text: "which colour is this\n(A) a\n(B) b\n(C) c\n(D) d",
      category: "direct_attributes",
      label: "ABCD"[answer],
      question_id: String(i),
    });
  });
  writeFileSync(join(home, "vstar_bench/test_questions.jsonl"), `${lines.join("\n")}\n`);
}

let sites = 0;

/** Types a line in `home`. */
async function type(line: string, home: string) {
  const [command, ...given] = wordsOf(line).slice(line.startsWith("npx ") ? 2 : 1);
  const words = given.map((word) =>
    /^(data|models|audits|runs|inform|known|checkpoints|vstar_bench)\b|^my-/.test(word)
      ? join(home, word)
      : word.replaceAll("mine.json", join(home, "mine.json")),
  );
  if (command === "study" && words[0]?.startsWith("examples/")) {
    // A study of hours: its file is read and planned.
    const preset = fileURLToPath(new URL(words[0], root));
    expect((await planOf({ preset })).cells.length).toBeGreaterThan(0);
    return lintel("study", join(home, "tiny.yaml"), "--out", join(home, "runs/example"));
  }
  if (command === "study" && !words.some((word) => word.endsWith(".yaml"))) {
    const at = (name: string) => words[words.indexOf(name) + 1]!;
    const [preset = "pocket"] = words[0]?.startsWith("--") === false ? words : [];
    const parts = ["recipes", "tasks"].flatMap((name) =>
      words.includes(`--${name}`) ? [[name, at(`--${name}`).split(",")]] : [],
    );
    // The preset itself takes minutes: that its part exists is seen by planning it.
    expect((await planOf({ preset, ...Object.fromEntries(parts) })).cells.length).toBeGreaterThan(0);
    const out = words.includes("--out") ? at("--out") : join(home, "runs", preset);
    return lintel("study", join(home, "tiny.yaml"), "--out", out);
  }
  const options = Object.entries(smaller[command!] ?? {});
  for (const [name, value] of options) {
    if (command === "selftest" && words.includes(name)) continue;
    if (name === "--models" && words.includes("--keep")) continue;
    if (words.includes(name)) words.splice(words.indexOf(name), 2);
    words.push(name, value);
  }
  // The GPU server of these examples is not here (docs/gpu.md is typed by test/engine/gpu-page.long.test.ts).
  if (command === "audit" && words.includes("--engine")) {
    for (const name of ["--engine", "--python"]) words.splice(words.indexOf(name), 2);
    words.splice(words.indexOf("--model") + 1, 1, join(home, "checkpoints/mine"));
  }
  // There is no cluster here (scripts/slurm/check.sh makes one): the same parts in processes of this machine.
  if (command === "audit" && words.includes("--shards")) {
    for (const name of ["--executor", "--slurm", "--slurm"])
      if (words.includes(name)) words.splice(words.indexOf(name), 2);
    words.splice(words.indexOf("--shards"), 2, "--shards", "2", "--limit", "60");
    return start([command, ...words]).ended;
  }
  // The engine of these examples is on another machine, as is its model.
  if (command === "doctor" && words.includes("--engine"))
    words.splice(words.indexOf("--python"), words.length, "--python", fakeEngine());
  if (command === "explore") {
    // A server has no end: the same contents are written as a folder (the server: test/explorer), by the build, which has the app.
    const to = ["--static", join(home, `site-${sites++}`)];
    return start(["explore", ...words.filter((word, i) => ![word, words[i - 1]].includes("--static")), ...to])
      .ended;
  }
  if (command === "inform" && !words.includes("--out")) words.push("--out", join(home, "inform"));
  return lintel(command!, ...words);
}

/** Directories by the lines that made them. */
const madeBy = new Map<string, string>();

/** Every line runs and says something. */
async function typeAll(lines: readonly string[], home: string): Promise<void> {
  await ownFiles(home);
  // README's first two commands end with this.
  if (lines.some((line) => / (?:report|explore|export|outcomes) runs\/pocket\b/.test(line)))
    await type("lintel study pocket", home);
  const typed: string[] = [];
  for (const line of lines) {
    const steps = [...typed, line.replace(/^npx | +#.*$/g, "")];
    // Data and models that another page made by the same lines are not made again.
    const made = / (?:generate|train) .*--out (\S+)/.exec(line)?.[1];
    const key = steps.filter((step) => / (?:generate|train) /.test(step)).join("\n");
    if (made !== undefined) {
      typed.push(steps.at(-1)!);
      const known = madeBy.get(key);
      if (known) cpSync(known, join(home, made), { recursive: true });
      if (known) continue;
      madeBy.set(key, join(home, made));
    }
    const { code, out, err } = await type(line, home);
    expect(code, `${line}\n${err}`).toBe(0);
    expect(out, line).not.toBe("");
  }
}

const helpOf = async (command: string): Promise<string[]> => {
  const { out } = await lintel(...(command ? [command] : []), "--help");
  return [...out.slice(out.search(/^Example/m)).matchAll(/^ {2}\$ (lintel .*)$/gm)].map(([, line]) => line!);
};

describe("examples, typed in a row,", () => {
  it("of every command's help", async () => {
    const lines: string[] = [];
    for (const command of commands) lines.push(...(await helpOf(command)));
    expect(lines.length).toBeGreaterThan(13);
    await typeAll(lines, join(scratch, "help"));
    // The model that they made reads and answers: training of seconds is enough for its form.
    const home = join(scratch, "help");
    const { code, out, err } = await lintel(
      "audit",
      "--model",
      join(home, "models/joint"),
      "--data",
      join(home, "data/tetris"),
      "--interventions",
      "own,oracle",
      "--limit",
      "8",
      "--json",
    );
    expect(code, err).toBe(0);
    const { own, oracle } = JSON.parse(out).interventions;
    expect([own.answered, own.latentRate, oracle.answered]).toEqual([1, 1, 1]);
  }, 300_000);

  it("of the program's help", async () => {
    const lines = await helpOf("");
    expect(lines.length).toBeGreaterThan(3);
    await typeAll(lines, join(scratch, "program"));
  }, 300_000);

  it.each([
    "README.md",
    "docs/tutorial.md",
    "docs/how-to/bring-your-dataset.md",
    "docs/how-to/add-a-family.md",
    "docs/how-to/add-a-recipe.md",
    "docs/how-to/compare-checkpoints.md",
    "docs/how-to/look-at-outcomes.md",
    "docs/how-to/judge-outcomes.md",
    "docs/how-to/export-for-other-tools.md",
    "docs/how-to/run-on-a-cluster.md",
    "docs/interventions.md",
    "docs/frontier.md",
  ])(
    "of %s",
    async (page) => {
      const text = readFileSync(new URL(page, root), "utf8");
      const lines = [...text.matchAll(/^(?: {4})?((?:npx )?lintel [a-z]+ .*?)$/gm)].map(([, line]) => line!);
      // A page that goes on from a model and data of others begins with the README's.
      const first = readFileSync(new URL("README.md", root), "utf8").match(
        /^npx lintel (generate|train) .*$/gm,
      )!;
      const begun =
        lines.some((line) => line.includes("models/joint")) &&
        !lines.some((line) => / train joint .*--out models\/joint/.test(line));
      await typeAll([...(begun ? first : []), ...lines], join(scratch, page.replaceAll("/", "-")));
    },
    300_000,
  );
});
