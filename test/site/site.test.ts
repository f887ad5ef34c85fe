/**
 * The documentation site, opened in Chromium: every page loads without errors and without a request to any other host,
 * every link leads to a page and an anchor, images are drawn, and the search finds a page.
 *   npm run docs && LINTEL_SITE=1 npx vitest run test/site
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const site = fileURLToPath(new URL("../../site", import.meta.url));

/** Every page of the site, as a path within it. */
function pagesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((file) =>
    file.isDirectory()
      ? pagesIn(join(folder, file.name))
      : file.name.endsWith(".html")
        ? [relative(site, join(folder, file.name))]
        : [],
  );
}

const kinds: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** Serves the files of the site on this machine. */
async function serve(): Promise<Server> {
  const server = createServer(({ url = "/" }, response) => {
    const path = decodeURIComponent(url.split(/[?#]/)[0]!).replace(/\/$/, "/index.html");
    const file = join(site, path);
    if (!file.startsWith(site) || !existsSync(file)) return response.writeHead(404).end();
    return response
      .writeHead(200, { "content-type": kinds[extname(file)] ?? "text/plain" })
      .end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

describe.runIf(process.env.LINTEL_SITE)("the site of the documentation", () => {
  let server: Server;
  let base: string;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  /** Page → ids of its elements, and targets of its links. */
  const seen = new Map<string, { ids: Set<string>; links: string[] }>();

  beforeAll(async () => {
    const executablePath = process.env.LINTEL_CHROMIUM ?? "/usr/bin/chromium";
    server = await serve();
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    page = await browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        faults.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
    page.on("requestfailed", (request) => faults.push(`${page.url()}: ${request.url()} failed`));
    await page.route(
      (url) => url.protocol.startsWith("http") && !url.href.startsWith(base),
      (route) => {
        faults.push(`${page.url()}: asks for ${route.request().url()}`);
        return route.abort();
      },
    );
    for (const path of pagesIn(site)) {
      await page.goto(base + path, { waitUntil: "load" });
      const found = await page.evaluate<{ ids: string[]; links: string[]; broken: string[] }>(`({
        ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
        links: [...document.querySelectorAll("a[href]")].map(({ href }) => href),
        broken: [...document.images].filter(({ naturalWidth }) => naturalWidth === 0).map(({ src }) => src),
      })`);
      faults.push(...found.broken.map((image) => `${path}: ${image} is not drawn`));
      seen.set(path, { ids: new Set(found.ids), links: found.links });
    }
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it("opens every page without errors and without the network", () => {
    expect(seen.size).toBeGreaterThan(150);
    expect(faults).toEqual([]);
  });

  it("has no link that leads nowhere", () => {
    const broken = [...seen].flatMap(([path, { links }]) =>
      links
        .filter((link) => link.startsWith(base) || link.startsWith("file:"))
        .filter((link) => {
          const [file, anchor] = link.split("#");
          if (!file!.startsWith(base)) return true;
          const target = decodeURIComponent(file!.slice(base.length)) || "index.html";
          if (!existsSync(join(site, target)) || statSync(join(site, target)).isDirectory()) return true;
          return (
            Boolean(anchor) && seen.has(target) && !seen.get(target)!.ids.has(decodeURIComponent(anchor!))
          );
        })
        .map((link) => `${path} → ${link.replace(base, "")}`),
    );
    expect([...new Set(broken)]).toEqual([]);
  });

  it("has every page of docs in its menu, in the order of docs/index.md", async () => {
    const order = [...readFileSync(join(site, "../docs/index.md"), "utf8").matchAll(/\]\(([\w/-]+\.md)\)/g)];
    const titles = order
      .map(([, path]) => readFileSync(join(site, "../docs", path!), "utf8").match(/^# (.+)$/m)![1]!)
      .map((title) => title.replaceAll("`", ""));
    expect(titles.length).toBeGreaterThan(20);
    await page.goto(base);
    await page.locator("#tsd-nav-container a").first().waitFor({ state: "attached" });
    const menu = await page.locator("#tsd-nav-container a").allTextContents();
    const places = titles.map((title) => menu.findIndex((entry) => entry.trim() === title));
    expect(places.filter((place) => place < 0)).toEqual([]);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it("has every function of the entry, with an example and the type of its options", async () => {
    const entry = await import("../../src/index.ts");
    for (const [name, value] of Object.entries(entry)) {
      if (typeof value !== "function" || /^[A-Z]/.test(name)) continue;
      const path = [...seen.keys()].find((each) =>
        new RegExp(`functions/(?:\\w+\\.)?${name}\\.html$`).test(each),
      );
      expect(path, name).toBeDefined();
      expect(readFileSync(join(site, path!), "utf8"), name).toContain(">Example<");
    }
    for (const name of ["AuditRequest", "TrainOptions", "StudyOptions", "GenerateOptions"])
      expect(
        [...seen.keys()].some((each) => each.endsWith(`.${name}.html`) || each.endsWith(`/${name}.html`)),
        name,
      ).toBe(true);
  });

  it("finds a page by a word", async () => {
    await page.goto(base);
    await page.locator("#tsd-search-trigger").click();
    await page.locator("#tsd-search-input").fill("bypassed");
    await page.locator("#tsd-search-results li").first().waitFor();
    expect(await page.locator("#tsd-search-results li").count()).toBeGreaterThan(0);
  });
});
