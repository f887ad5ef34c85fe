/**
 * Screenshots of the explorer for README and docs: `npm run build && node scripts/explorer/screenshots.mjs RUN [OUT]`.
 *
 * Serves RUN and opens its views in Chromium (CHROMIUM, or the `chromium` on PATH) in light colors, at the first audit
 * that has own and oracle latents and a model that runs in the page, and there at the first question that the oracle gets
 * right and own latents wrong. Writes explorer-VIEW.png with a palette of 128 colors to OUT (default: docs/images).
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";
import { openContents, serveExplorer } from "../../dist/explorer/index.js";

const [WIDTH, HEIGHT] = [1280, 860];
const root = fileURLToPath(new URL("../..", import.meta.url));
const [run, out = join(root, "docs", "images")] = process.argv.slice(2);
const executablePath =
  process.env.CHROMIUM ??
  (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((directory) =>
      ["chromium", "chromium-browser", "google-chrome"].map((name) => join(directory, name)),
    )
    .find((path) => existsSync(path));
if (run === undefined || executablePath === undefined) {
  console.error(
    "usage: node scripts/explorer/screenshots.mjs RUN [OUT], with Chromium on PATH or in CHROMIUM",
  );
  process.exit(2);
}

const contents = await openContents([run]);
const { audits } = await contents.get("run");
const audit = audits.findIndex(
  ({ result, latents, model }) => latents && model !== null && result?.interventions.oracle,
);
if (audit < 0) {
  console.error(
    `${run}: expected an audit with oracle latents and a model that runs in the page; there is none`,
  );
  process.exit(1);
}
/** The first question of the first block that own latents get wrong and the oracle right. */
const records = await contents.get(`outcomes/${audit}/0`);
const found = records.findIndex(
  ({ answer, outcomes: { own, oracle } }) =>
    own.choice !== answer && own.blocks > 0 && oracle?.choice === answer,
);
const row = Math.max(0, found);
const flips = encodeURIComponent("own=wrong~oracle=right");

/** By name of the picture: the address, what has to be there, and the height. */
const shots = {
  overview: [`overview?a=${audit}`, "table.interventions", HEIGHT],
  examples: [`examples?a=${audit}&f=${flips}&row=${row}`, ".looks li img", HEIGHT],
  latents: [`latents?a=${audit}&row=${row}`, ".looks li img", 1000],
  inside: [`inside?a=${audit}&row=${row}`, ".meter", 1100],
  // An audit without doses is measured in the page.
  dose: [`dose?a=${audit}&row=${row}&blend=2&measure=1`, "main :is(.dial, .live-dose .answer)", 640],
  try: [`try?a=${audit}&row=${row}&src=oracle&mix=0.4`, ".said-now", 640],
};

const served = await serveExplorer(contents);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  await mkdir(out, { recursive: true });
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme: "light" });
  for (const [name, [hash, part, height]] of Object.entries(shots)) {
    await page.setViewportSize({ width: WIDTH, height });
    await page.goto(`${served.url}#/${hash}`);
    await page.locator(part).first().waitFor({ timeout: 120_000 });
    await page.waitForLoadState("networkidle");
    await page.waitForTimeout(500);
    const shot = await page.screenshot();
    await writeFile(
      join(out, `explorer-${name}.png`),
      await sharp(shot).png({ palette: true, colors: 128 }).toBuffer(),
    );
    console.log(join(out, `explorer-${name}.png`));
  }
} finally {
  await browser.close();
  await served.close();
}
