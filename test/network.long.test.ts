/**
 * What connections the program opens, as the kernel sees them (`strace`): none, but those to the Hub's endpoint with
 * `--download`, and the address on this machine that `explore` serves. Skipped, with a word, where `strace` cannot trace.
 */
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hubOf } from "../src/hub/hostile.fixture.ts";
import { program } from "./cli/run.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const canTrace = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
if (!canTrace) console.warn("network: skipped, as strace is missing or must not trace here");

let scratch: string;
let count = 0;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-network-"));
  mkdirSync(at("home"));
  // The build of the tests has no page, and `explore --static` writes one.
  if (existsSync(join(root, "dist/explorer/app/app.js"))) return;
  const built = spawnSync(process.execPath, [join(root, "explorer/build.mjs")], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(`explorer/build.mjs ended with ${built.status}: ${built.stderr}`);
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));
const at = (name: string): string => join(scratch, name);

const traced = (log: string, argv: readonly string[]): string[] => [
  ...["-f", "-qq", "-e", "trace=network", "-o", log],
  ...argv,
];

/** Calls for anything but sockets within this machine's kernel, which processes and name services of the system use. */
const outward = (log: string): string[] =>
  readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => /\b(socket|connect|sendto|sendmsg|bind|listen)\(/.test(line))
    .filter((line) => /AF_(?!UNIX|LOCAL|UNSPEC)\w+/.test(line));

const addresses = (lines: readonly string[], call: string): string[] => [
  ...new Set(
    lines
      .filter((line) => line.includes(`${call}(`))
      .map((line) => {
        const port = /port=htons\((\d+)\)/.exec(line)?.[1];
        return `${/inet_(?:addr\("|pton\(AF_INET6, ")([^"]+)"/.exec(line)?.[1]}:${port}`;
      }),
  ),
];

/** The environment of a user: a home without anything, and none of what tells libraries that they run in CI. */
function environment(): NodeJS.ProcessEnv {
  const { CI: _, XDG_CACHE_HOME: __, ORT_DISABLE_TELEMETRY: ___, ...rest } = process.env;
  return { ...rest, HOME: at("home"), LINTEL_CACHE: at("cache") };
}

/** Runs the program under strace; what it asked the network for. */
async function run(argv: readonly string[], env: Record<string, string> = {}): Promise<string[]> {
  const log = at(`trace-${count++}`);
  const command = traced(log, [process.execPath, program, ...argv]);
  await promisify(execFile)("strace", command, { env: { ...environment(), ...env }, maxBuffer: 1 << 26 });
  return outward(log);
}

const pocket = ["--train", "64", "--eval", "12", "--held-out", "0", "--set", "rendering=pocket"];
const threads = ["--threads", "1"];
const plan = {
  name: "small",
  datasets: { crop: { train: 16, eval: 4, heldOut: 0, parameters: { rendering: "pocket" } } },
  cells: [
    {
      task: "crop",
      recipe: "text",
      training: { steps: 1, batch: 4, warmup: 1 },
      audits: [{ split: "eval", interventions: ["own"] }],
    },
  ],
};

describe.skipIf(!canTrace)("the program", () => {
  it("is seen where a process connects: these tests could fail", async () => {
    const log = at("control");
    const code = 'require("node:net").connect(9, "127.0.0.1").on("error", () => {})';
    spawnSync("strace", traced(log, [process.execPath, "-e", code]));
    expect(addresses(outward(log), "connect")).toEqual(["127.0.0.1:9"]);
  });

  it.each([
    ["generate", ["generate", "tetris", "--out", "data", ...pocket]],
    ["inform", ["inform", "data", "--out", "inform"]],
    ["train", ["train", "joint", "--data", "data", "--out", "model", "--steps", "3", ...threads]],
    [
      "audit",
      ["audit", "--model", "model", "--data", "data", "--interventions", "own", "--out", "audit", ...threads],
    ],
    [
      "audit in parts",
      [
        "audit",
        "--model",
        "model",
        "--data",
        "data",
        "--interventions",
        "own",
        "--out",
        "parts",
        "--shards",
        "2",
      ],
    ],
    ["judge", ["judge", "audit/outcomes.jsonl", "--out", "judged"]],
    ["report", ["report", "audit"]],
    ["study", ["study", "plan.json", "--out", "study", "--workers", "1"]],
    ["explore --static", ["explore", "study", "--static", "site"]],
    ["verify", ["verify", "study"]],
    ["doctor", ["doctor"]],
  ])("opens no connection: %s", async (_, argv) => {
    writeFileSync(at("plan.json"), JSON.stringify(plan));
    const names = ["data", "inform", "model", "audit", "parts", "judged", "plan.json", "study", "site"];
    // The first word is the command, which has the name of a folder here.
    const [command, ...rest] = argv.map((word, i) =>
      i > 0 && names.includes(word.split("/")[0]!) ? at(word) : word,
    );
    expect(await run([command!, ...rest], { HF_ENDPOINT: "http://192.0.2.1" })).toEqual([]);
  });

  it("writes nothing into the home of the user", () => {
    expect(readdirSync(at("home"), { recursive: true })).toEqual([]);
  });

  it("serves explore on this machine alone", async () => {
    const log = at("explore");
    const argv = traced(log, [process.execPath, program, "explore", at("study")]);
    const child = spawn("strace", argv, { stdio: ["ignore", "pipe", "ignore"] });
    const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    expect((await fetch(url)).ok).toBe(true);
    const [own] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
    process.kill(Number(own), "SIGTERM");
    await once(child, "close");
    const seen = outward(log);
    expect(addresses(seen, "connect")).toEqual([]);
    // Ports that are taken are tried before.
    const bound = addresses(seen, "bind");
    expect(bound.at(-1)).toBe(`127.0.0.1:${new URL(url).port}`);
    for (const address of bound) expect(address).toMatch(/^127\.0\.0\.1:/);
  });
});

describe.skipIf(!canTrace)("a download", () => {
  let server: Server;
  afterAll(() => server?.close());

  it("goes to the endpoint alone", async () => {
    const files = Object.fromEntries(
      readdirSync(at("model"))
        .filter((name) => /\.(json|safetensors|jinja)$/.test(name))
        .map((name) => [name, readFileSync(join(at("model"), name))]),
    );
    server = createServer(hubOf(files));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const argv = [
      "audit",
      "--model",
      "org/name",
      "--download",
      "--data",
      at("data"),
      "--interventions",
      "own",
    ];
    const seen = await run([...argv, ...threads, "--out", at("downloaded")], {
      HF_ENDPOINT: `http://127.0.0.1:${port}`,
      HF_HOME: at("hub"),
      HF_HUB_CACHE: at("hub"),
      NO_PROXY: "*",
    });
    expect(addresses(seen, "connect")).toEqual([`127.0.0.1:${port}`]);
    expect(seen.filter((line) => /sendto|sendmsg/.test(line))).toEqual([]);
    expect(readFileSync(join(at("downloaded"), "outcomes.jsonl"))).toEqual(
      readFileSync(join(at("audit"), "outcomes.jsonl")),
    );
  });
});
