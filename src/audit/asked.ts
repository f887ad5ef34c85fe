/** What the outcomes in a directory were asked for: a journal must not go on under other interventions. */
import { join } from "node:path";
import { readJson, writeFileAtomic } from "../formats/index.ts";
import type { WeightForm } from "../qwen/index.ts";
import type { ResolvedIntervention } from "../reasoning/index.ts";
import { LintelError } from "../util/index.ts";
import type { Benchmark } from "./examples.ts";

/** `asked.json` of an audit: enough to run it again, files of interventions included. */
interface Asked {
  seed: number;
  /** Absent where weights are as they are stored. */
  weights?: WeightForm;
  /** Only of benchmarks: by which mapping they are read, and in what order options stand. */
  benchmark?: Benchmark;
  interventions: { name: string; definition?: unknown }[];
}

/**
 * Records what is asked where nothing is recorded yet.
 *
 * Errors: "usage" where outcomes of other interventions, another seed or order of options, or of weights in another form lie there already.
 */
export async function keepAsked(
  directory: string,
  interventions: readonly ResolvedIntervention[],
  seed: number,
  weights: WeightForm = "float32",
  benchmark?: Benchmark,
): Promise<void> {
  const path = join(directory, "asked.json");
  const asked: Asked = {
    seed,
    ...(weights !== "float32" && { weights }),
    ...(benchmark && { benchmark }),
    interventions: interventions.map(({ name, definition }) => ({
      name,
      ...(definition !== undefined && { definition }),
    })),
  };
  // Null where nothing was written: directories of the first version have none.
  const before = (await readJson(path, {
    expected: "what an audit was asked for",
    attempt: "another directory, or removing this one",
  })) as Asked | null;
  if (before === null) {
    await writeFileAtomic(path, `${JSON.stringify(asked, null, 2)}\n`);
    return;
  }
  if (JSON.stringify(before) === JSON.stringify(asked)) return;
  const list = ({ interventions: of }: Asked): string => of.map(({ name }) => name).join(", ");
  const same = list(before) === list(asked);
  throw new LintelError("usage", {
    where: directory,
    expected: same
      ? `the definitions, the seed (${before.seed}) and the weights (${before.weights ?? "float32"}) of the audit that was begun there`
      : list(before),
    got: same
      ? `others, or seed ${seed}, weights ${weights}${benchmark ? `, options of ${benchmark.mapping} in the order of seed ${benchmark.optionSeed ?? "none"}` : ""}`
      : list(asked),
    attempt: "another --out: outcomes under other interventions cannot be mixed",
  });
}
