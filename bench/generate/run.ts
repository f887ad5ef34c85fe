/**
 * npm run bench:generate — tetris examples to disk, against the generator that the paper's code ships.
 *   LANTERN_REPO=path/to/LanteRn [PYTHON=python3] [ROUNDS=3] npm run bench:generate
 * LANTERN_REPO is a checkout of github.com/GuilhermeViveiros/LanteRn, of which no part is in this repository; its
 * generator needs Python with pillow and tqdm. Without it ours is timed alone and compared with nothing.
 *
 * Equal pixel counts: theirs paints a picture of up to 872 × 794 pixels and a helper of about 622 × 332; ours a sheet
 * of 872 × 794, a helper of 622 × 332, and as many more for the counterfactuals, which are not counted. Ours writes
 * Parquet with checksums on two cores, theirs PNG files and JSON from one process, as it ships. Rounds alternate and the
 * best of each counts, so that neither is judged by what else the machine was doing.
 * One JSON line per case: { bench, case, peer, ours, theirs, unit, ratio, … }; ratio > 1: ours is faster.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { report } from "../history.ts";
import { nodeArguments } from "../processes.ts";

const rounds = Number(process.env.ROUNDS ?? 3);
const python = process.env.PYTHON ?? "python3";
const repo = process.env.LANTERN_REPO;
const scratch = mkdtempSync(join(tmpdir(), "lintel-bench-generate-"));
const counted = 2_000;
const ourScript = fileURLToPath(new URL("./ours.ts", import.meta.url));

interface Ours {
  seconds: number;
  examples: number;
  perSecond: number;
  pixelsPerExample: number;
  cpuSeconds: number;
  peakMiB: number;
}

/** Seconds, examples and peak memory of one run of ours in a process of its own. */
function ours(examples: number): Ours {
  const out = join(scratch, "ours");
  const line = execFileSync(process.execPath, [...nodeArguments(ourScript), out, String(examples)], {
    encoding: "utf8",
  });
  rmSync(out, { recursive: true });
  return JSON.parse(line);
}

/** Width and height in the header of a PNG. */
const pixelsOf = (file: string): number => {
  const header = readFileSync(file).subarray(16, 24);
  return header.readUInt32BE(0) * header.readUInt32BE(4);
};

/** Seconds, examples and pixels of one run of theirs. */
function theirs() {
  const out = join(scratch, "theirs");
  const argv = ["-m", "synthetic.Tetris.create_dataset", "--output_dir", out];
  const sizes = ["--max_train_samples", "400", "--max_eval_samples", "100"];
  const started = performance.now();
  const { status, stderr } = spawnSync(python, [...argv, ...sizes], { cwd: repo, encoding: "utf8" });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`the peer's generator failed:\n${stderr}`);
  const files = readdirSync(join(out, "images"));
  const pixels = files.reduce((sum, file) => sum + pixelsOf(join(out, "images", file)), 0);
  const examples = files.length / 2;
  rmSync(out, { recursive: true });
  return {
    seconds,
    examples,
    pixelsPerExample: Math.round(pixels / examples),
    perSecond: examples / seconds,
  };
}

const peerVersion = () => {
  const { status, stdout } = spawnSync("git", ["-C", repo!, "rev-parse", "--short", "HEAD"], {
    encoding: "utf8",
  });
  const pillow = spawnSync(python, ["-c", "import PIL; print(PIL.__version__)"], {
    encoding: "utf8",
  }).stdout.trim();
  const commit = status === 0 ? stdout.trim() : (process.env.LANTERN_COMMIT ?? "unknown commit");
  return `LanteRn synthetic/Tetris/create_dataset.py ${commit}, Pillow ${pillow}`;
};

try {
  const there = repo !== undefined && existsSync(join(repo, "synthetic/Tetris/create_dataset.py"));
  if (!there) {
    process.stderr.write(
      `bench:generate: ${repo ? `no synthetic/Tetris/create_dataset.py in ${repo}` : "LANTERN_REPO is not set"}; ` +
        "compared with nothing. Set it to a checkout of github.com/GuilhermeViveiros/LanteRn.\n",
    );
  }
  const mine: Ours[] = [];
  const other: ReturnType<typeof theirs>[] = [];
  for (let round = 0; round < rounds; round++) {
    mine.push(ours(counted));
    if (there) other.push(theirs());
  }
  const best = <Run extends { perSecond: number }>(runs: readonly Run[]): Run =>
    runs.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
  const a = best(mine);
  const b = there ? best(other) : null;
  const line = {
    bench: "generate",
    case: "tetris, sheet 872 × 794 and helper 622 × 332, to disk, 2 cores",
    peer: there ? peerVersion() : null,
    ours: +a.perSecond.toFixed(1),
    theirs: b && +b.perSecond.toFixed(1),
    unit: "examples/s",
    ratio: b && +(a.perSecond / b.perSecond).toFixed(2),
    pixelsPerExample: { ours: a.pixelsPerExample, theirs: b?.pixelsPerExample ?? null },
    cpuSecondsPer1000: { ours: +((a.cpuSeconds / a.examples) * 1000).toFixed(2) },
    rounds,
  };
  report(line);
  const large = ours(10_000);
  const memory = {
    bench: "generate",
    case: "tetris, 10,000 examples: peak memory",
    peer: "the limit of 1 GiB",
    ours: Math.round(large.peakMiB),
    theirs: 1024,
    unit: "MiB",
    ratio: +(1024 / large.peakMiB).toFixed(2),
    examplesPerSecond: +large.perSecond.toFixed(1),
  };
  report(memory);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
