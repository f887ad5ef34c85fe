/** For tests only: a page in Chromium that notes every error, and every request that leaves this machine. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

export interface Watched {
  page: Page;
  /** Errors of the console and of scripts, failed and foreign requests. */
  faults: string[];
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.LINTEL_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });

export async function watched(
  browser: Browser,
  base: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) faults.push(`asks for ${url}`);
  });
  return { page, faults };
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Serious faults of accessibility, each with the first element that has it. The page's content security policy is bypassed. */
export async function seriousFaults(page: Page): Promise<[id: string, html: string][]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{
    violations: { impact: string; id: string; nodes: { html: string }[] }[];
  }>("axe.run()");
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => [id, nodes[0]!.html]);
}

/** What of the view reaches beyond the window, and is not in a box that scrolls. */
export const beyond = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const scrolls = (each: Element): boolean =>
      each.tagName !== "MAIN" &&
      (/auto|scroll/.test(getComputedStyle(each).overflowX) ||
        (each.parentElement !== null && scrolls(each.parentElement)));
    return [...document.querySelectorAll("main *")]
      .filter((each) => {
        const { right, width, height } = each.getBoundingClientRect();
        const shown =
          width > 0 && height > 0 && !each.closest("details:not([open]) > :not(summary), .hidden");
        return shown && right > innerWidth + 1 && !scrolls(each);
      })
      .map((each) => `${each.tagName}.${each.getAttribute("class")} ${each.textContent?.slice(0, 20)}`)
      .slice(0, 5);
  });
