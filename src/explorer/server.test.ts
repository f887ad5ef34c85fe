import { describe, expect, it } from "vitest";
import type { Contents } from "./contents.ts";
import { explorerApp, serveExplorer } from "./server.ts";

const asked: string[] = [];
const contents: Contents = {
  get: async (key) => {
    asked.push(key);
    if (key === "run") return { title: "a run" };
    if (key === "broken") throw new Error("boom");
    return null;
  },
  keys: async () => ["run"],
  asked: async () => null,
};
const token = "0123456789abcdef0123456789abcdef";
const app = explorerApp(contents, token);
const host = { host: "127.0.0.1:4320" };
const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  app.request(`http://127.0.0.1:4320${path}`, { method, headers: { ...host, ...headers } });

/** Ways out of a folder, as attackers spell them. */
const TRAVERSALS = [
  "../package.json",
  "../../etc/passwd",
  "../../../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "..%252f..%252fetc%252fpasswd",
  "%2e%2e/%2e%2e/etc/passwd",
  "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "....//....//etc/passwd",
  "..\\..\\etc\\passwd",
  "..%5c..%5cetc%5cpasswd",
  "/etc/passwd",
  "//etc/passwd",
  "%2fetc%2fpasswd",
  "data/../../etc/passwd",
  "data/..%2f..%2fetc%2fpasswd",
  "data/%2e%2e/%2e%2e/app.js",
  "app.js/../../etc/passwd",
  "./../../etc/passwd",
  ".%00./etc/passwd",
  "%00",
  "app.js%00.json",
  "data/run%00",
  "data/run/../../../x",
  "data/rows/0/../../../../etc/passwd",
  "data/rows/..%2f..",
  "data/samples/0/..%2f0",
  "..;/..;/etc/passwd",
  "%c0%ae%c0%ae/etc/passwd",
  "file:///etc/passwd",
  "~/.ssh/id_rsa",
  "data/study.json",
  "outcomes.jsonl",
];

describe("the explorer's server", () => {
  it("serves page and contents under the token only", async () => {
    const page = await ask(`/${token}/`);
    expect([page.status, await page.text()]).toEqual([
      200,
      expect.stringContaining('data-contents="server"'),
    ]);
    expect(await (await ask(`/${token}/data/run.json`)).json()).toEqual({ title: "a run" });
    for (const path of [
      "/",
      "/app.js",
      "/data/run.json",
      `/${token.replace("0", "1")}/`,
      `/${token.slice(1)}/`,
      `/${token}0/`,
    ])
      expect((await ask(path)).status, path).toBe(404);
  });

  it.each(TRAVERSALS)("answers %s with 404", async (path) => {
    asked.length = 0;
    const answer = await ask(`/${token}/${path}`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain("root:");
    for (const key of [...asked]) expect(key === "run" || (await contents.get(key)) === null).toBe(true);
  });

  it.each([
    ["another host", { host: "evil.example" }],
    ["a host that resolves here", { host: "127.0.0.1.evil.example:4320" }],
    ["no host", { host: "" }],
    ["a foreign origin", { origin: "https://evil.example" }],
    ["another port's origin", { origin: "http://127.0.0.1:9999" }],
    ["no origin of its own", { origin: "null" }],
    ["a request from another site", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }],
  ])("refuses %s with 403", async (_, headers) => {
    expect((await ask(`/${token}/data/run.json`, headers)).status).toBe(403);
  });

  it("answers no other method, and says what is wrong with a content", async () => {
    expect((await ask(`/${token}/data/run.json`, {}, "POST")).status).toBe(405);
    const broken = await ask(`/${token}/data/broken.json`);
    expect([broken.status, await broken.json()]).toEqual([422, { error: "boom" }]);
  });

  it("allows scripts and styles of its own files only", async () => {
    const { headers } = await ask(`/${token}/`);
    const policy = headers.get("content-security-policy")!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("names a free port where the one asked for is in use", async () => {
    const one = await serveExplorer(contents, { token });
    try {
      expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/$/);
      const port = Number(new URL(one.url).port);
      const error = await serveExplorer(contents, { port }).catch((each) => each);
      expect(error.code).toBe("usage");
      expect(error.message).toMatch(
        new RegExp(`port ${port}, which another program uses\\. Try --port \\d+, which is free`),
      );
      const two = await serveExplorer(contents);
      expect(new URL(two.url).port).not.toBe(String(port));
      await two.close();
    } finally {
      await one.close();
    }
  });
});
