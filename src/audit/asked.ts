/** What the outcomes in a directory were asked for: a journal must not go on under other interventions. */
import { join } from "node:path";
import { readJson, writeFileAtomic } from "../formats/index.ts";
import type { ResolvedIntervention } from "../reasoning/index.ts";
import { LintelError } from "../util/index.ts";

/** `asked.json` of an audit: enough to run it again, files of interventions included. */
interface Asked {
  seed: number;
  interventions: { name: string; definition?: unknown }[];
}

/**
 * Records what is asked where nothing is recorded yet.
 *
 * Errors: "usage" where outcomes of other interventions, or of another seed, lie there already.
 */
export async function keepAsked(
  directory: string,
  interventions: readonly ResolvedIntervention[],
  seed: number,
): Promise<void> {
  const path = join(directory, "asked.json");
  const asked: Asked = {
    seed,
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
      ? `the definitions and the seed (${before.seed}) of the audit that was begun there`
      : list(before),
    got: same ? `others, or seed ${seed}` : list(asked),
    attempt: "another --out: outcomes under other interventions cannot be mixed",
  });
}
