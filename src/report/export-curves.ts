/** Training curves as TensorBoard event files. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ensureDirectory, eventFile, readJournal, type Scalar, writeFileAtomic } from "../formats/index.ts";

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

/**
 * The scalars of a training journal: every number of its lines by name, accuracies as "accuracy/own". A journal that was
 * resumed repeats steps; the last line of a step counts.
 *
 * @example
 * scalarsOf([{ step: 1, seconds: 2, loss: 0.5 }, { step: 1, seconds: 2, accuracy: { own: 0.25 } }]).map(({ tag }) => tag); // ["loss", "accuracy/own"]
 */
export function scalarsOf(lines: readonly unknown[]): Scalar[] {
  const found = new Map<string, Scalar>();
  for (const line of lines) {
    const { step, seconds, accuracy, ...values } = line as Record<string, unknown>;
    if (!isNumber(step)) continue;
    const time = isNumber(seconds) ? seconds : 0;
    const named = [
      ...Object.entries(values),
      ...Object.entries((accuracy ?? {}) as Record<string, unknown>).map(
        ([key, value]) => [`accuracy/${key}`, value] as const,
      ),
    ];
    for (const [tag, value] of named)
      if (isNumber(value)) found.set(`${tag} ${step}`, { tag, step, value, time });
  }
  return [...found.values()].sort((a, b) => a.step - b.step);
}

/**
 * Writes an event file for each model of a run into `directory/CELL`; answers how many. Wall times are the seconds since the
 * training began.
 *
 * Errors: "output"; "input" for a broken journal.
 */
export async function writeEventFiles(run: string, directory: string): Promise<number> {
  const root = join(run, "models");
  if (!existsSync(root)) return 0;
  const journals = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
    (path) => basename(path) === "training.jsonl",
  );
  for (const journal of journals.sort()) {
    const folder = await ensureDirectory(join(directory, dirname(journal)));
    const scalars = scalarsOf(await readJournal(join(root, journal)));
    await writeFileAtomic(join(folder, "events.out.tfevents.0000000000.lintel"), eventFile(scalars));
  }
  return journals.length;
}
