/** An audit of any size without a model: the journal and questions of a real one, over and over under other ids. */
import { readFileSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sealed, sealPart, writeLinesAtomic } from "../../src/formats/index.ts";

/** Lines of a JSON Lines file as records. */
const recordsOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const idOf = (i: number): string => `eval-${String(i).padStart(7, "0")}`;

/**
 * Makes the directory of an audit of `n` examples. Every example has its own id and images, and the log-probabilities, doses
 * and texts of one of the real audit's; `audit.json` is the real audit's, as nothing here is measured.
 */
export async function makeAudit(from: string, to: string, n: number): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of ["asked.json", "verdict.md", "table.md"]) await cp(join(from, name), join(to, name));
  const outcomes = recordsOf(join(from, "outcomes.jsonl"));
  const questions = recordsOf(join(from, "examples.jsonl"));
  function* lines(of: readonly Record<string, unknown>[], change: (i: number) => object): Generator<string> {
    for (let i = 0; i < n; i++) yield JSON.stringify({ ...of[i % of.length], ...change(i) });
  }
  function* journal(): Generator<string> {
    for (const line of lines(outcomes, (i) => ({
      example: idOf(i),
      images: `images ${i}`,
      check: undefined,
    })))
      yield JSON.stringify(sealed(JSON.parse(line) as object));
  }
  await writeLinesAtomic(join(to, "outcomes.jsonl"), journal());
  await writeLinesAtomic(
    join(to, "examples.jsonl"),
    lines(questions, (i) => ({ example: idOf(i) })),
  );
  const document = JSON.parse(readFileSync(join(from, "audit.json"), "utf8")) as { schemaVersion?: unknown };
  delete document.schemaVersion;
  await sealPart(to, { name: "audit.json", document });
}
