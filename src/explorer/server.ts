/** The local server: one run, on this machine only, for whoever has the address. */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { LintelError } from "../util/index.ts";
import type { ModelHost } from "./answers/host.ts";
import { askRoute, LARGEST_BODY } from "./answers/route.ts";
import type { Contents } from "./contents.ts";
import { type AssetName, assets, POLICY, page, readAsset } from "./page.ts";

/** The port that is tried first. */
const PORT = 4320;
const TRIES = 20;

const HEADERS = {
  "content-security-policy": `${POLICY}; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/** The app as a function of requests. `token` is the first part of every path; `host` answers questions to models. */
export function explorerApp(contents: Contents, token: string, host?: ModelHost): Hono {
  const app = new Hono();
  const local = (host: string): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);
  app.use("*", async (c, next) => {
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    const host = c.req.header("host") ?? "";
    const origin = c.req.header("origin");
    const foreign =
      c.req.header("sec-fetch-site") === "cross-site" && c.req.header("sec-fetch-mode") !== "navigate";
    if (!local(host) || (origin !== undefined && origin !== `http://${host}`) || foreign)
      return c.text("This server answers pages of its own address only.", 403);
    const [, given = ""] = c.req.path.split("/");
    if (!same(given, token)) return c.text("Open the whole address that `lintel explore` printed.", 404);
    const asks = host !== undefined && c.req.method === "POST" && c.req.path === `/${token}/ask`;
    if (!asks && c.req.method !== "GET" && c.req.method !== "HEAD")
      return c.text("Only GET is answered.", 405);
    // Browsers name the origin of every POST.
    if (asks && origin === undefined) return c.text("A question names the page that asks it.", 403);
    await next();
    return undefined;
  });
  app.get(`/${token}`, (c) => c.redirect(`/${token}/`));
  app.get(`/${token}/`, (c) => c.html(page("server")));
  for (const name of Object.keys(assets) as AssetName[])
    app.get(`/${token}/${name}`, async (c) => {
      c.header("content-type", assets[name]);
      return c.body(new Uint8Array(await readAsset(name)));
    });
  app.get(`/${token}/data/:key{.+}`, async (c) => {
    try {
      const content = await contents.get(c.req.param("key").replace(/\.json$/, ""));
      return content === null
        ? c.json({ error: "There is nothing of that name." }, 404)
        : c.json(content as object);
    } catch (error) {
      return c.json({ error: (error as Error).message }, 422);
    }
  });
  if (host)
    app.post(
      `/${token}/ask`,
      bodyLimit({
        maxSize: LARGEST_BODY,
        onError: (c) => c.json({ error: `A question has at most ${LARGEST_BODY} bytes.` }, 413),
      }),
      askRoute(contents, host),
    );
  app.notFound((c) => c.text("There is nothing of that name.", 404));
  return app;
}

export interface Served {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves on the loopback address. Without a port, the first free one from 4320 on.
 *
 * Errors: "usage" where the port is in use or not allowed, with one that is free.
 */
export async function serveExplorer(
  contents: Contents,
  {
    port,
    token = randomBytes(16).toString("hex"),
    host,
  }: { port?: number | undefined; token?: string; host?: ModelHost } = {},
): Promise<Served> {
  const app = explorerApp(contents, token, host);
  const listen = (at: number): Promise<ReturnType<typeof createAdaptorServer>> =>
    new Promise((resolve, reject) => {
      const server = createAdaptorServer({ fetch: app.fetch });
      server.once("error", reject);
      server.listen(at, "127.0.0.1", () => resolve(server));
    });
  const started = async (from: number, tries: number): Promise<ReturnType<typeof createAdaptorServer>> => {
    for (let at = from; ; at++) {
      try {
        return await listen(at);
      } catch (error) {
        const taken = ["EADDRINUSE", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "");
        if (!taken || at >= from + tries - 1) throw error;
      }
    }
  };
  try {
    const server = await started(port ?? PORT, port === undefined ? TRIES : 1);
    const { port: at } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${at}/${token}/`,
      close: async () => {
        await new Promise<void>((done) => {
          server.close(() => done());
          if ("closeAllConnections" in server) server.closeAllConnections();
        });
        await host?.close();
      },
    };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const free = await started((port ?? PORT) + 1, 200).catch(() => null);
    const suggested = free && (free.address() as AddressInfo).port;
    free?.close();
    throw new LintelError("usage", {
      where: "--port",
      expected: "a free port",
      got: `port ${port ?? PORT}, which ${code === "EADDRINUSE" ? "another program uses" : code === "EACCES" ? "needs permission" : `cannot be used (${code})`}`,
      attempt: suggested ? `--port ${suggested}, which is free` : "another port",
      cause,
    });
  }
}
