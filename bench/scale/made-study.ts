/** A finished study of any number of models: those of a small one, over and over under other names. */
import { readFileSync } from "node:fs";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

interface Cell {
  id: string;
  task: string;
  recipe: string;
  seed: number;
  audits: { directory: string }[];
}

/** Weights are not shown, and manifests name the files of the model that was copied. */
const left = new Set(["manifest.json", "model.safetensors", "state.safetensors"]);

/** Makes a run directory of `n` models with all that a report shows of them: every model a recipe of its own. */
export async function makeStudy(from: string, to: string, n: number): Promise<void> {
  const results = JSON.parse(readFileSync(join(from, "results.json"), "utf8")) as {
    cells: Cell[];
    parts?: unknown;
    digest?: unknown;
  };
  const copy = (directory: string, target: string): Promise<void> =>
    cp(join(from, directory), join(to, target), {
      recursive: true,
      filter: (path) => !left.has(basename(path)),
    });
  await mkdir(to, { recursive: true });
  await copy("datasets", "datasets");
  await copy("study.json", "study.json");
  const cells: Cell[] = [];
  for (let i = 0; i < n; i++) {
    const cell = results.cells[i % results.cells.length]!;
    const recipe = `${cell.recipe}-${i}`;
    const id = `${cell.task}/${recipe}/${cell.seed}`;
    await copy(join("models", cell.id), join("models", id));
    await copy(join("audits", cell.id), join("audits", id));
    const audits = cell.audits.map((audit) => ({
      ...audit,
      directory: audit.directory.replace(cell.id, id),
    }));
    cells.push({ ...cell, id, recipe, audits });
  }
  const { parts: _, digest: __, ...rest } = results;
  await writeFile(join(to, "results.json"), JSON.stringify({ ...rest, cells }));
}
