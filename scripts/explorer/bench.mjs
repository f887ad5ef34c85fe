/**
 * How soon the explorer shows a large audit: `npm run build && node scripts/explorer/bench.mjs [EXAMPLES]`.
 *
 * Writes a made-up audit of so many examples (default: 100,000) under 13 interventions, with its dataset, to a scratch
 * directory, and opens its table in Chromium (LINTEL_CHROMIUM, or `chromium` on PATH): once without an index beside the
 * journal, then five times by a new server. Prints JSON lines: milliseconds from the address to the first rows, rows without
 * content while the table is scrolled from end to end (of 183 places looked at), and memory: the page's heap with what
 * it keeps beside, and all that its process holds (Linux). Nothing else should run meanwhile. Ends with 1 where memory
 * reaches 400 MB or a row is blank; times are for whoever reads them.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { summarize } from "../../dist/audit/index.js";
import { openContents, serveExplorer } from "../../dist/explorer/index.js";
import { sealed } from "../../dist/formats/index.js";
import { taskNamed, writeDataset } from "../../dist/tasks/index.js";

const NAMES =
  "own oracle zeros noise noise-matched mean other-own mean-oracle shuffle other-oracle random-crop counterfactual skip";
/** Pictures of their own; further examples repeat them. */
const PAINTED = 300;
const OPENINGS = 5;
const MEGABYTES = 400;
const n = Number(process.argv[2] ?? 100_000);
const scratch = await mkdtemp(join(tmpdir(), "lintel-explorer-bench-"));

/** One audit of a run: n examples of tetris. */
async function writeAudit(run) {
  const { title, description, generate } = taskNamed("tetris");
  const painted = [...generate("eval", Math.min(n, PAINTED), 7, { rendering: "pocket" })];
  const examples = Array.from({ length: n }, (_, i) => ({
    ...painted[i % painted.length],
    id: `eval-${String(i).padStart(6, "0")}`,
  }));
  const lines = examples.map(({ id, answer, options }, i) => ({
    example: id,
    answer,
    options,
    outcomes: Object.fromEntries(
      NAMES.split(" ").map((name, k) => {
        const choice =
          (answer + ((i * 7 + k * 13) % 5 === 0 ? 0 : (i + k) % options.length)) % options.length;
        return [
          name,
          {
            text: `<|latent_start|><|latent|><|latent_end|>${options[choice]}<|im_end|>`,
            choice,
            optionLogProbabilities: options.map((_, o) => -1 - ((i + o + k) % 17) / 7.1),
            blocks: 1,
            steps: 2,
            endings: ["count"],
          },
        ];
      }),
    ),
  }));
  const directory = join("audits", "tetris", "joint", "0", "eval");
  await mkdir(join(run, directory), { recursive: true });
  await writeFile(
    join(run, directory, "outcomes.jsonl"),
    lines.map((line) => `${JSON.stringify(sealed(line))}\n`).join(""),
  );
  const first = summarize(lines.slice(0, 2000), null, { split: "eval", directory });
  await writeFile(join(run, directory, "audit.json"), JSON.stringify(first));
  await writeDataset(
    join(run, "datasets", "tetris"),
    { eval: examples },
    { task: "tetris", title, description, seed: 7, parameters: {} },
  );
  await writeFile(join(run, "study.json"), "{}");
  return join(run, directory, "outcomes.jsonl");
}

/** Memory that the pages' processes share with no other, in megabytes; null where /proc does not tell. */
async function rendererMegabytes(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => {
      const path = `/proc/${id}/status`;
      return existsSync(path) ? Number(/RssAnon:\s+(\d+)/.exec(readFileSync(path, "utf8"))?.[1]) : Number.NaN;
    });
  const whole = sizes.reduce((sum, size) => sum + size, 0) / 1000;
  return Number.isFinite(whole) ? Math.round(whole) : null;
}

/** Opens the table in a new browser profile, by a new server. */
async function opening(browser, run, name) {
  const contents = await openContents([run]);
  const served = await serveExplorer(contents);
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  try {
    const begun = performance.now();
    await page.goto(`${served.url}#/examples?a=0`);
    await page.locator(".grid-row").nth(5).waitFor({ timeout: 60_000 });
    const milliseconds = Math.round(performance.now() - begun);
    const session = await page.context().newCDPSession(page);
    const { blank } = await page.evaluate(async () => {
      const grid = document.querySelector(".grid");
      let blank = 0;
      for (let step = 0; step <= 60; step++) {
        grid.scrollTop = (grid.scrollHeight * step) / 60;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const { top, bottom, left } = grid.getBoundingClientRect();
        for (const y of [top + 60, (top + bottom) / 2, bottom - 30])
          if (!document.elementFromPoint(left + 60, y)?.closest(".grid-row")) blank++;
      }
      return { blank };
    });
    await session.send("HeapProfiler.collectGarbage");
    const {
      usedSize,
      embedderHeapUsedSize = 0,
      backingStorageSize = 0,
    } = await session.send("Runtime.getHeapUsage");
    const processMegabytes = await rendererMegabytes(browser);
    if (blank > 0 || Math.max(processMegabytes ?? 0, usedSize / 1e6) >= MEGABYTES) process.exitCode = 1;
    console.log(
      JSON.stringify({
        opening: name,
        milliseconds,
        blank,
        pageMegabytes: Math.round((usedSize + embedderHeapUsedSize + backingStorageSize) / 1e6),
        processMegabytes,
        load: Number(loadavg()[0].toFixed(2)),
      }),
    );
  } finally {
    await page.close();
    await served.close();
  }
}

const browser = await chromium.launch({
  executablePath: process.env.LINTEL_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const run = join(scratch, "run");
  const { size } = await stat(await writeAudit(run));
  console.log(
    JSON.stringify({ examples: n, journalMegabytes: Math.round(size / 1e6), cores: cpus().length }),
  );
  await opening(browser, run, "first, without an index");
  for (let i = 0; i < OPENINGS; i++) await opening(browser, run, "with an index");
} finally {
  await browser.close();
  await rm(scratch, { recursive: true });
}
