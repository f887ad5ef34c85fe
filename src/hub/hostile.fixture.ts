/** Hostile servers for tests of the Hub client: one model, served as the Hub serves it, and changes to that. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { LintelError } from "../util/index.ts";
import { resolveModel } from "./index.ts";
import { type HubSettings, hubSettings } from "./settings.ts";

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const TOKEN = "hf_secret";

export let servers: Server[];
export let scratch: string;

/** Gives each test of a file a directory and closes its servers; called by the file, for hooks belong to one file. */
export function useHostileServers(): void {
  beforeEach(() => {
    servers = [];
    scratch = mkdtempSync(join(tmpdir(), "lintel-hostile-"));
  });
  afterEach(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(scratch, { recursive: true });
  });
}

/** A server on a port of its own; its number. */
export async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

export const settingsOf = (port: number, environment: NodeJS.ProcessEnv = {}): HubSettings => ({
  ...hubSettings({
    HF_HOME: scratch,
    HF_ENDPOINT: `http://127.0.0.1:${port}`,
    HF_TOKEN: TOKEN,
    ...environment,
  }),
  limits: { answer: 300, stall: 300, listing: 600, pause: 1 },
});

export async function failure(settings: HubSettings): Promise<LintelError> {
  const error = await resolveModel("org/name", { settings, download: true }).catch(
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(LintelError);
  expect((error as LintelError).message).not.toContain(TOKEN);
  return error as LintelError;
}

const sha1 = (bytes: Buffer): string =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

/** A model of small files, served as the Hub serves them; `change` answers first where it wants to. */
export function hubOf(
  files: Record<string, Buffer>,
  change: RequestListener = () => undefined,
): RequestListener {
  return (request, response) => {
    change(request, response);
    if (response.headersSent || response.writableEnded || response.destroyed) return;
    const url = request.url!;
    if (url.startsWith("/api/models/org/name/revision/")) {
      const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
      return void response.end(JSON.stringify({ sha: COMMIT, siblings }));
    }
    const bytes = files[url.split("/").at(-1)!];
    if (!bytes) return void response.writeHead(404).end();
    response.writeHead(200, { etag: `"${sha1(bytes)}"`, "content-length": bytes.length });
    response.end(request.method === "HEAD" ? undefined : bytes);
  };
}

export const files = {
  "config.json": Buffer.from("{}"),
  "tokenizer.json": Buffer.from("{}"),
  "processor_config.json": Buffer.from('{"image_processor":{}}'),
  "model.safetensors": Buffer.alloc(200_000, 7),
};

export const isListing = ({ url }: IncomingMessage): boolean => url!.startsWith("/api/");
export const isFacts = ({ method }: IncomingMessage): boolean => method === "HEAD";
export const isFile = ({ url, method }: IncomingMessage): boolean =>
  method === "GET" && !url!.startsWith("/api/");
