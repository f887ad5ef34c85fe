/** More hostile servers: redirects, headers, encodings, sizes and names, each with the sentence that answers it. */
import { existsSync, readdirSync } from "node:fs";
import type { IncomingMessage, RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createRaw, type Server as RawServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import {
  COMMIT,
  failure,
  files,
  hubOf,
  isFacts,
  isFile,
  isListing,
  scratch,
  serve,
  settingsOf,
  TOKEN,
  useHostileServers,
} from "./hostile.fixture.ts";
import { resolveModel } from "./index.ts";

useHostileServers();

const raw: { server: RawServer; sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of raw.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** A server that speaks bytes instead of HTTP; its port. */
async function bytes(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createRaw((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    answer(socket);
  });
  raw.push({ server, sockets });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return (server.address() as AddressInfo).port;
}

/** What a stranger's server was sent: the headers of each request. */
async function stranger(): Promise<{ port: number; seen: IncomingMessage["headers"][]; urls: string[] }> {
  const seen: IncomingMessage["headers"][] = [];
  const urls: string[] = [];
  const port = await serve((request, response) => {
    seen.push(request.headers);
    urls.push(request.url!);
    response.writeHead(404).end();
  });
  return { port, seen, urls };
}

describe("redirects", () => {
  it.each([301, 302, 303, 307, 308])("status %d takes no header of ours along", async (status) => {
    const other = await stranger();
    const hub = await serve(
      hubOf(files, (request, response) => {
        if (isListing(request) || isFile(request))
          response.writeHead(status, { location: `http://127.0.0.1:${other.port}/x` }).end();
      }),
    );
    await failure(settingsOf(hub));
    expect(other.seen.length).toBeGreaterThan(0);
    for (const headers of other.seen) {
      for (const name of ["authorization", "cookie", "proxy-authorization", "referer"])
        expect(headers[name]).toBeUndefined();
      expect(JSON.stringify(headers)).not.toContain(TOKEN);
    }
  });

  it.each<[string, (port: number) => string]>([
    ["encoded slashes", (port) => `/%2f%2f127.0.0.1:${port}/x`],
    ["a line break", (port) => `/\n/127.0.0.1:${port}/x`],
    ["a backslash in the middle", (port) => `http:\\\\127.0.0.1:${port}\\x`],
    ["a decimal address", (port) => `http://2130706433:${port}/x`],
    ["a hexadecimal address", (port) => `http://0x7f.1:${port}/x`],
    ["a final dot", (port) => `http://127.0.0.1.:${port}/x`],
    ["another case of the scheme", (port) => `hTTp://127.0.0.1:${port}/x`],
    ["full-width digits", (port) => `http://１27.0.0.1:${port}/x`],
    ["an empty user", (port) => `http://@127.0.0.1:${port}/x`],
    ["a fragment that names the Hub", (port) => `http://127.0.0.1:${port}/x#huggingface.co`],
    ["a query that names the Hub", (port) => `http://127.0.0.1:${port}/?huggingface.co`],
  ])("an address with %s gets no token", async (_name, form) => {
    const other = await stranger();
    const hub = await serve(
      hubOf(files, (request, response) => {
        if (!isListing(request) || request.url!.includes("127.0.0.1")) return;
        // Node refuses some bytes in headers: they are written by hand
        response.socket!.end(
          `HTTP/1.1 302 x\r\nlocation: ${form(other.port).replace("\n", "\t")}\r\nconnection: close\r\n\r\n`,
        );
      }),
    );
    await failure(settingsOf(hub));
    expect(other.seen.filter(({ authorization }) => authorization)).toEqual([]);
  });

  it("a chain through a stranger back to the Hub sends the stranger nothing", async () => {
    const sent: (string | undefined)[] = [];
    let hub = 0;
    const other = await serve((request, response) => {
      sent.push(request.headers.authorization);
      response.writeHead(302, { location: `http://127.0.0.1:${hub}/back` }).end();
    });
    const back: (string | undefined)[] = [];
    hub = await serve((request, response) => {
      if (request.url === "/back") {
        back.push(request.headers.authorization);
        response.writeHead(404).end();
      } else response.writeHead(302, { location: `http://127.0.0.1:${other}/` }).end();
    });
    await failure(settingsOf(hub));
    expect([sent, back]).toEqual([[undefined], [`Bearer ${TOKEN}`]]);
  });

  it("a download of a file that is redirected is not sent the token by its retries", async () => {
    const sent: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      sent.push(request.headers.authorization);
      if (sent.length < 3) response.writeHead(503).end();
      else response.writeHead(404).end();
    });
    const hub = await serve(
      hubOf(files, (request, response) => {
        if (isFile(request)) response.writeHead(302, { location: `http://127.0.0.1:${other}/f` }).end();
      }),
    );
    await failure(settingsOf(hub));
    expect(sent).toEqual([undefined, undefined, undefined]);
  });
});

describe("bytes that are no answer", () => {
  const tooLong = "x".repeat(1 << 20);
  it.each<[string, string]>([
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["an endless status line", `HTTP/1.1 200 ${tooLong}`],
    ["an endless header", `HTTP/1.1 200 OK\r\nx: ${tooLong}`],
    ["a hundred thousand headers", `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(100_000)}\r\n`],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\nabcde"],
    ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\nabc"],
    ["a broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n"],
    ["a chunk of 2^63 bytes", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7fffffffffffffff\r\nabc"],
    [
      "a switch of protocols",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ],
    ["nothing", ""],
  ])("%s", async (_name, text) => {
    const error = await failure(settingsOf(await bytes((socket) => socket.end(text))));
    expect([error.code, error.id]).toEqual(["runtime", "E_NETWORK"]);
    expect(error.message.length).toBeLessThan(600);
  });

  it("early hints without end are an answer that does not come", async () => {
    const hub = await bytes((socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    expect((await failure(settingsOf(hub))).message).toMatch(/no response in 0.3 s|response from the Hub/);
  });

  it("a header that dribbles is an answer that does not come", async () => {
    const hub = await bytes((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => socket.write("a"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    expect((await failure(settingsOf(hub))).message).toMatch(/no response in 0.3 s/);
  });
});

describe("bodies", () => {
  const zeros = gzipSync(Buffer.alloc(64 << 20, 32));
  it.each<[string, string, Buffer]>([
    ["packed twice", "gzip, gzip", gzipSync(zeros)],
    ["packed by six coders", "gzip, gzip, gzip, gzip, gzip, gzip", zeros],
    ["an unknown coder", "lintel", Buffer.from("{}")],
    ["packed and cut", "gzip", zeros.subarray(0, 1000)],
    ["named packed, and plain", "gzip", Buffer.from("{}")],
  ])("a listing %s", async (_name, encoding, body) => {
    const hub = await serve((_request, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(body);
    });
    const error = await failure({ ...settingsOf(hub), limits: { pause: 1, answer: 2000, stall: 2000 } });
    expect(error.code).toBe("runtime");
  });

  it.each<[string, string]>([
    ["nested lists", "[".repeat(1_000_000)],
    ["a million files without names", `{"sha":"${COMMIT}","siblings":[${"{},".repeat(1_000_000)}{}]}`],
    ["a name of a megabyte", `{"sha":"${COMMIT}","siblings":[{"rfilename":"${"x".repeat(1 << 20)}"}]}`],
    ["names with NUL", `{"sha":"${COMMIT}","siblings":[{"rfilename":"a\\u0000b"}]}`],
    [
      "names that lead out",
      `{"sha":"${COMMIT}","siblings":[{"rfilename":"../../x.safetensors"},{"rfilename":"/etc/passwd"}]}`,
    ],
    [
      "a prototype",
      `{"sha":"${COMMIT}","siblings":[],"__proto__":{"siblings":[{"rfilename":"model.safetensors"}]}}`,
    ],
  ])("a listing of %s", async (_name, body) => {
    const hub = await serve((_request, response) => response.end(body));
    const error = await failure({ ...settingsOf(hub), limits: { pause: 1 } });
    expect(["runtime", "checkpoint"]).toContain(error.code);
    expect(error.message.length).toBeLessThan(600);
    expect(existsSync(`${scratch}/hub`) ? readdirSync(`${scratch}/hub`) : []).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ["no checksum", { etag: "" }],
    ["a checksum that leads out", { etag: '"../../../../tmp/x"' }],
    ["a checksum of another length", { etag: `"${"a".repeat(41)}"` }],
    ["a checksum in capitals", { etag: `"${"A".repeat(64)}"` }],
    ["no size", { etag: `"${COMMIT}"`, "transfer-encoding": "chunked" }],
    ["a size beyond 2^53", { etag: `"${COMMIT}"`, "x-linked-size": "9007199254740993" }],
    ["an infinite size", { etag: `"${COMMIT}"`, "x-linked-size": "Infinity" }],
    ["a hexadecimal size of half a gigabyte", { etag: `"${COMMIT}"`, "x-linked-size": "0x20000000" }],
  ])("facts with %s", async (_name, headers) => {
    const hub = await serve(
      hubOf(files, (request, response) => {
        if (isFacts(request)) response.writeHead(200, headers).end();
      }),
    );
    expect((await failure(settingsOf(hub))).message).toMatch(
      /a checksum \(ETag\) and a size|at most \d+ bytes/,
    );
  });

  it("a commit that was asked for is the one that is answered", async () => {
    const hub = await serve(hubOf(files));
    const other = "f".repeat(40);
    const error = await resolveModel(`org/name@${other}`, {
      settings: settingsOf(hub),
      download: true,
    }).catch((caught: unknown) => caught);
    expect((error as Error).message).toMatch(new RegExp(`expected the commit ${other}, got ${COMMIT}`));
  });

  it("a file that is longer than announced ends at its size", async () => {
    const endless: RequestListener = (_request, response) => {
      const piece = Buffer.alloc(1 << 16);
      const more = (): void => void response.write(piece, (error) => error || more());
      more();
    };
    const hub = await serve(
      hubOf(files, (request, response) => {
        if (isFile(request) && request.url!.endsWith("model.safetensors")) {
          response.writeHead(200);
          endless(request, response);
        }
      }),
    );
    expect((await failure(settingsOf(hub))).message).toMatch(/expected 200000 bytes, got more/);
  });
});
