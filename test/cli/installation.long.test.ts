/**
 * Installations whose native code does not load, in as many ways as it can fail: `doctor` still prints its table, names the
 * cause and the cure; help needs nothing; other commands fail once, before any work. Each is a copy of the built package
 * beside packages that are links but for the broken one.
 */
import { execFile } from "node:child_process";
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Ran } from "./run.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const system = `${process.platform}-${process.arch}`;
const binding = join("onnxruntime-node", "bin", "napi-v6", process.platform, process.arch);
const node = "onnxruntime_binding.node";

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-installation-"));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** The same files under another name: what is broken of them is removed before it is written anew. */
function linked(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    // Binaries of other systems than this one are large and not looked at.
    const foreign = dirname(from).endsWith("napi-v6") && source !== join(repository, "node_modules", binding);
    if (foreign) mkdirSync(target);
    else if (entry.isDirectory()) linked(source, target);
    else copyFileSync(source, target, constants.COPYFILE_FICLONE);
  }
}

/**
 * The copy of the package, beside links to all others; those whose name begins with `own` are copies, too, to be broken.
 * There is one at a time: what the last test broke is made anew.
 */
function installed(own: string): { root: string; place: string } {
  const root = join(scratch, "installation");
  const [from, modules] = [join(repository, "node_modules"), join(root, "node_modules")];
  const images = readdirSync(join(from, "@img")).map((name) => `@img/${name}`);
  if (!existsSync(root)) {
    for (const part of ["bin", "dist"]) linked(join(repository, part), join(root, part));
    copyFileSync(join(repository, "package.json"), join(root, "package.json"));
    mkdirSync(modules);
    const others = readdirSync(from).filter((name) => !["@img", "sharp", "onnxruntime-node"].includes(name));
    for (const name of others) symlinkSync(join(from, name), join(modules, name));
  }
  rmSync(join(modules, "@img"), { recursive: true, force: true });
  mkdirSync(join(modules, "@img"));
  for (const name of ["onnxruntime-node", "sharp", ...images]) {
    rmSync(join(modules, name), { recursive: true, force: true });
    // sharp looks for its binaries beside itself, and these for one another.
    if (name === own || (own.includes("sharp") && name !== "onnxruntime-node"))
      linked(join(from, name), join(modules, name));
    else symlinkSync(join(from, name), join(modules, name));
  }
  return { root, place: join(modules, own) };
}

const run = (root: string, argv: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  new Promise((done) => {
    const program = join(root, "bin", "lintel.js");
    execFile(process.execPath, [program, ...argv], { env: { ...process.env, ...env } }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });

/** A library of Linux for the processor that ELF numbers so. */
function elf(machine: number): Buffer {
  const head = Buffer.alloc(64);
  head.write("\u007fELF", "latin1");
  head.set([2, 1, 1], 4);
  head.writeUInt16LE(3, 16);
  head.writeUInt16LE(machine, 18);
  return head;
}
const [x64, arm64] = [62, 183];

type Breaking = [name: string, own: string, breaking: (place: string) => void, cause: RegExp, cure: RegExp];

const runtimes: Breaking[] = [
  [
    "lacks its binding",
    "onnxruntime-node",
    (p) => rmSync(join(p, "..", binding, node)),
    /onnxruntime_binding\.node is missing/,
    /npm ci/,
  ],
  [
    "lacks its library",
    "onnxruntime-node",
    (p) => rmSync(join(p, "..", binding, "libonnxruntime.so.1")),
    /libonnxruntime\.so\.1 is missing/,
    /npm ci/,
  ],
  [
    "is not installed",
    "onnxruntime-node",
    (p) => rmSync(p, { recursive: true }),
    /the package is not installed/,
    /npm ci/,
  ],
  [
    "has no binaries for this system",
    "onnxruntime-node",
    (p) => rmSync(join(p, "..", binding), { recursive: true }),
    new RegExp(`no binaries for ${process.platform} ${process.arch}`),
    /one of .*darwin arm64/,
  ],
  [
    "has lost its binaries",
    "onnxruntime-node",
    (p) => rmSync(join(p, "bin"), { recursive: true }),
    /napi-v6 is missing/,
    /npm ci/,
  ],
  [
    "was cut off",
    "onnxruntime-node",
    (p) => writeFileSync(join(p, "..", binding, node), "\u007fEL"),
    /damaged/,
    /npm ci/,
  ],
  [
    "is empty",
    "onnxruntime-node",
    (p) => writeFileSync(join(p, "..", binding, node), ""),
    /damaged/,
    /npm ci/,
  ],
  [
    "is an error page",
    "onnxruntime-node",
    (p) => writeFileSync(join(p, "..", binding, node), "<html>404 Not Found</html>"),
    /damaged/,
    /npm ci/,
  ],
  [
    "was installed on another processor",
    "onnxruntime-node",
    (p) => writeFileSync(join(p, "..", binding, node), elf(process.arch === "x64" ? arm64 : x64)),
    /is built for (arm64|x64), Node for/,
    /npm ci/,
  ],
  [
    "needs a library that is not there",
    "onnxruntime-node",
    (p) =>
      copyFileSync(
        join(
          repository,
          "node_modules",
          "@img",
          `sharp-${system}`,
          "lib",
          readdirSync(join(repository, "node_modules", "@img", `sharp-${system}`, "lib")).find((f) =>
            f.endsWith(".node"),
          )!,
        ),
        join(p, "..", binding, node),
      ),
    /libvips-cpp\.so\S*: cannot open shared object file/,
    /installing the named library/,
  ],
  [
    "is cut off behind its header",
    "onnxruntime-node",
    (p) => writeFileSync(join(p, "..", binding, node), elf(process.arch === "x64" ? x64 : arm64)),
    /onnxruntime_binding\.node/,
    /npm ci/,
  ],
];

describe.skipIf(process.platform !== "linux")("an ONNX Runtime that", () => {
  it.each(runtimes)("%s: doctor names cause and cure", async (_, own, breaking, cause, cure) => {
    const { root, place } = installed(own);
    breaking(place);
    // What `doctor` asks for each device; the table as a whole is below.
    const ran = await run(root, ["probe", "--device", "cpu"]);
    expect([ran.code, ran.err]).toEqual([0, ""]);
    const found = JSON.parse(ran.out);
    expect(found.available).toBe(false);
    expect(found.reason).toMatch(cause);
    expect(found.attempt).toMatch(cure);
  });

  it("does not load leaves help alone; work fails with one sentence, and nothing is written", async () => {
    const { root, place } = installed("onnxruntime-node");
    rmSync(join(place, "..", binding, node));
    for (const argv of [["--help"], ["train", "--help"], ["--version"]]) {
      expect(await run(root, argv)).toMatchObject({ code: 0, err: "" });
    }
    const table = await run(root, ["doctor"]);
    expect(table.code).toBe(0);
    for (const device of ["cpu", "cuda", "webgpu"]) {
      const line = `^${device} +not available: .*onnxruntime_binding\\.node is missing\\n +try .*npm ci`;
      expect(table.out).toMatch(new RegExp(line, "m"));
    }
    expect(table.out).toMatch(/^images +JPEG/m);
    const out = join(root, "model");
    const train = await run(root, ["train", "joint", "--data", join(root, "none"), "--out", out]);
    expect(train.code).toBe(1);
    expect(train.err).toMatch(
      /^lintel: onnxruntime-node: expected its native code to load, got .* is missing. Try .*\n$/,
    );
  });

  it.each([
    ["musl", "{}", /this Linux is musl, .* needs glibc/],
    ["an old glibc", '{ glibcVersionRuntime: "2.17" }', /glibc is 2\.17, .* needs 2\.28 or later/],
  ])("meets %s is told so", async (_, header, cause) => {
    const { root, place } = installed("onnxruntime-node");
    // A library that is sound but does not load, and a system that answers as that one does.
    writeFileSync(join(place, "..", binding, node), elf(process.arch === "x64" ? x64 : arm64));
    const answer = join(root, "system.mjs");
    writeFileSync(answer, `process.report.getReport = () => ({ header: ${header} });\n`);
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(answer).href}` };
    const found = JSON.parse((await run(root, ["probe", "--device", "cpu"], env)).out);
    expect(found.available).toBe(false);
    expect(found.reason).toMatch(cause);
    expect(found.attempt).toMatch(/a Linux with glibc 2\.28 or later/);
  });
});

const images: Breaking[] = [
  [
    "lacks its binaries",
    `@img/sharp-${system}`,
    (p) => rmSync(p, { recursive: true }),
    /the package @img\/sharp-\S+ is not installed/,
    /npm install --include=optional --os=/,
  ],
  [
    "lacks its library",
    `@img/sharp-libvips-${system}`,
    (p) => rmSync(p, { recursive: true }),
    /the package @img\/sharp-libvips-\S+ is not installed/,
    /npm install --include=optional/,
  ],
  [
    "has a damaged library",
    `@img/sharp-libvips-${system}`,
    (p) => writeFileSync(join(p, "lib", readdirSync(join(p, "lib")).find((f) => f.includes(".so"))!), "no"),
    /damaged/,
    /npm ci/,
  ],
  [
    "is not installed",
    "sharp",
    (p) => rmSync(p, { recursive: true }),
    /the package is not installed/,
    /npm ci/,
  ],
];

describe.skipIf(process.platform !== "linux")("a sharp that", () => {
  const audit = fileURLToPath(new URL("../goldens/images/without-decoder", import.meta.url));
  it.each(images)(
    "%s: doctor names cause and cure; an audit of JPEGs fails before work",
    async (_, own, breaking, cause, cure) => {
      const { root, place } = installed(own);
      breaking(place);
      const found = JSON.parse((await run(root, ["probe", "--images"])).out);
      expect(found.available).toBe(false);
      expect(found.reason).toMatch(cause);
      expect(found.attempt).toMatch(cure);
      const [model, out] = [join(root, "model"), join(root, "audit")];
      mkdirSync(model, { recursive: true });
      const ran = await run(root, [
        "audit",
        "--model",
        model,
        "--data",
        audit,
        "--map",
        "viscot-mc",
        "--interventions",
        "own",
        "--out",
        out,
      ]);
      expect([ran.code, ran.out]).toEqual([1, ""]);
      expect(ran.err).toMatch(/^lintel: sharp: expected its native code to load, got [^\n]*. Try [^\n]*\n$/);
      expect(existsSync(out)).toBe(false);
    },
  );
});
