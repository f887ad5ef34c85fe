/** The part of a plan that makes it a comparison of recipes. */
import { z } from "zod";
import { LintelError, unknownName } from "../../util/index.ts";

const designSchema = z.strictObject({
  /** Datasets over which the response is averaged. */
  tasks: z.array(z.string()).min(1),
  /** Levels of each factor; effects are differences from the first. */
  factors: z.record(z.string(), z.array(z.string()).min(2)),
  /** Recipe → its level of each factor. */
  runs: z.record(z.string(), z.record(z.string(), z.string())),
});

export const frontierSchema = z.strictObject({
  /** The recipe that the others are compared with; one that a run asks for by name gets the cells of this one. */
  reference: z.string(),
  /** "seconds": every recipe has the seconds of optimizer steps that the reference needs on the dataset. */
  equal: z.enum(["steps", "seconds"]).default("steps"),
  /** Datasets that the claim of a single recipe for all is about. */
  bars: z.array(z.string()).default([]),
  design: designSchema.optional(),
  /** For the estimate alone: core-seconds of a cell of the reference by dataset, and other recipes' as multiples. */
  cost: z
    .strictObject({
      tasks: z.record(z.string(), z.number().positive()),
      recipes: z.record(z.string(), z.number().positive()).default({}),
    })
    .optional(),
});

type Frontier = z.infer<typeof frontierSchema>;
export type Design = z.infer<typeof designSchema>;

interface Cells {
  datasets: Readonly<Record<string, unknown>>;
  cells: readonly { task: string; recipe: string }[];
}

/** Throws "usage" where the design or the bars name what the plan has not. */
export function checkFrontier({ design, bars }: Frontier, { datasets, cells }: Cells, where: string): void {
  for (const name of [...bars, ...(design?.tasks ?? [])])
    if (!Object.hasOwn(datasets, name))
      throw unknownName("dataset", name, Object.keys(datasets), { where: `${where}, frontier` });
  if (!design) return;
  const factors = Object.keys(design.factors);
  for (const [recipe, levels] of Object.entries(design.runs)) {
    const at = `${where}, frontier: design, run ${recipe}`;
    for (const name of Object.keys(levels))
      if (!factors.includes(name)) throw unknownName("factor", name, factors, { where: at });
    for (const [factor, known] of Object.entries(design.factors)) {
      const level = levels[factor];
      if (level === undefined)
        throw new LintelError("usage", { where: at, expected: `a level of ${factor}`, got: "none" });
      if (!known.includes(level)) throw unknownName(`level of ${factor}`, level, known, { where: at });
    }
    for (const task of design.tasks)
      if (!cells.some((cell) => cell.task === task && cell.recipe === recipe))
        throw new LintelError("usage", { where: at, expected: `a cell ${task}/${recipe}`, got: "none" });
  }
}
