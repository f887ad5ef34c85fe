/** What the outcomes in a directory were asked for: a journal must not go on under other interventions. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../formats/index.ts";
import type { ResolvedIntervention } from "../reasoning/index.ts";
import { LintelError } from "../util/index.ts";

/** `asked.json` of an audit: enough to run it again, files of interventions included. */
interface Asked {
  seed: number;
  interventions: { name: string; definition?: unknown }[];
}

/** What was written there, or null: directories of the first version have none. */
async function readAsked(path: string): Promise<Asked | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw cause;
  }
  try {
    return JSON.parse(text) as Asked;
  } catch (cause) {
    throw new LintelError("input", {
      where: path,
      expected: "what an audit was asked for",
      got: (cause as Error).message,
      attempt: "another directory, or removing this one",
      cause,
    });
  }
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
  const before = await readAsked(path);
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
