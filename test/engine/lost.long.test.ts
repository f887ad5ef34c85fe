/**
 * Audits by PyTorch (LINTEL_ENGINE) that are interrupted, and those over ssh and Slurm, on this machine: nothing is lost, and
 * the files are those of an audit that nothing has happened to, byte by byte.
 */
import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/util/index.ts";
import { type Started, start, until } from "../cli/run.ts";
import { auditOf, done, elsewhere, python, writePocket } from "./pocket.fixture.ts";

/** Kills of an engine; KILLS=4 takes half a minute. */
const KILLS = Number(process.env.KILLS ?? 20);
/** Six batches. */
const EXAMPLES = 300;
const ASKED = ["--interventions", "oracle,zeros,mean,other-own,skip"];
/** The first line of progress: the model is loaded. */
const WORKING = /audit eval/;

let scratch: string;
let pocket: { model: string; data: string };
let whole: string;
/** Milliseconds from the start of Python to the first progress, and from there to the end. */
let took: { loading: number; working: number };

/** A script that notes its process and becomes the Python of LINTEL_ENGINE; and the file of the note. */
function wrapped(name: string): { command: string; pid: () => number | null } {
  const [command, file] = [join(scratch, `${name}.sh`), join(scratch, `${name}.pid`)];
  rmSync(file, { force: true });
  const env = "export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1";
  const program = python!.includes("/") ? resolve(python!) : python!;
  writeFileSync(command, `#!/bin/sh\n${env}\necho $$ > '${file}'\nexec ${program} "$@"\n`, { mode: 0o755 });
  return { command, pid: () => (existsSync(file) ? Number(readFileSync(file, "utf8")) || null : null) };
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
async function eventually<T>(find: () => T | null | false, seconds = 60): Promise<T> {
  for (let i = 0; i < seconds * 20; i++) {
    const found = find();
    if (found) return found;
    await pause(50);
  }
  throw new Error(`not within ${seconds} s: ${find}`);
}
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const audit = (out: string, command: string): Started =>
  start(auditOf(pocket, out, ...ASKED, ...elsewhere(command)));
function same(out: string): void {
  expect(readdirSync(out).sort()).toEqual(readdirSync(whole).sort());
  for (const name of ["outcomes.jsonl", "latents.safetensors", "audit.json", "verdict.md", "table.tex"])
    expect(readFileSync(join(out, name)).equals(readFileSync(join(whole, name))), name).toBe(true);
}

describe.skipIf(!python)("an audit by PyTorch (LINTEL_ENGINE)", () => {
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), "lintel-lost-"));
    pocket = await writePocket(scratch, ["tetris"], { examples: EXAMPLES });
    whole = join(scratch, "whole");
    const { command, pid } = wrapped("whole");
    const running = audit(whole, command);
    await eventually(pid);
    const began = performance.now();
    await until(running, WORKING);
    const loaded = performance.now();
    await done(running);
    took = { loading: loaded - began, working: performance.now() - loaded };
  }, 300_000);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it(`loses nothing when its Python is killed at ${KILLS} random moments`, async () => {
    const r = random(14, "moments");
    const kills = { loading: 0, working: 0, resumed: 0 };
    for (let chain = 0; kills.loading + kills.working < KILLS; chain++) {
      const out = join(scratch, `chain-${chain}`);
      // An audit is killed again and again while it goes on, at most five times, and then left alone.
      let ended = false;
      for (let i = 0; i < 5 && !ended && kills.loading + kills.working < KILLS; i++) {
        const { command, pid } = wrapped(`chain-${chain}-${i}`);
        const running = audit(out, command);
        const loading = r.uniform() < 0.2;
        const [moment, process_] = [r.uniform(), await eventually(pid)];
        if (loading) await pause(moment * took.loading);
        else await until(running, WORKING).then(() => pause((moment * took.working) / 2));
        if (alive(process_)) process.kill(process_, "SIGKILL");
        const ran = await running.ended;
        // It may have been done with its work before.
        ended = ran.code === 0;
        if (ended) break;
        expect(ran.code).toBe(1);
        expect(ran.err).toMatch(/SIGKILL.*same command again|ended.*SIGKILL/s);
        kills[loading ? "loading" : "working"]++;
        if (existsSync(join(out, "latents.safetensors"))) kills.resumed++;
      }
      if (!ended) await done(audit(out, wrapped(`chain-${chain}-end`).command));
      same(out);
      rmSync(out, { recursive: true });
    }
    console.log(`killed: ${JSON.stringify(kills)}`);
    // Of the moments, some are within the work, and leave something to go on with.
    expect(kills.working).toBeGreaterThan(0);
    if (KILLS >= 20) {
      expect(kills.working).toBeGreaterThan(KILLS / 2);
      expect(kills.resumed).toBeGreaterThan(0);
    }
  }, 1_200_000);

  const sshd = ["/usr/sbin/sshd", "/usr/bin/sshd"].find(existsSync);
  it.skipIf(!sshd)(
    `runs over ssh, and goes on after the connection was cut${sshd ? "" : " (left out: no sshd here)"}`,
    async () => {
      const server = await sshServer(sshd!);
      try {
        const cut = wrapped("ssh");
        const out = join(scratch, "over-ssh");
        const running = audit(out, `${server.command} ${cut.command}`);
        await until(running, WORKING);
        // The server's side of the connection, from which Python descends.
        process.kill(parentOf(cut.pid()!), "SIGKILL");
        const ran = await running.ended;
        expect(ran.code).toBe(1);
        expect(ran.err).toMatch(/the engine \(ssh .*same command again/);
        await eventually(() => !alive(cut.pid()!));
        await done(audit(out, `${server.command} ${wrapped("ssh-again").command}`));
        same(out);
      } finally {
        await server.stop();
      }
    },
    600_000,
  );

  const slurm = existsSync("/usr/sbin/slurmctld") && process.getuid?.() === 0;
  it.skipIf(!slurm)(
    `runs in a job of Slurm, and goes on after it was canceled${slurm ? "" : " (left out: needs slurm-wlm, munge and root)"}`,
    async () => {
      const script = (name: string): string =>
        fileURLToPath(new URL(`../../scripts/slurm/${name}.sh`, import.meta.url));
      const directory = join(scratch, "slurm");
      execFileSync("bash", [script("start"), directory], { stdio: ["ignore", "ignore", "inherit"] });
      process.env.SLURM_CONF = join(directory, "slurm.conf");
      try {
        const out = join(scratch, "in-a-job");
        const first = wrapped("srun");
        const running = audit(out, `srun --mem=2000 ${first.command}`);
        await until(running, WORKING);
        execFileSync("scancel", ["--user", "root"]);
        const ran = await running.ended;
        expect(ran.code).toBe(1);
        expect(ran.err).toMatch(/the engine \(srun .*same command again/);
        expect(alive(first.pid()!)).toBe(false);
        // Without and with the buffers of srun, which passes on whole lines by default.
        await done(audit(out, `srun --mem=2000 ${wrapped("srun-again").command}`));
        same(out);
        const unbuffered = join(scratch, "unbuffered");
        const second = wrapped("srun-unbuffered");
        await done(audit(unbuffered, `srun --unbuffered --mem=2000 ${second.command}`));
        same(unbuffered);
        expect(execFileSync("squeue", ["--noheader"], { encoding: "utf8" })).toBe("");
        expect(alive(second.pid()!)).toBe(false);
      } finally {
        delete process.env.SLURM_CONF;
        execFileSync("bash", [script("stop"), directory]);
      }
    },
    900_000,
  );
});

/** The process that started another. */
const parentOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/^PPid:\s*(\d+)/m)![1]);

/** An sshd of this user on loopback, whose keys and settings are in the scratch directory; `command` connects to it. */
async function sshServer(program: string): Promise<{ command: string; stop: () => Promise<void> }> {
  const directory = join(scratch, "sshd");
  mkdirSync(directory, { mode: 0o700 });
  const [host, user] = ["host", "user"].map((name) => join(directory, name)) as [string, string];
  for (const key of [host, user]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  writeFileSync(join(directory, "keys"), readFileSync(`${user}.pub`), { mode: 0o600 });
  const port = await freePort();
  const settings = {
    ...{ ListenAddress: `127.0.0.1:${port}`, HostKey: host, AuthorizedKeysFile: join(directory, "keys") },
    ...{ PidFile: "none", StrictModes: "no", PermitRootLogin: "yes", PasswordAuthentication: "no" },
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(join(directory, "config"), lines.join(""));
  // Where root's sshd separates its privileges.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const server = spawn(program, ["-D", "-e", "-f", join(directory, "config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await until(server, /listening/i);
  const known = [
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "LogLevel=ERROR",
  ];
  const command = [
    "ssh",
    "-F",
    "none",
    "-o",
    "BatchMode=yes",
    ...known,
    "-i",
    user,
    "-p",
    port,
    "127.0.0.1",
  ].join(" ");
  const closed = new Promise<void>((resolve) => server.on("close", () => resolve()));
  return {
    command,
    async stop() {
      server.kill();
      await closed;
    },
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
