/** Why a package with native code does not load: by its files and the system, then by the loader's message. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LintelError } from "./errors.ts";

/** Dependencies with native code. */
type NativePackage = "onnxruntime-node" | "sharp";

/** The cause and the cure, as phrases without a full stop. */
interface NativeFault {
  cause: string;
  cure: string;
}

/** The oldest glibc that the binaries of both packages run on (`objdump -T`). */
const OLDEST_GLIBC = "2.28";

const REINSTALL = "`npm ci` (or `npm install`) on this machine, after deleting node_modules";
const GLIBC_SYSTEM =
  "a Linux with glibc 2.28 or later, such as Debian 10, Ubuntu 20.04, RHEL 8, or the image node:22-bookworm";

/** ELF machine numbers by Node's names. */
const elfMachines: Readonly<Record<string, number>> = {
  x64: 62,
  arm64: 183,
  ia32: 3,
  arm: 40,
  ppc64: 21,
  s390x: 22,
};

/** Version of glibc; null for another C library (musl) or another system than Linux. */
function glibcVersion(): string | null {
  if (process.platform !== "linux") return null;
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  const kept = report.excludeNetwork;
  report.excludeNetwork = true; // otherwise the names of all open connections are looked up
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  report.excludeNetwork = kept;
  return header.glibcVersionRuntime ?? null;
}

/** Name and version of the C library; null on other systems than Linux. */
export function libcName(): string | null {
  if (process.platform !== "linux") return null;
  const version = glibcVersion();
  return version === null ? "musl" : `glibc ${version}`;
}

/** Whether version `a` precedes `b`. */
function isOlder(a: string, b: string): boolean {
  const [x, y] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) < (y[i] ?? 0);
  }
  return false;
}

/** The first bytes of a file. */
function headOf(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(20);
    return head.subarray(0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}

/** What is wrong with a file of native code, as far as it can be seen without loading it. */
function faultOfFile(path: string): NativeFault | null {
  if (!existsSync(path)) return { cause: `${path} is missing`, cure: REINSTALL };
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return { cause: `${path} cannot be read by this user`, cure: `chmod -R a+rX ${dirname(path)}` };
  }
  if (process.platform !== "linux") return null;
  const head = headOf(path);
  if (head.length < 20 || head.toString("latin1", 1, 4) !== "ELF") {
    return { cause: `${path} is damaged: no library of Linux`, cure: REINSTALL };
  }
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
  if (machine === elfMachines[process.arch]) return null;
  const built = Object.keys(elfMachines).find((arch) => elfMachines[arch] === machine);
  return {
    cause: `${path} is built for ${built ?? "another processor"}, Node for ${process.arch}`,
    cure: REINSTALL,
  };
}

/** The directory of a package as seen from a file; null where it is not installed. */
function packageAt(name: string, from: string): string | null {
  const places = createRequire(from).resolve.paths(name) ?? [];
  return (
    places.map((place) => join(place, name)).find((place) => existsSync(join(place, "package.json"))) ?? null
  );
}

/** The version of a package by its package.json, without loading it; null if it is not installed. */
export function packageVersion(name: NativePackage): string | null {
  const root = packageAt(name, import.meta.url);
  if (!root) return null;
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}

/** Directory of ONNX Runtime's native libraries for this system; null if the package is not installed. */
export function runtimeBinaries(): string | null {
  const root = packageAt("onnxruntime-node", import.meta.url);
  return root && join(root, "bin", "napi-v6", process.platform, process.arch);
}

const musl = (): boolean => process.platform === "linux" && glibcVersion() === null;

/** Native files of ONNX Runtime, which the package contains. */
function runtimeFiles(root: string): string[] | NativeFault {
  const binaries = join(root, "bin", "napi-v6");
  const own = join(binaries, process.platform, process.arch);
  if (!existsSync(own)) {
    const all = existsSync(binaries)
      ? readdirSync(binaries).flatMap((os) => readdirSync(join(binaries, os)).map((cpu) => `${os} ${cpu}`))
      : [];
    if (all.length === 0) return { cause: `${binaries} is missing`, cure: REINSTALL };
    return {
      cause: `no binaries for ${process.platform} ${process.arch} in the package`,
      cure: `one of ${all.join(", ")}`,
    };
  }
  const library = process.platform === "linux" ? ["libonnxruntime.so.1"] : [];
  return [...library, "onnxruntime_binding.node"].map((name) => join(own, name));
}

/** Native files of sharp, from one package per system, which npm leaves out with `--omit=optional`. */
function sharpFiles(root: string): string[] | NativeFault {
  const system = `${process.platform}${musl() ? "musl" : ""}-${process.arch}`;
  const files: string[] = [];
  for (const name of [`@img/sharp-${system}`, `@img/sharp-libvips-${system}`]) {
    // On Windows the library is next to the binding.
    if (process.platform === "win32" && name.includes("libvips")) continue;
    const place = packageAt(name, join(root, "package.json"));
    if (!place) {
      const libc = process.platform === "linux" ? ` --libc=${musl() ? "musl" : "glibc"}` : "";
      const cure = `npm install --include=optional --os=${process.platform}${libc} --cpu=${process.arch} sharp`;
      return { cause: `the package ${name} is not installed`, cure };
    }
    const libraries = existsSync(join(place, "lib")) ? readdirSync(join(place, "lib")) : [];
    const own = libraries.filter((file) => /\.(node|dylib)$|\.so(\.|$)/.test(file));
    if (own.length === 0) return { cause: `${join(place, "lib")} contains no library`, cure: REINSTALL };
    files.push(...own.map((file) => join(place, "lib", file)));
  }
  return files;
}

/** The loader's message in one line, without advice and stack. */
function loaderMessage(error: unknown): string {
  const lines = String((error as Error | undefined)?.message ?? error).split("\n");
  const advice = lines.findIndex((line) => line.startsWith("Possible solutions"));
  return lines
    .slice(0, advice < 0 ? 1 : advice)
    .join(": ")
    .trim();
}

/** Why a package does not load, given the error of loading it. */
function nativeFault(name: NativePackage, error: unknown): NativeFault {
  const root = packageAt(name, import.meta.url);
  if (!root) return { cause: "the package is not installed", cure: "`npm ci` (or `npm install`)" };
  const files = name === "sharp" ? sharpFiles(root) : runtimeFiles(root);
  if (!Array.isArray(files)) return files;
  for (const file of files) {
    const fault = faultOfFile(file);
    if (fault) return fault;
  }
  if (process.platform === "linux") {
    const glibc = glibcVersion();
    // sharp has binaries for musl, ONNX Runtime has none.
    if (glibc === null && name === "onnxruntime-node") {
      return { cause: "the C library of this Linux is musl, the package needs glibc", cure: GLIBC_SYSTEM };
    }
    if (glibc !== null && isOlder(glibc, OLDEST_GLIBC)) {
      return { cause: `glibc is ${glibc}, the package needs ${OLDEST_GLIBC} or later`, cure: GLIBC_SYSTEM };
    }
  }
  return {
    cause: loaderMessage(error),
    cure: `installing the named library (libstdc++: package libstdc++6), or ${GLIBC_SYSTEM}; if none is named, ${REINSTALL}`,
  };
}

/** The error for a package that does not load. */
export function notLoaded(name: NativePackage, error: unknown): LintelError {
  const { cause, cure } = nativeFault(name, error);
  return new LintelError("installation", {
    where: name,
    id: "E_NATIVE_LIBRARY",
    expected: "its native code to load",
    got: cause,
    attempt: cure,
    cause: error,
  });
}
