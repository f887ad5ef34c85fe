/** Workers need built files, as users have: what they paint is what one thread paints. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

type Tasks = typeof import("../../src/tasks/index.ts");
type Parallel = typeof import("../../src/tasks/parallel.ts");
const built = async <T>(path: string): Promise<T> =>
  (await import(new URL(`../../dist/tasks/${path}`, import.meta.url).href)) as T;

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-parallel-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe("painting in workers", () => {
  it("writes the same dataset, byte for byte, with any number of workers", async () => {
    const { generateDataset } = await built<Tasks>("index.js");
    const made = [0, 2, 3].map(async (workers) => {
      const out = join(scratch, `workers-${workers}`);
      const sizes = { train: 403, eval: 5, heldOut: 0 };
      await generateDataset({ task: "crop", out, ...sizes, seed: 4, parameters: { plan: "named" }, workers });
      return readFileSync(join(out, "lintel.json"), "utf8");
    });
    const [one, ...others] = await Promise.all(made);
    for (const other of others) expect(other).toBe(one);
  });

  it("passes on what went wrong in a worker, in its words and with its code", async () => {
    const { paintInParallel, canPaintInParallel } = await built<Parallel>("parallel.js");
    expect(canPaintInParallel()).toBe(true);
    const request = { task: "tetris", split: "train", count: 9, seed: 0, parameters: { exemplars: 5000 } };
    const drained = (async () => {
      for await (const { id } of paintInParallel(request, 2)) expect(id).toBe("none");
    })();
    await expect(drained).rejects.toMatchObject({
      code: "usage",
      message: "parameter exemplars of tetris must be an integer from 0 to 1000, got 5000",
    });
  });

  it("stops its workers when no more examples are wanted", async () => {
    const { paintInParallel } = await built<Parallel>("parallel.js");
    const request = { task: "tetris", split: "train", count: 1e6, seed: 0, parameters: {} };
    const ids: string[] = [];
    for await (const { id } of paintInParallel(request, 2)) {
      ids.push(id);
      if (ids.length === 5) break;
    }
    expect(ids).toEqual([0, 1, 2, 3, 4].map((number) => `train-00000${number}`));
    expect(
      process.getActiveResourcesInfo().filter((name) => name === "MessagePort" || name === "Worker"),
    ).toEqual([]);
  });

  it("is left to builds: from sources there are no workers, and the same dataset comes", async () => {
    const source = await import("../../src/tasks/parallel.ts");
    expect(source.canPaintInParallel()).toBe(false);
    const { generateDataset } = await import("../../src/tasks/index.ts");
    const out = join(scratch, "sources");
    await generateDataset({ task: "crop", out, train: 403, eval: 0, heldOut: 0, seed: 4, workers: 2 });
    expect(existsSync(join(out, "lintel.json"))).toBe(true);
  });
});
