/** A server that speaks the Hub's protocol, cut connections and wrong bytes included. */
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LintelError, type ProgressEvent } from "../util/index.ts";
import { parseModelId, resolveModel } from "./index.ts";
import { type HubSettings, hubSettings } from "./settings.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const large = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
const index = JSON.stringify({
  weight_map: { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" },
});
const content: Record<string, Buffer> = {
  "config.json": Buffer.from('{"model_type":"qwen2_5_vl"}'),
  "tokenizer.json": Buffer.from("{}"),
  "README.md": Buffer.from("# not wanted"),
  "pytorch_model.bin": Buffer.from("not wanted"),
  "model.safetensors.index.json": Buffer.from(index),
  "model-00001-of-00002.safetensors": large,
  "model-00002-of-00002.safetensors": large.subarray(7),
};
const isLarge = (name: string): boolean => name.endsWith(".safetensors");
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const etagOf = (name: string): string =>
  isLarge(name)
    ? sha256(content[name]!)
    : createHash("sha1").update(`blob ${content[name]!.length}\0`).update(content[name]!).digest("hex");

interface Behaviour {
  /** Bytes after which connections to large files break; once each that many times. */
  cuts: number[];
  token?: string;
  /** What large files hold instead. */
  wrong?: Buffer;
  /** Statuses that come before anything else. */
  failures: number[];
  noRanges?: boolean;
}
let behaviour: Behaviour;
let requests: { method: string; url: string; range?: string; authorization?: string; host: "hub" | "cdn" }[];
let servers: Server[];
let settings: HubSettings;
let cdn: string;

function record(host: "hub" | "cdn", { method, url, headers }: IncomingMessage): void {
  const { range, authorization } = headers;
  requests.push({
    host,
    method: method!,
    url: url!,
    ...(range && { range }),
    ...(authorization && { authorization }),
  });
}

function send(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
  const start = behaviour.noRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const part = bytes.subarray(start);
  const status = start > 0 ? 206 : 200;
  response.writeHead(status, {
    "content-length": part.length,
    ...(start > 0 && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  const cut = behaviour.cuts.shift();
  if (cut === undefined || cut >= part.length) {
    response.end(part);
    return;
  }
  // What was written arrives before the connection breaks, most of the time.
  response.write(part.subarray(0, cut), () => setTimeout(() => response.destroy(), 50));
}

function hub(request: IncomingMessage, response: ServerResponse): void {
  record("hub", request);
  const status = behaviour.failures.shift();
  if (status !== undefined) return void response.writeHead(status).end();
  if (behaviour.token && request.headers.authorization !== `Bearer ${behaviour.token}`) {
    return void response.writeHead(401).end("{}");
  }
  const url = request.url!;
  if (/^\/api\/models\/org\/name\/revision\/(main|refs%2Fpr%2F1|[0-9a-f]{40})$/.test(url)) {
    const siblings = Object.keys(content).map((rfilename) => ({ rfilename }));
    return void response.end(JSON.stringify({ sha: COMMIT, siblings }));
  }
  const name = new RegExp(`^/org/name/resolve/${COMMIT}/([^/]+)$`).exec(url)?.[1];
  if (!name || !content[name]) return void response.writeHead(404).end();
  const bytes = content[name];
  const etag = `"${etagOf(name)}"`;
  const common = { "x-repo-commit": COMMIT };
  if (isLarge(name)) {
    response.writeHead(302, {
      ...common,
      location: `${cdn}/${name}`,
      "x-linked-etag": etag,
      "x-linked-size": bytes.length,
      etag: '"something-else"',
    });
    return void response.end();
  }
  if (request.method === "HEAD") {
    return void response.writeHead(200, { ...common, etag, "content-length": bytes.length }).end();
  }
  response.writeHead(200, { ...common, etag });
  response.end(bytes);
}

function delivery(request: IncomingMessage, response: ServerResponse): void {
  record("cdn", request);
  send(request, response, behaviour.wrong ?? content[request.url!.slice(1)]!);
}

beforeEach(async () => {
  behaviour = { cuts: [], failures: [] };
  requests = [];
  servers = [createServer(hub), createServer(delivery)];
  const addresses = await Promise.all(
    servers.map(
      (server) =>
        new Promise<string>((done) =>
          server.listen(0, "127.0.0.1", () =>
            done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
          ),
        ),
    ),
  );
  cdn = addresses[1]!.replace("127.0.0.1", "localhost");
  const cache = mkdtempSync(join(tmpdir(), "lintel-hub-"));
  settings = { ...hubSettings({ HF_HOME: cache, HF_ENDPOINT: `${addresses[0]}/` }), limits: { pause: 10 } };
});
afterEach(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(join(settings.cache, ".."), { recursive: true });
});

const model = (): string => join(settings.cache, "models--org--name");
async function failure(name: string, download = true): Promise<LintelError> {
  const error = await resolveModel(name, { settings, download }).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(LintelError);
  return error as LintelError;
}

it("fetches what is needed and nothing else, in the layout that Python has", async () => {
  const events: ProgressEvent[] = [];
  const directory = await resolveModel("org/name", {
    settings,
    download: true,
    onProgress: (e) => events.push(e),
  });
  expect(directory).toBe(join(model(), "snapshots", COMMIT));
  expect(readdirSync(directory).sort()).toEqual([
    "config.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
    "tokenizer.json",
  ]);
  for (const name of readdirSync(directory)) {
    expect(readlinkSync(join(directory, name))).toBe(`../../blobs/${etagOf(name)}`);
    expect(readFileSync(join(directory, name)).equals(content[name]!)).toBe(true);
  }
  expect(readFileSync(join(model(), "refs/main"), "utf8")).toBe(COMMIT);
  expect(events.at(-1)).toEqual({ label: "download org/name", done: 1, total: 1, unit: "MB" });
  expect(events.slice(0, -1).every(({ done, total }) => done < total)).toBe(true);

  // From now on no network is needed, by branch or commit, and none is used.
  requests = [];
  expect(await resolveModel("org/name", { settings })).toBe(directory);
  expect(await resolveModel(`org/name@${COMMIT}`, { settings })).toBe(directory);
  const offline = { ...settings, offline: true };
  expect(await resolveModel("org/name", { settings: offline, download: true })).toBe(directory);
  expect(requests).toEqual([]);
});

it("goes on where connections broke, within one command and in the next", async () => {
  behaviour.cuts = [100_000, 50_000];
  const directory = await resolveModel("org/name", { settings, download: true });
  const ranges = requests.filter(({ host, range }) => host === "cdn" && range).map(({ range }) => range);
  expect(ranges).toHaveLength(2);
  const starts = ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range!)![1]));
  expect(starts[0]).toBeGreaterThan(0);
  expect(starts[1]).toBeGreaterThanOrEqual(starts[0]!);
  expect(readFileSync(join(directory, "model-00001-of-00002.safetensors")).equals(large)).toBe(true);

  const blob = realpathSync(join(directory, "model-00001-of-00002.safetensors"));
  rmSync(blob);
  writeFileSync(`${blob}.incomplete`, large.subarray(0, 123_456));
  expect((await failure("org/name", false)).message).toMatch(/without model-00001-of-00002.safetensors/);
  requests = [];
  await resolveModel("org/name", { settings, download: true });
  expect(requests.filter(({ host }) => host === "cdn").map(({ range }) => range)).toEqual(["bytes=123456-"]);
  expect(readFileSync(blob).equals(large)).toBe(true);
});

it("begins anew where a server knows no ranges, or more has come than there is", async () => {
  behaviour.noRanges = true;
  const blobs = join(model(), "blobs");
  mkdirSync(blobs, { recursive: true });
  writeFileSync(join(blobs, `${sha256(large)}.incomplete`), large.subarray(0, 10));
  writeFileSync(join(blobs, `${sha256(large.subarray(7))}.incomplete`), Buffer.alloc(400_000));
  const directory = await resolveModel("org/name", { settings, download: true });
  expect(readFileSync(join(directory, "model-00001-of-00002.safetensors")).equals(large)).toBe(true);
  expect(readFileSync(join(directory, "model-00002-of-00002.safetensors")).equals(large.subarray(7))).toBe(
    true,
  );
});

it("gives up after a while, keeps what has come, and says so", async () => {
  behaviour.cuts = [1000, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const error = await failure("org/name");
  expect(error.code).toBe("runtime");
  expect(error.message).toMatch(/broke off at byte \d+ \(.*\). Try checking the connection/);
  expect(readdirSync(join(model(), "blobs")).filter((name) => name.endsWith(".incomplete"))).toHaveLength(1);
}, 20_000);

it("believes no wrong bytes", async () => {
  behaviour.wrong = Buffer.from(large).fill(1, 5, 6);
  const error = await failure("org/name");
  expect(error.code).toBe("runtime");
  expect(error.message).toMatch(
    new RegExp(`checksum ${sha256(large)}, got [0-9a-f]{64}; the file was removed`),
  );
  expect(readdirSync(join(model(), "blobs")).some((name) => name.startsWith(sha256(large)))).toBe(false);
  behaviour.wrong = Buffer.concat([large, large]);
  expect((await failure("org/name")).message).toMatch(/expected 300000 bytes, got more/);
});

it("sends the token to the Hub, and to nobody else", async () => {
  behaviour.token = "secret";
  const error = await failure("org/name");
  expect([error.code, error.message]).toEqual([
    "input",
    expect.stringMatching(/requires a token \(401\). Try HF_TOKEN/),
  ]);
  settings = { ...settings, token: "secret" };
  requests = [];
  await resolveModel("org/name@refs/pr/1", { settings, download: true });
  expect(
    requests.filter(({ host }) => host === "hub").every((r) => r.authorization === "Bearer secret"),
  ).toBe(true);
  expect(requests.filter(({ host }) => host === "cdn").every((r) => r.authorization === undefined)).toBe(
    true,
  );
  expect(readFileSync(join(model(), "refs/refs/pr/1"), "utf8")).toBe(COMMIT);
});

it("tries again where servers are busy", async () => {
  behaviour.failures = [503, 429];
  expect(existsSync(await resolveModel("org/name", { settings, download: true }))).toBe(true);
});

it("uses no network without being asked", async () => {
  const error = await failure("org/name", false);
  expect(error.code).toBe("input");
  expect(error.message).toMatch(
    /got no directory .*org\/name, and no such model in .*hub\. Try another path; or --download, if it is a model of http/,
  );
  settings = { ...settings, offline: true };
  expect((await failure("org/name")).message).toMatch(/Try --download, without HF_HUB_OFFLINE/);
  expect(requests).toEqual([]);
});

it("names what is not there", async () => {
  expect((await failure("org/other")).message).toMatch(/no such model, revision or file \(404\)/);
  settings = { ...settings, endpoint: "http://127.0.0.1:9" };
  const error = await failure("org/name");
  expect([error.code, error.message]).toEqual([
    "runtime",
    expect.stringMatching(/expected a response from the Hub/),
  ]);
}, 20_000);

it("takes names of models, and leaves paths alone", async () => {
  expect(parseModelId("Qwen/Qwen2.5-VL-3B-Instruct@v1.0")).toEqual({
    repository: "Qwen/Qwen2.5-VL-3B-Instruct",
    revision: "v1.0",
  });
  for (const path of ["models", "./a/b", "/a/b", "a/b/c", "../a", "a/"])
    expect(parseModelId(path)).toBeNull();
  expect(() => parseModelId("a/b@../../../etc")).toThrow(/a branch, a tag or a commit/);
  expect(await resolveModel("src/hub", { settings })).toBe("src/hub");
  await expect(resolveModel("no/such/path", { settings })).rejects.toThrow(
    "no/such/path: expected a checkpoint directory, or org/name of a model of the Hugging Face Hub, got a path that does not exist",
  );
});

it("reads the variables that Python reads", () => {
  expect(hubSettings({ HF_HUB_CACHE: "/c", HF_HOME: "/h", HF_TOKEN: "t", HF_HUB_OFFLINE: "yes" })).toEqual({
    cache: "/c",
    endpoint: "https://huggingface.co",
    token: "t",
    offline: true,
    proxies: { http: "", https: "", none: "" },
  });
  expect(hubSettings({ XDG_CACHE_HOME: "/x", HF_HUB_OFFLINE: "0" })).toMatchObject({
    cache: join("/x", "huggingface", "hub"),
    offline: false,
  });
});
