/** Servers that lead astray, fall silent, dribble, never end, or answer with something else. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { LintelError } from "../util/index.ts";
import {
  COMMIT,
  failure,
  files,
  hubOf,
  isFacts,
  isFile,
  isListing,
  serve,
  servers,
  settingsOf,
  TOKEN,
  useHostileServers,
} from "./hostile.fixture.ts";
import { resolveModel } from "./index.ts";
import { hubSettings } from "./settings.ts";

useHostileServers();

describe("the token", () => {
  const forms: [string, (host: string) => string][] = [
    ["an absolute address", (host) => `http://${host}/x`],
    ["two slashes", (host) => `//${host}/x`],
    ["a slash and a backslash", (host) => `/\\${host}/x`],
    ["two backslashes", (host) => `\\\\${host}/x`],
    ["three slashes", (host) => `///${host}/x`],
    ["a scheme in capitals with one slash", (host) => `HTTP:/\\${host}/x`],
    ["white space in front", (host) => `  //${host}/x`],
    ["a tab within", (host) => `/\t/${host}/x`],
    ["a dot segment that leads out", (host) => `/..//${host}/x`],
  ];
  const places = [
    ["listings", isListing],
    ["heads", isFacts],
    ["files", isFile],
  ] as const;

  it.each(forms)("goes to the endpoint's own origin alone: %s", async (_name, form) => {
    for (const [, place] of places) {
      const got: { authorization: string | undefined; url: string }[] = [];
      const stranger = await serve(({ headers, url }, response) => {
        got.push({ authorization: headers.authorization, url: url! });
        response.writeHead(404).end();
      });
      const own: (string | undefined)[] = [];
      const hub = await serve(
        hubOf(files, (request, response) => {
          own.push(request.headers.authorization);
          if (place(request) && !request.url!.includes("//"))
            response.writeHead(302, { location: form(`127.0.0.1:${stranger}`) }).end();
        }),
      );
      await failure(settingsOf(hub));
      expect(got.map(({ authorization }) => authorization).filter(Boolean)).toEqual([]);
      expect(own.every((authorization) => authorization === `Bearer ${TOKEN}`)).toBe(true);
      // the redirect was one: the stranger was asked, except by heads, whose own answer counts, and by dot segments
      if (place !== isFacts && !form("h").startsWith("/..")) expect(got.length).toBeGreaterThan(0);
    }
  });

  it("does not go to the same host under another name or at another port", async () => {
    const seen: string[] = [];
    const hub = await serve((request, response) => {
      const { port } = request.socket.address() as AddressInfo;
      if (request.headers.host === `localhost:${port}`) {
        seen.push(request.headers.authorization ?? "none");
        response.writeHead(404).end();
      } else response.writeHead(302, { location: `http://localhost:${port}/x` }).end();
    });
    await failure(settingsOf(hub));
    expect(seen).toEqual(["none"]);
  });

  it("comes back with a redirect to the endpoint, and follows one within it", async () => {
    const seen: string[] = [];
    const hub: number = await serve(
      hubOf(files, (request, response) => {
        seen.push(`${request.url} ${request.headers.authorization}`);
        if (request.url!.startsWith("/api/models/org/name/"))
          response.writeHead(307, { location: `http://127.0.0.1:${hub}/moved` }).end();
        else if (request.url === "/moved") {
          const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
          response.end(JSON.stringify({ sha: COMMIT, siblings }));
        }
      }),
    );
    const directory = await resolveModel("org/name", { settings: settingsOf(hub), download: true });
    expect(existsSync(join(directory, "processor_config.json"))).toBe(true);
    expect(seen[1]).toBe(`/moved Bearer ${TOKEN}`);
  });

  it.each([
    ["file:///etc/passwd"],
    ["ftp://127.0.0.1/x"],
    ["javascript:alert(1)"],
    ["http://user:secret@127.0.0.1/x"],
    ["http://["],
    [""],
  ])("a redirect to %j is an error of the server", async (location) => {
    const hub = await serve((_request, response) =>
      response.writeHead(302, location ? { location } : {}).end(),
    );
    const error = await failure(settingsOf(hub));
    expect(error.code).toBe("runtime");
    expect(error.message).toMatch(/expected a redirect to another http or https address|expected an answer/);
  });

  it("redirects in circles end", async () => {
    const hub = await serve((request, response) => response.writeHead(302, { location: request.url }).end());
    expect((await failure(settingsOf(hub))).message).toMatch(/expected at most 10 redirects, got more/);
  });

  it.each(["two\nlines", "späce", "with space"])("%j is refused as one, and not repeated", (HF_TOKEN) => {
    expect(() => hubSettings({ HF_TOKEN })).toThrow(/^HF_TOKEN must be a token in printable ASCII/);
    expect(hubSettings({ HF_TOKEN: ` ${TOKEN}\n` }).token).toBe(TOKEN);
  });
});

describe("limits", () => {
  it("gives a server up that never answers", async () => {
    const hub = await serve(() => undefined);
    const error = await failure(settingsOf(hub));
    expect([error.code, error.message]).toEqual(["runtime", expect.stringMatching(/no response in 0.3 s/)]);
  });

  it("gives a server up that dribbles, in listings and in files", async () => {
    const dribble: RequestListener = (_request, response) => {
      const timer = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(timer));
    };
    const listing = await serve(dribble);
    expect((await failure(settingsOf(listing))).message).toMatch(
      /less than 65536 bytes in 0.3 s|no end of it/,
    );
    const file = await serve(
      hubOf(files, (request, response) => {
        if (isFile(request) && request.url!.endsWith("model.safetensors")) {
          response.writeHead(200, { "content-length": 200_000 });
          dribble(request, response);
        }
      }),
    );
    expect((await failure(settingsOf(file))).message).toMatch(
      /broke off at byte \d+ \(less than 65536 bytes/,
    );
  });

  it("gives a server up that cuts every body and answers ranges with the whole", async () => {
    let bodies = 0;
    const hub = await serve(
      hubOf(files, (request, response) => {
        if (!isFile(request) || !request.url!.endsWith("model.safetensors")) return;
        bodies++;
        response.writeHead(200, { "content-length": 200_000 });
        response.write(files["model.safetensors"].subarray(0, 100_000), () => response.destroy());
      }),
    );
    expect((await failure(settingsOf(hub))).message).toMatch(/broke off at byte/);
    // at most one attempt in five brings something new, of which there are 100,000 bytes
    expect(bodies).toBeLessThanOrEqual(12);
  });

  it("waits as long as a busy server asks, unless that is long", async () => {
    let busy = 2;
    const hub = await serve(
      hubOf(files, (_request, response) => {
        if (busy-- > 0) response.writeHead(429, { "retry-after": "0" }).end();
      }),
    );
    expect(existsSync(await resolveModel("org/name", { settings: settingsOf(hub), download: true }))).toBe(
      true,
    );
    let asked = 0;
    const closed = await serve((_request, response) => {
      asked++;
      response.writeHead(503, { "retry-after": "7200" }).end();
    });
    const error = await failure(settingsOf(closed));
    expect([error.message, asked]).toEqual([expect.stringMatching(/status 503. Try again in 7200 s/), 1]);
  });

  it.each<[string, RequestListener]>([
    [
      "without end",
      (_request, response) => {
        const piece = Buffer.alloc(1 << 20, 32);
        const more = (): void => void response.write(piece, (error) => error || more());
        more();
      },
    ],
    [
      "packed",
      (_request, response) => {
        response.writeHead(200, { "content-encoding": "gzip" });
        response.end(gzipSync(Buffer.alloc(40 << 20, 32)));
      },
    ],
  ])("reads no listing %s", async (_name, answer) => {
    const settings = settingsOf(await serve(answer));
    const error = await failure({ ...settings, limits: { pause: 1 } });
    expect(error.message).toMatch(/expected at most 32000000 bytes, got more/);
  });
});

describe("answers of another kind", () => {
  it.each<[string, unknown]>([
    ["null", null],
    ["a list", []],
    ["a null file", { sha: COMMIT, siblings: [null] }],
    ["a file without a name", { sha: COMMIT, siblings: [{ rfilename: 7 }] }],
    ["no files", { sha: COMMIT }],
    ["no commit", { sha: "main", siblings: [] }],
    ["a commit that leads out", { sha: "../../../../etc/lintel", siblings: [] }],
  ])("a listing that is %s", async (_name, body) => {
    const hub = await serve((_request, response) => response.end(JSON.stringify(body)));
    const error = await failure(settingsOf(hub));
    expect([error.code, error.message]).toEqual([
      "runtime",
      expect.stringMatching(/expected the commit and the files of a model, got something else/),
    ]);
  });

  it.each<[string, string, RegExp]>([
    ["no JSON", "<html>", /model.safetensors.index.json: expected an index of shards/],
    ["NUL in a name", JSON.stringify({ weight_map: { a: "x\0.safetensors" } }), /expected a weight_map/],
    [
      "a long name",
      JSON.stringify({ weight_map: { a: `${"x".repeat(10_000)}.safetensors` } }),
      /a weight_map/,
    ],
    ["a name that leads out", JSON.stringify({ weight_map: { a: "..\\x.safetensors" } }), /a weight_map/],
    ["null", "null", /expected a weight_map/],
  ])("an index of %s", async (_name, text, message) => {
    const { "model.safetensors": _single, ...small } = files;
    const hub = await serve(hubOf({ ...small, "model.safetensors.index.json": Buffer.from(text) }));
    const error = await failure(settingsOf(hub));
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(700);
  });

  it.each(["-5", "1.5", "x", "1e30", "300000000"])("a size of %s", async (size) => {
    const hub = await serve(
      hubOf(files, (request, response) => {
        if (isFacts(request)) response.writeHead(200, { etag: `"${COMMIT}"`, "x-linked-size": size }).end();
      }),
    );
    expect((await failure(settingsOf(hub))).message).toMatch(
      /a checksum \(ETag\) and a size|a config.json of at most/,
    );
  });
});

it("lets several downloads of one model wait for each other", async () => {
  const hub = await serve(hubOf(files));
  const settings = { ...settingsOf(hub), limits: { pause: 1 } };
  const four = () =>
    Promise.all([1, 2, 3, 4].map(() => resolveModel("org/name", { settings, download: true })));
  const [first, ...others] = await four();
  expect(others).toEqual([first, first, first]);
  expect(readFileSync(join(first!, "model.safetensors")).equals(files["model.safetensors"])).toBe(true);
  // with everything there, nobody takes the lock
  expect(await four()).toEqual([first, first, first, first]);
  expect(readdirSync(join(first!, "..", "..")).sort()).toEqual(["blobs", "refs", "snapshots"]);
});

describe("proxies", () => {
  /** A proxy that writes down what it is asked for, and answers as the Hub does. */
  async function proxy(): Promise<{ port: number; asked: string[] }> {
    const asked: string[] = [];
    const port = await serve(
      hubOf(files, (request) => {
        asked.push(`${request.method} ${request.url}`);
        request.url = new URL(request.url!, "http://hub.invalid").pathname;
      }),
    );
    servers.at(-1)!.on("connect", (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.end("HTTP/1.1 502 no\r\n\r\n");
    });
    return { port, asked };
  }

  it.each(["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])("%s is asked for http", async (name) => {
    const { port, asked } = await proxy();
    const settings = settingsOf(1, {
      HF_ENDPOINT: "http://hub.invalid",
      [name]: `http://127.0.0.1:${port}`,
    });
    await resolveModel("org/name", { settings, download: true });
    expect(asked[0]).toBe("GET http://hub.invalid/api/models/org/name/revision/main");
  });

  it.each(["HTTPS_PROXY", "https_proxy"])("%s is asked for https, by a tunnel", async (name) => {
    const { port, asked } = await proxy();
    const settings = settingsOf(1, { HF_ENDPOINT: "https://hub.invalid", [name]: `127.0.0.1:${port}` });
    const error = await failure(settings);
    expect(error.message).toMatch(new RegExp(`through the proxy 127.0.0.1:${port}`));
    expect(new Set(asked)).toEqual(new Set(["CONNECT hub.invalid:443"]));
  });

  it("an https address does not take the proxy for http", async () => {
    const { port, asked } = await proxy();
    const settings = settingsOf(1, {
      HF_ENDPOINT: "https://127.0.0.1:1",
      HTTP_PROXY: `http://127.0.0.1:${port}`,
    });
    await failure(settings);
    expect(asked).toEqual([]);
  });

  it.each(["127.0.0.1", "*", "example.org,127.0.0.1"])("NO_PROXY=%s leaves it out", async (NO_PROXY) => {
    const { port, asked } = await proxy();
    const hub = await serve(hubOf(files));
    const settings = settingsOf(hub, { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY });
    await resolveModel("org/name", { settings, download: true });
    expect(asked).toEqual([]);
  });

  it("says what is wrong with an address, without its password", () => {
    for (const value of ["ftp://user:secret@proxy:1", "http://"]) {
      let message = "";
      try {
        hubSettings({ HTTPS_PROXY: value });
      } catch (error) {
        message = (error as LintelError).message;
      }
      expect(message).toMatch(/^HTTPS_PROXY: expected a proxy URL/);
      expect(message).not.toContain("secret");
    }
  });
});
