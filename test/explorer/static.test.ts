/** The static export in Chromium, from the file system and from a plain server: it shows what the server shows. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { exportExplorer, openContents } from "../../src/explorer/index.ts";
import { writeRun } from "../../src/report/run.fixture.ts";
import { onStage, watched } from "./browser.fixture.ts";

const KINDS: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

describe.runIf(process.env.LINTEL_EXPLORER)("the explorer as a folder", () => {
  let plain: Server = undefined!;
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

  const ui = onStage("static", async () => {
    await writeRun(run, { examples: 40, seeds: 2, plans: 1 });
    const contents = await openContents([run]);
    await exportExplorer(contents, folder);
    plain = createServer((request, response) => {
      const path = decodeURIComponent(request.url!.split(/[?#]/)[0]!).replace(/\/$/, "/index.html");
      response
        .writeHead(200, { "content-type": KINDS[extname(path)] ?? "text/plain" })
        .end(readFileSync(join(folder, path)));
    });
    await new Promise<void>((done) => plain.listen(0, "127.0.0.1", done));
    return contents;
  });
  afterAll(() => {
    plain?.close();
  });
  const [run, folder] = [ui.at("run"), ui.at("a folder with spaces")];

  it("shows in every view what the server shows, without errors", async () => {
    const live = await ui.watch();
    const bases = [
      pathToFileURL(join(folder, "index.html")).href,
      `http://127.0.0.1:${(plain.address() as AddressInfo).port}/`,
    ];
    const expected = [];
    for (const view of Object.entries(views)) expected.push(await text(live.page, ui.url, view));
    expect(live.faults).toEqual([]);
    for (const base of bases) {
      const { page, faults } = await watched(ui.browser, base.replace(/index\.html$/, ""));
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
