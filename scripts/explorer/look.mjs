/**
 * Pictures of every view, to look at: `npm run build && node scripts/explorer/look.mjs OUT PATH… [-- VIEW…]`.
 *
 * Serves the run or audits at PATH… and opens all views in Chromium (CHROMIUM, or the `chromium` on PATH), whole, at 1280
 * and 390 px, in light and dark colors; then prints each one. Writes VIEW-WIDTH-THEME.png and VIEW.pdf to OUT, and prints
 * what can be measured: what is wider than its window, text that is cut, serious findings of axe-core, errors.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import { openContents, serveExplorer } from "../../dist/explorer/index.js";
import { seriousFaults } from "./axe.mjs";

const VIEWS = "overview examples example latents inside compare dose try training recipes".split(" ");
const HIGHEST = 6000;
const given = process.argv.slice(2);
const cut = given.indexOf("--");
const only = cut < 0 ? VIEWS : given.splice(cut).slice(1);
const [out, ...paths] = given;
const executablePath =
  process.env.CHROMIUM ??
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((directory) => join(directory, "chromium"))
    .find((path) => existsSync(path));
if (paths.length === 0 || executablePath === undefined) {
  console.error(
    "usage: node scripts/explorer/look.mjs OUT PATH… [-- VIEW…], with Chromium on PATH or in CHROMIUM",
  );
  process.exit(2);
}
const contents = await openContents(paths);
const { audits } = await contents.get("run");
const best = audits.findIndex(
  ({ result, latents, model }) => latents && model !== null && result?.interventions.oracle,
);
const a = process.env.AUDIT ?? Math.max(0, best);
const records = audits.length > 0 ? await contents.get(`outcomes/${a}/0`).catch(() => []) : [];
const row = Math.max(
  0,
  records.findIndex(
    ({ answer, outcomes: { own, oracle } }) =>
      own && own.choice !== answer && own.blocks > 0 && oracle?.choice === answer,
  ),
);
const addresses = {
  overview: `overview?a=${a}`,
  examples: `examples?a=${a}`,
  example: `examples?a=${a}&row=${row}`,
  latents: `latents?a=${a}&row=${row}`,
  inside: `inside?a=${a}&row=${row}`,
  compare: `compare?a=${a}`,
  dose: `dose?a=${a}&row=${row}${audits.length > 0 ? "&measure=1" : ""}`,
  try: `try?a=${a}&row=${row}&src=oracle&mix=0.4`,
  training: "training",
  recipes: "recipes",
};

/** What is wider than the window, and texts that their boxes cut. */
function defects() {
  const name = (e) =>
    `${e.tagName.toLowerCase()}.${String(e.className?.baseVal ?? e.className).replaceAll(" ", ".")}`;
  const scrolls = (e) => {
    for (let each = e; each && each !== document.body; each = each.parentElement)
      if (/auto|scroll/.test(getComputedStyle(each).overflowX) && each.tagName !== "MAIN") return true;
    return false;
  };
  const found = [];
  for (const e of document.querySelectorAll("main *")) {
    const box = e.getBoundingClientRect();
    if (box.width === 0 || e.closest(".hidden, details:not([open])")) continue;
    if (box.right > innerWidth + 1 && !scrolls(e))
      found.push(`wide ${Math.round(box.right)}: ${name(e)} ${e.textContent.slice(0, 40)}`);
    const style = getComputedStyle(e);
    if (style.overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
      found.push(`cut ${e.scrollWidth}>${e.clientWidth}: ${name(e)} ${e.textContent.slice(0, 40)}`);
    if (/auto|scroll/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1)
      found.push(`scrolls ${e.scrollWidth}>${e.clientWidth}: ${name(e)}`);
    if (e.tagName === "text") {
      const svg = e.ownerSVGElement.getBoundingClientRect();
      if (
        box.left < svg.left - 1 ||
        box.right > svg.right + 1 ||
        box.bottom > svg.bottom + 1 ||
        box.top < svg.top - 1
      )
        found.push(`outside its figure: ${e.textContent}`);
    }
  }
  return [...new Set(found)].slice(0, 12);
}

await mkdir(out, { recursive: true });
const served = await serveExplorer(contents);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  for (const [width, colorScheme] of [
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
  ]) {
    const page = await browser.newPage({
      viewport: { width, height: 860 },
      colorScheme,
      reducedMotion: "reduce",
    });
    const say = (text) => console.log(`${page.url().replace(/.*#/, "#")} ${width} ${colorScheme}: ${text}`);
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && say(message.text()));
    page.on("pageerror", (error) => say(error.message));
    await page.goto(served.url);
    for (const view of only) {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `#/${addresses[view]}`);
      await page.setViewportSize({ width, height: 860 });
      await page.waitForTimeout(1500);
      // Answers of a model take a while: wait until the page's text stays the same.
      for (let last = "", same = 0, tries = 0; same < 3 && tries < 60; tries++) {
        const text = await page.locator("main").innerText();
        same = text === last ? same + 1 : 0;
        last = text;
        await page.waitForTimeout(400);
      }
      const high = await page.evaluate(() =>
        Math.max(
          ...[...document.querySelectorAll("main, .detail-side")].map(
            (e) => e.scrollHeight + e.getBoundingClientRect().top,
          ),
        ),
      );
      if (view !== "examples")
        await page.setViewportSize({ width, height: Math.min(HIGHEST, Math.max(860, Math.ceil(high))) });
      await page.waitForTimeout(400);
      await page.screenshot({ path: join(out, `${view}-${width}-${colorScheme}.png`) });
      for (const defect of await page.evaluate(defects)) say(defect);
      for (const [id, html] of await seriousFaults(page)) say(`axe ${id}: ${html.slice(0, 120)}`);
      if (width === 1280 && colorScheme === "light")
        await page.pdf({ path: join(out, `${view}.pdf`), preferCSSPageSize: true });
    }
    await page.close();
  }
} finally {
  await browser.close();
  await served.close();
}
