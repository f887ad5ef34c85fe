/** A canceled question ends before its next step, and spoils nothing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { knownExamples, knownModels, saveKnownModel } from "../../selftest/index.ts";
import type { Reply } from "../types.ts";
import { openAnswerer } from "./answerer.ts";

const scratch = mkdtempSync(join(tmpdir(), "lintel-answerer-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** A signal that is aborted once it has been looked at so often. */
function abortedAfter(looks: number): { signal: AbortSignal; looked: () => number } {
  const { signal } = new AbortController();
  let looked = 0;
  signal.throwIfAborted = () => {
    looked++;
    if (looked > looks) throw new Error("canceled");
  };
  return { signal, looked: () => looked };
}

it("ends a question at any of its steps, and answers it when it is asked again", async () => {
  const directory = join(scratch, "model");
  await saveKnownModel(directory, knownModels[0]!);
  const [example] = knownExamples(1, 1, 0);
  const tell = { onLine: () => undefined, onWarning: () => undefined };
  const own = { key: "0", example: example!, task: { kind: "own" } } as const;
  const fresh = await openAnswerer({ request: { directory, threads: 1 } }, tell);
  const whole = abortedAfter(Number.POSITIVE_INFINITY);
  const expected = (await fresh.ask(own, whole.signal)) as Reply;
  await fresh.release();
  expect(whole.looked()).toBeGreaterThan(5);

  const answerer = await openAnswerer({ request: { directory, threads: 1 } }, tell);
  try {
    for (let looks = 0; looks < whole.looked(); looks++)
      await expect(answerer.ask(own, abortedAfter(looks).signal), `${looks}`).rejects.toThrow("canceled");
    expect(await answerer.ask(own, abortedAfter(1e9).signal)).toEqual(expected);
    expect(expected.probabilities!.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  } finally {
    await answerer.release();
  }
});
