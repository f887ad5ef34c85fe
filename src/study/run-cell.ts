/** One cell of a study: training, then its audits. Finished parts are kept. */
import { join } from "node:path";
import { auditModel } from "../audit/index.ts";
import { dropState, proveDevice, trainModel } from "../training/index.ts";
import { LintelError, type OnProgress, unknownName } from "../util/index.ts";
import { cellsOf } from "./plan.ts";
import { recipeFor } from "./plan-recipes.ts";
import {
  auditPath,
  datasetDirectory,
  modelDirectory,
  readAudit,
  readPlan,
  readTraining,
} from "./run-directory.ts";

interface CellOptions {
  run: string;
  /** Id, such as "tetris/joint/0". */
  cell: string;
  onProgress?: OnProgress;
  signal?: AbortSignal;
}

/**
 * Trains and audits a cell of the run's plan. Called again it continues: finished parts are not repeated.
 *
 * Errors: "usage" for a cell that is not in the plan, "input" where its base is not trained, and those of training and audit.
 */
export async function runCell({ run, cell: id, onProgress, signal }: CellOptions): Promise<void> {
  const plan = await readPlan(run);
  const cells = cellsOf(plan);
  const cell = cells.find((c) => c.id === id);
  if (!cell)
    throw unknownName(
      "cell",
      id,
      cells.map((c) => c.id),
    );
  const common = {
    seed: cell.seed,
    threads: cell.threads ?? 1,
    ...(plan.device && { device: plan.device, proof: await proveDevice(plan.device, onProgress) }),
    onProgress,
    signal,
  };
  const data = datasetDirectory(run, cell.task);
  if (cell.base && !(await readTraining(run, cell.base))) {
    throw new LintelError("input", {
      where: `cell ${id}`,
      expected: `its base ${cell.base} to be trained`,
      got: "no finished training there",
      attempt: `lintel cell ${run} ${cell.base}`,
    });
  }
  if (await readTraining(run, id))
    await dropState(modelDirectory(run, id)); // of a kill between a training's last two steps
  else {
    await trainModel({
      ...cell.training,
      ...common,
      ...recipeFor(plan, cell.recipe),
      data,
      out: modelDirectory(run, id),
      label: `train ${id}`,
      ...(cell.base && { base: modelDirectory(run, cell.base) }),
      ...(cell.checkpoint && { base: cell.checkpoint }),
    });
  }
  for (const { split, limit, maxTokens, interventions } of cell.audits) {
    if (await readAudit(run, id, split)) continue;
    const { seed, onProgress: _, signal: __, ...session } = common;
    await auditModel({
      data: { directory: data, split, limit },
      model: { ...session, directory: modelDirectory(run, id), maxTokens },
      ...(interventions && { interventions }),
      output: {
        directory: join(run, auditPath(id, split)),
        pathInRun: auditPath(id, split),
        label: `audit ${id} ${split}`,
      },
      seed,
      onProgress,
      signal,
    });
  }
}
