import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSafetensors, writeSafetensors } from "../formats/index.ts";
import { type Example, readSplit, writeDataset } from "../tasks/index.ts";
import { buildReport, readResults, writeReport } from "./index.ts";
import { readRun } from "./read-run.ts";
import { isMissing } from "./report-data.ts";
import { writeRun } from "./run.fixture.ts";

let run: string;
beforeAll(async () => {
  run = await mkdtemp(join(tmpdir(), "lintel-gather-"));
  await writeRun(run, { examples: 40, seeds: 1 });
});
afterAll(() => rm(run, { recursive: true }));

/** Runs `body` with a file of the run replaced (or removed), and puts it back. */
async function without(
  path: string,
  content: string | Uint8Array | null,
  body: () => Promise<void>,
): Promise<void> {
  const full = join(run, path);
  const before = await readFile(full);
  try {
    if (content === null) await rm(full);
    else await writeFile(full, content);
    await body();
  } finally {
    await writeFile(full, before);
  }
}

test("writeReport writes what buildReport returns, and the same again", async () => {
  const path = await writeReport(run);
  expect(path).toBe(join(run, "report.html"));
  const first = await readFile(path, "utf8");
  expect(first).toBe(await buildReport(run));
  await writeReport(run);
  expect(await readFile(path, "utf8")).toBe(first);
});

describe("results.json", () => {
  test("an audit's directory: its own report is named, not a study to be continued there", async () => {
    const audit = await mkdtemp(join(tmpdir(), "lintel-gather-audit-"));
    try {
      await writeFile(join(audit, "asked.json"), "{}");
      await expect(readResults(audit)).rejects.toThrow(
        /got that of an audit. Try the same `lintel audit` again/,
      );
      await writeFile(join(audit, "verdict.md"), "");
      await expect(readResults(audit)).rejects.toThrow(/got that of an audit. Try .*verdict\.md/);
    } finally {
      await rm(audit, { recursive: true });
    }
  });

  test("missing, cut off, or of another form: an error that names the file and the place", async () => {
    await expect(readResults(join(run, "nowhere"))).rejects.toMatchObject({
      code: "input",
      message: expect.stringContaining("no such file"),
    });
    await writeFile(join(run, "audit.json"), "{}");
    await without("results.json", null, () =>
      expect(readResults(run)).rejects.toThrow(/Try verdict\.md .* reports are of studies$/),
    );
    await rm(join(run, "audit.json"));
    const text = await readFile(join(run, "results.json"), "utf8");
    await without("results.json", text.slice(0, 500), () =>
      expect(buildReport(run)).rejects.toMatchObject({
        code: "input",
        message: expect.stringContaining("results.json"),
      }),
    );
    const wrong = JSON.parse(text);
    wrong.cells[0].audits[0].verdict = "splendid";
    await without("results.json", JSON.stringify(wrong), () =>
      expect(buildReport(run)).rejects.toThrow(/results\.json.*cells\.0\.audits\.0\.verdict/),
    );
  });

  test("a directory that leads out of the run is refused", async () => {
    const results = JSON.parse(await readFile(join(run, "results.json"), "utf8"));
    for (const directory of ["../elsewhere", "/etc", "audits/../../x"]) {
      results.cells[0].audits[0].directory = directory;
      await without("results.json", JSON.stringify(results), () =>
        expect(readRun(run)).rejects.toMatchObject({
          code: "input",
          message: expect.stringContaining("inside the run"),
        }),
      );
    }
  });
});

describe("files of the run", () => {
  const audit = "audits/tetris/joint/0/eval";

  test("those that are there are read", async () => {
    const { cells } = await readRun(run);
    const { latents, examples } = cells[0]!.audits[0]!;
    expect(isMissing(latents) ? null : [latents.n, latents.available]).toEqual([40, 40]);
    expect(isMissing(examples) ? null : examples.length).toBe(12);
    expect(isMissing(cells[0]!.curve) ? null : cells[0]!.curve.accuracy.length).toBe(12);
  });

  test("those that are missing are noted, and the report is made without them", async () => {
    await without("models/tetris/joint/0/training.jsonl", null, () =>
      without(`${audit}/latents.safetensors`, null, () =>
        without(`${audit}/outcomes.jsonl`, null, async () => {
          const { cells } = await readRun(run);
          expect(cells[0]!.curve).toEqual({ missing: "no training journal" });
          expect(cells[0]!.audits[0]).toEqual({
            latents: { missing: "no latents were kept" },
            examples: { missing: "no outcomes were kept" },
          });
          const page = await buildReport(run);
          for (const words of ["no training journal", "no latents were kept", "no outcomes were kept"]) {
            expect(page).toContain(words);
          }
        }),
      ),
    );
  });

  test("rows that the file says to hold no latents are left out of the picture", async () => {
    const path = `${audit}/latents.safetensors`;
    const tensors = await readSafetensors(join(run, path));
    const flags = Uint8Array.from({ length: 40 }, (_, i) => (i < 3 ? 0 : 1));
    await without(path, await readFile(join(run, path)), async () => {
      await writeSafetensors(
        join(run, path),
        tensors.set("hasOwn", { dtype: "U8", shape: [40], data: flags }),
      );
      const { latents } = (await readRun(run)).cells[0]!.audits[0]!;
      expect(isMissing(latents) ? null : [latents.n, latents.dropped, latents.available]).toEqual([
        37, 3, 40,
      ]);
    });
  });

  test("a journal may end in a half line; damage elsewhere is an error that names the file", async () => {
    const path = `${audit}/outcomes.jsonl`;
    const text = await readFile(join(run, path), "utf8");
    await without(path, `${text}{"example": "eval-0`, async () => {
      await readRun(run);
    });
    await without(path, text.replace('"example"', '"exam'), () =>
      expect(readRun(run)).rejects.toThrow(/outcomes\.jsonl:1/),
    );
    await without(`${audit}/latents.safetensors`, "not tensors", () =>
      expect(readRun(run)).rejects.toThrow(/latents\.safetensors/),
    );
  });

  test("an image that does not decode costs its own example's view, not the report", async () => {
    const broken = await mkdtemp(join(tmpdir(), "lintel-gather-broken-"));
    try {
      const splits: Record<string, Example[]> = {};
      for (const split of ["eval", "held-out"]) {
        const { examples } = await readSplit(join(run, "datasets/tetris"), split);
        const junk = Buffer.from("no image at all");
        splits[split] = examples.map((example) => ({ ...example, images: example.images.map(() => junk) }));
      }
      const about = { task: "tetris", title: "", description: "", seed: 0, parameters: {} };
      await writeDataset(join(broken, "d"), splits, about);
      const replaced = (path: string, body: () => Promise<void>) =>
        readFile(join(broken, "d", path)).then((bytes) => without(`datasets/tetris/${path}`, bytes, body));
      await replaced("lintel.json", () =>
        replaced("data/eval-00000-of-00001.parquet", () =>
          replaced("data/held-out-00000-of-00001.parquet", async () => {
            expect(await buildReport(run)).toContain("an image of this example does not decode");
          }),
        ),
      );
    } finally {
      await rm(broken, { recursive: true });
    }
  });

  test("without a dataset the examples are shown without question and images", async () => {
    const bare = await mkdtemp(join(tmpdir(), "lintel-bare-"));
    try {
      await writeRun(bare, { examples: 20, seeds: 1, plans: 1, datasets: false });
      const page = await buildReport(bare);
      expect(page).toContain("Question and images are not shown: the dataset is not in the run directory.");
      expect(page).toContain("eval-000000");
      expect(page).not.toContain("<img");
    } finally {
      await rm(bare, { recursive: true });
    }
  });
});
