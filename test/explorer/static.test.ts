/** The static export in Chromium, from the file system and from a plain server: it shows what the server shows. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportExplorer, openContents, type Served, serveExplorer } from "../../src/explorer/index.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { launch, watched } from "./browser.fixture.ts";

const KINDS: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

describe.runIf(process.env.LINTEL_EXPLORER)("the explorer as a folder", () => {
  const scratch = mkdtempSync(join(tmpdir(), "lintel-static-"));
  const [run, folder] = [join(scratch, "run"), join(scratch, "a folder with spaces")];
  let [browser, served, plain]: [Browser, Served, Server] = [undefined!, undefined!, undefined!];
  const views = {
    "overview?a=1": "main",
    "examples?a=0&f=own%3Dwrong%7Eoracle%3Dright&row=3&q=000": ".list-side .tally, .example",
    "latents?a=0&row=1": ".stats, .looks",
    "compare?a=0&b=2": "main",
    training: "main",
    recipes: "main",
  };
  const text = async (page: Page, base: string, [hash, part]: [string, string]): Promise<string[]> => {
    await page.goto(`${base}#/${hash}`);
    for (const each of part.split(", ")) await page.locator(each).first().waitFor();
    await page.waitForFunction(
      () => !/Reading the|could not/.test(document.querySelector("main")!.textContent!),
    );
    await page.waitForTimeout(300);
    return page.locator(part).allInnerTexts();
  };

  beforeAll(async () => {
    await writeRun(run, { examples: 40, seeds: 2, plans: 1 });
    const contents = await openContents([run]);
    await exportExplorer(contents, folder);
    served = await serveExplorer(contents);
    plain = createServer((request, response) => {
      const path = decodeURIComponent(request.url!.split(/[?#]/)[0]!).replace(/\/$/, "/index.html");
      response
        .writeHead(200, { "content-type": KINDS[extname(path)] ?? "text/plain" })
        .end(readFileSync(join(folder, path)));
    });
    await new Promise<void>((done) => plain.listen(0, "127.0.0.1", done));
    browser = await launch();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    plain?.close();
    rmSync(scratch, { recursive: true });
  });

  it("shows in every view what the server shows, without errors", async () => {
    const live = await watched(browser, served.url);
    const bases = [
      pathToFileURL(join(folder, "index.html")).href,
      `http://127.0.0.1:${(plain.address() as AddressInfo).port}/`,
    ];
    const expected = [];
    for (const view of Object.entries(views)) expected.push(await text(live.page, served.url, view));
    expect(live.faults).toEqual([]);
    for (const base of bases) {
      const { page, faults } = await watched(browser, base.replace(/index\.html$/, ""));
      for (const [i, view] of Object.entries(views).entries())
        expect(await text(page, base, view), view[0]).toEqual(expected[i]);
      expect(faults).toEqual([]);
    }
  }, 240_000);

  it("is written again over itself, and over nothing else", async () => {
    const contents = await openContents([run]);
    expect(await exportExplorer(contents, folder)).toBeGreaterThan(20);
    await expect(exportExplorer(contents, run)).rejects.toThrow(/a new directory, or one that/);
  });
});
