/**
 * Screenshot of a study's report for the README: `node scripts/screenshot.mjs RUN [OUT]`.
 *
 * Opens RUN/report.html in Chromium (CHROMIUM, or the `chromium` on PATH), 1200 px wide, in light colors. The picture
 * has the page's headline and, below it, the first model's accuracies; it is written to OUT
 * (default: docs/images/report.png) as a PNG with a palette of 64 colors.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";

const WIDTH = 1200;
const GAP = 24;
const root = fileURLToPath(new URL("..", import.meta.url));
const [run, out = join(root, "docs", "images", "report.png")] = process.argv.slice(2);

/** The browser's path: CHROMIUM, or the first known name on PATH. */
function browserPath() {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const found = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((directory) => names.map((name) => join(directory, name)))
    .find((path) => existsSync(path));
  return process.env.CHROMIUM ?? found;
}

/** Top and bottom of what is shown of the page, in pixels: the headline, and one model's accuracies. */
async function regionsOf(page) {
  return page.evaluate((gap) => {
    const box = (selector) => document.querySelector(selector).getBoundingClientRect();
    const section = box("section.cell");
    return [
      { top: 0, bottom: box(".meta").bottom + gap },
      { top: section.top - gap, bottom: box("section.cell figure.accuracy").bottom + gap },
    ];
  }, GAP);
}

const executablePath = browserPath();
if (run === undefined || executablePath === undefined) {
  console.error("usage: node scripts/screenshot.mjs RUN [OUT], with Chromium on PATH or in CHROMIUM");
  process.exit(2);
}
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 900 }, colorScheme: "light" });
  await page.goto(pathToFileURL(resolve(run, "report.html")).href);
  let height = 0;
  const layers = [];
  for (const { top, bottom } of await regionsOf(page)) {
    const clip = { x: 0, y: Math.max(0, top), width: WIDTH, height: Math.round(bottom - Math.max(0, top)) };
    layers.push({ input: await page.screenshot({ fullPage: true, clip }), left: 0, top: height });
    height += clip.height;
  }
  const canvas = sharp({ create: { width: WIDTH, height, channels: 3, background: "#fbfaf7" } });
  const joined = await canvas.composite(layers).png().toBuffer();
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, await sharp(joined).png({ palette: true, colors: 64 }).toBuffer());
} finally {
  await browser.close();
}
