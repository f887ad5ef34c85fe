/** For tests only: a page in Chromium that notes every error, and every request that leaves this machine. */
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type openContents, type Served, serveExplorer } from "../../src/explorer/index.ts";

export { seriousFaults } from "../../scripts/explorer/axe.mjs";

export interface Watched {
  page: Page;
  /** Errors of the console and of scripts, failed and foreign requests. */
  faults: string[];
}

const launch = (): Promise<Browser> =>
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

/** Server, browser and first page of the tests of one `describe`. */
interface Stage {
  /** A path in a folder that is removed after the tests. */
  at(...parts: string[]): string;
  readonly browser: Browser;
  readonly url: string;
  readonly page: Page;
  /** Faults of the first page. */
  readonly faults: string[];
  /** A separate page. */
  watch(options?: BrowserContextOptions): Promise<Watched>;
  /** Opens an address of the explorer in the first page. */
  open(hash: string): Promise<void>;
  /** Serves other contents, until the tests end. */
  serve(contents: Contents): Promise<Served>;
}

type Contents = Awaited<ReturnType<typeof openContents>>;

/** Before the tests of a `describe`, serves what `prepare` makes and opens Chromium; after them, closes and removes all. */
export function onStage(name: string, prepare: (stage: Stage) => Promise<Contents | undefined>): Stage {
  const scratch = join(tmpdir(), `lintel-${name}-${randomBytes(4).toString("hex")}`);
  const servers: Served[] = [];
  let [browser, main, first]: [Browser?, Served?, Watched?] = [];
  const stage: Stage = {
    at: (...parts) => join(scratch, ...parts),
    get browser() {
      return browser!;
    },
    get url() {
      return main!.url;
    },
    get page() {
      return first!.page;
    },
    get faults() {
      return first!.faults;
    },
    watch: (options) => watched(browser!, main!.url, options),
    open: async (hash) => {
      await first!.page.goto(`${stage.url}#/${hash}`);
      await first!.page.locator("main").waitFor();
    },
    serve: async (contents) => {
      const served = await serveExplorer(contents);
      servers.push(served);
      return served;
    },
  };
  beforeAll(async () => {
    mkdirSync(scratch);
    const contents = await prepare(stage);
    browser = await launch();
    if (!contents) return;
    main = await stage.serve(contents);
    first = await stage.watch();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    for (const served of servers) await served.close();
    rmSync(scratch, { recursive: true, force: true });
  });
  return stage;
}
