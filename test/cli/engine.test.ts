/** `lintel audit --engine torch`, with a fake engine: same outcomes, clear errors, and runs that go on. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { random } from "../../src/util/index.ts";
import { fakeEngine, writeKnown } from "../engine.fixture.ts";
import { lintel, type Ran, start } from "./run.ts";

let scratch: string;
let known: { model: string; data: string };
let here: string;
/** Batches of few examples, so that there is something to resume. */
const COUNT = 120;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "lintel-engine-"));
  known = await writeKnown(scratch, COUNT);
  here = join(scratch, "here");
  const ran = await audit(here);
  expect(ran.err).not.toContain("lintel:");
  expect(ran.code).toBe(0);
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true }));

const audit = (out: string | null, ...rest: string[]): Promise<Ran> =>
  lintel(
    "audit",
    ...["--model", known.model, "--data", known.data, "--threads", "1"],
    ...(out === null ? [] : ["--out", out]),
    ...rest,
  );
const elsewhere = (out: string | null, ...faults: string[]): Promise<Ran> =>
  audit(out, "--engine", "torch", "--python", fakeEngine(...faults));
const same = (out: string): void => {
  for (const name of ["outcomes.jsonl", "latents.safetensors"])
    expect(readFileSync(join(out, name)).equals(readFileSync(join(here, name)))).toBe(true);
};

describe("an audit by an engine elsewhere", () => {
  it("has the outcomes of this process, bit for bit, and says what ran it", async () => {
    const out = join(scratch, "same");
    const ran = await elsewhere(out, "noise=Welcome", "note=out of memory: 50 → 25 rows at once");
    expect(ran.code).toBe(0);
    expect(ran.err).toContain("the engine: out of memory: 50 → 25 rows at once");
    same(out);
    const { engine } = JSON.parse(readFileSync(join(out, "audit.json"), "utf8"));
    expect(engine).toMatchObject({
      engine: "torch",
      dtype: "float32",
      devices: ["cpu"],
      notes: ["out of memory: 50 → 25 rows at once"],
    });
    const { inputs } = JSON.parse(readFileSync(join(out, "asked.json"), "utf8"));
    expect(inputs.options).toMatchObject({ engine: "torch", dtype: "float32", "version of torch": "0.0.0" });
    // A directory holds outcomes of one engine.
    const other = await audit(out);
    expect(other.code).toBe(2);
    expect(other.err).toMatch(/another one .*options/);
  });

  it("goes on after it was killed at any moment, and ends with the same bits", async () => {
    const out = join(scratch, "killed");
    const r = random(7, "kill");
    let killed = 0;
    for (let i = 0; i < 6; i++) {
      const ran = await elsewhere(out, `die=${5 + Math.floor(r.uniform() * 30)}`);
      if (ran.code === 0) break;
      killed++;
      expect(ran.code).toBe(1);
      expect(ran.err).toMatch(/the engine .* ended with SIGKILL.*same command again/);
    }
    expect(killed).toBeGreaterThan(1);
    expect((await elsewhere(out)).code).toBe(0);
    same(out);
  }, 240_000);
});

describe("--dry-run with an engine", () => {
  it("plans as in this process, and estimates memory and time without loading weights", async () => {
    const plan = async (...rest: string[]) => {
      const ran = await audit(null, "--dry-run", "--json", ...rest);
      expect(ran.err).toBe("");
      return JSON.parse(ran.out);
    };
    const engine = ["--engine", "torch", "--python"];
    const { memory: here, ...ours } = await plan();
    expect(here.total).toBeGreaterThan(0);
    // The engine would fail if a weight was wanted of it.
    const { engine: estimate, ...theirs } = await plan(...engine, fakeEngine("error=load:python:loaded"));
    expect(theirs).toEqual(ours);
    const stored = statSync(join(known.model, "model.safetensors")).size;
    expect(estimate.memory.weights).toBe(stored);
    const { memory, seconds } = (await plan(...engine, fakeEngine("halves=1"), "--dtype", "bfloat16")).engine;
    expect(memory.weights).toBe(stored / 2);
    expect(memory.prefixes).toBe(estimate.memory.prefixes / 2);
    expect(memory.total).toBe(memory.weights + memory.prefixes + memory.continuations + memory.activations);
    expect(memory.free).toBe(2 ** 32);
    // At 10⁹ operations and bytes a second, no less than every prompt through every layer.
    expect(seconds.longest).toBeGreaterThan(seconds.usual);
    const longer = (await plan(...engine, fakeEngine("halves=1"), "--max-tokens", "2000")).engine.seconds;
    expect(longer.longest / longer.usual).toBeGreaterThan(20);
  }, 120_000);
});

describe("an engine's memory", () => {
  it("is given back by every intervention and suite: what is left are the prefixes of the batches", async () => {
    const file = join(scratch, "handles.json");
    const fault = fakeEngine(`handles=${file}`);
    const asked = ["--interventions", "own,zeros,own@unseen,own@dropped,own@blank,blank-image,drop-image"];
    const suites = ["--suites", "knockout,mediation,prism,paths", "--limit", "24"];
    const ran = await audit(null, "--engine", "torch", "--python", fault, ...asked, ...suites);
    expect(ran.code, ran.err).toBe(0);
    const { most, left, made } = JSON.parse(readFileSync(file, "utf8"));
    expect(made).toBeGreaterThan(25);
    // One batch: its prefix is kept for the next analysis; beside it a prompt read again, and its continuations.
    expect(left).toBeLessThanOrEqual(1);
    expect(most).toBeLessThanOrEqual(4);
  }, 120_000);
});

describe("--dry-run with an engine, after an audit that one had estimated", () => {
  it("says how far the last estimate for this engine was off", async () => {
    // Its command line tells this engine from those of other tests.
    const engine = ["--engine", "torch", "--python", fakeEngine("noise=estimated"), "--limit", "30"];
    const estimated = async (...rest: string[]): Promise<string | undefined> =>
      (await audit(null, "--dry-run", ...engine, ...rest)).out.match(
        /the last estimate for this engine.*/,
      )?.[0];
    expect(await estimated()).toBeUndefined();
    // Another audit than the one that was estimated.
    expect((await audit(null, ...engine, "--interventions", "own")).code).toBe(0);
    expect(await estimated()).toBeUndefined();
    expect((await audit(join(scratch, "estimated"), ...engine)).code).toBe(0);
    expect(await estimated("--interventions", "own,zeros")).toMatch(
      /: at least [\d.]+ m?s?.*; the audit took [\d.]+ s, [\d.e+]+ times as long/,
    );
    // Of an audit that had been finished nothing is noted.
    const noted = await estimated();
    expect((await audit(join(scratch, "estimated"), ...engine)).code).toBe(0);
    expect(await estimated()).toBe(noted);
  }, 120_000);
});

describe("doctor --engine torch", () => {
  const doctor = (fault: string, ...rest: string[]): Promise<Ran> =>
    lintel("doctor", "--engine", "torch", "--python", fakeEngine(fault), ...rest);
  const ofModel = (): string[] => [
    ...["--model", known.model, "--data", known.data, "--limit", "60", "--interventions", "zeros,skip"],
    ...["--threads", "1"],
  ];

  it("says what the Python has, and how far a model agrees with itself in half precision", async () => {
    const ran = await doctor("halves=1", ...ofModel(), "--json");
    expect(ran.code).toBe(0);
    const { engine, precision } = JSON.parse(ran.out);
    expect(engine.versions).toMatchObject({ python: "3.11.2", torch: "0.0.0" });
    expect(engine.devices).toEqual([
      { device: "cpu", name: "fake", memory: { total: 2 ** 33, free: 2 ** 32 }, bfloat16: true },
    ]);
    expect(precision).toMatchObject({ reference: "float32", dtype: "bfloat16" });
    // The fake computes in float32 whatever it is told.
    const all = { examples: 60, missing: 0, answers: 60, texts: 60, first: null };
    expect(precision.agreement).toMatchObject(
      ["own", "zeros", "skip"].map((intervention) => ({ intervention, ...all })),
    );
    const text = await doctor("halves=1");
    expect(text.out).toMatch(/cpu +fake, 4 GiB of 8 GiB free/);
  }, 120_000);

  it("says what is wrong before anything is computed", async () => {
    for (const [code, fault, rest, message] of [
      [1, "lacks=torch", [], /Python with torch, got Python 3.11.2 without it/],
      [1, "note=none", ofModel(), /during load: .*dtype bfloat16/],
      [2, "note=none", [...ofModel(), "--dtype", "float32"], /--dtype: expected bfloat16 or float16/],
    ] as const) {
      const ran = await doctor(fault, ...rest);
      expect(ran.err).toMatch(message);
      expect(ran.code).toBe(code);
    }
    const here = await lintel("doctor", "--model", known.model);
    expect(here.code).toBe(2);
    expect(here.err).toMatch(/--model: expected --engine torch beside it/);
  }, 120_000);
});

describe("what goes wrong with an engine", () => {
  const cases: [string, string[], string, RegExp][] = [
    [
      "its death",
      ["exit=9"],
      "E_ENGINE_LOST",
      /exit code 3; its output ended with: Traceback: the driver is gone/,
    ],
    ["bytes that are no frame", ["garbage=8"], "E_ENGINE_LOST", /expected a frame/],
    ["another protocol", ["protocol=7"], "E_ENGINE_VERSION", /version 2 or 1 of the engine protocol, got 7/],
    ["no torch", ["lacks=torch"], "E_PYTHON_MODULE", /Python with torch, got Python 3.11.2 without it/],
    [
      "memory that one example does not fit into",
      ["error=prefill:memory:CUDA out of memory. Tried to allocate 2 GiB"],
      "E_OUT_OF_MEMORY",
      /during prefill: .*Tried to allocate 2 GiB.*--dtype bfloat16/,
    ],
    [
      "a Python exception",
      ["error=run:python:ValueError: shapes differ"],
      "E_ENGINE_FAILED",
      /ValueError: shapes differ \(traceback: .*\.log\)/,
    ],
    [
      "a module that the model needs",
      ["error=load:missing:No module named timm, which /models/mine needs"],
      "E_PYTHON_MODULE",
      /during load: expected the modules that the model needs, got No module named timm/,
    ],
    [
      "a checkpoint that does not load",
      ["error=load:checkpoint:/models/mine: 3 tensors of LlamaForCausalLM are missing, such as x"],
      "E_CHECKPOINT",
      /expected a checkpoint that transformers loads, got .*3 tensors of LlamaForCausalLM are missing/,
    ],
    [
      "what the engine does not offer",
      ["error=load:unsupported:FlashAttention2 is not installed"],
      "E_RUNTIME",
      /expected something that this engine offers, got FlashAttention2 is not installed/,
    ],
    [
      "a request that does not fit",
      ["error=load:input:dtype float8: one of float32, bfloat16"],
      "E_INPUT",
      /expected a request that the engine understands, got dtype float8/,
    ],
    [
      "code of the checkpoint",
      ["error=load:remote-code:needs modeling_mine.py"],
      "E_CHECKPOINT",
      /modeling_mine.py.*--trust-remote-code/,
    ],
  ];
  for (const [what, faults, id, message] of cases)
    it(`is said clearly: ${what}`, async () => {
      const ran = await audit(null, "--engine", "torch", "--python", fakeEngine(...faults), "--json");
      expect(ran.code).toBe(1);
      const { error } = JSON.parse(ran.err.trim().split("\n").at(-1)!);
      expect(error.id).toBe(id);
      expect(error.message).toMatch(message);
      const log = error.message.match(/\S+\.log/)?.[0];
      if (id === "E_ENGINE_FAILED") expect(readFileSync(log!, "utf8")).toContain("Traceback");
    });

  it("is said clearly: a command that starts no Python", async () => {
    for (const [command, message] of [
      ["/no/such/python", /got no program \/no\/such\/python/],
      ["false", /exit code 1.*its standard error/],
    ] as const) {
      const ran = await audit(null, "--engine", "torch", "--python", command, "--json");
      expect(ran.code).toBe(1);
      const { error } = JSON.parse(ran.err.trim().split("\n").at(-1)!);
      expect(error.id).toBe("E_ENGINE_START");
      expect(error.message).toMatch(message);
    }
  });

  it("is a usage error where options of an engine stand alone", async () => {
    const ran = await audit(null, "--dtype", "bfloat16");
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/--dtype needs --engine torch/);
  });

  it("leaves no engine behind when the program is killed", async () => {
    const child = start(
      ["audit", "--model", known.model, "--data", known.data, "--engine", "torch"].concat(
        "--python",
        fakeEngine("hang=3", `pid=${join(scratch, "pid")}`),
      ),
    );
    const file = join(scratch, "pid");
    // A file is there before its text is.
    const written = (): number => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0);
    while (written() === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const pid = written();
    child.kill("SIGKILL");
    await child.ended;
    const gone = (): boolean => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    };
    for (let i = 0; i < 200 && !gone(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(gone()).toBe(true);
  });
});
