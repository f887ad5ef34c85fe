/**
 * The PyTorch engine: 12 interventions beside own latents alone, and beside a plain script that generates once for each
 * (python/lintel_reference/engine_speed.py). Weights are random.
 *   npm run bench:engine [-- --shape 0.5B --examples 4 --rounds 2 …]    # options of engine_speed.py; default: a small shape
 * Prints JSON lines, of each round the cost and the ratio; exits with 1 where a bar is missed. Bars stand for the 0.5B shape.
 * Python: LINTEL_PYTHON, else .venv/bin/python.
 */
import { spawnSync } from "node:child_process";
import { report } from "./history.ts";
import { python } from "./processes.ts";

/** Times own latents alone, times faster than the plain script, and the share of time of what crosses to the engine and back. */
const BARS = { cost: 2, timesFaster: 4, crossing: 0.05 };

interface Round {
  shape: string;
  examples: number;
  interventions: number;
  cost: number;
  timesFaster: number;
  crossing: number;
  own: { s: number };
  all: { s: number };
  plain: { s: number };
  torch: string;
  transformers: string;
  threads: number;
}

const given = process.argv.slice(2);
const small = given.includes("--shape") ? [] : ["--shape", "small"];
const ran = spawnSync(python, ["-m", "lintel_reference.engine_speed", ...small, ...given], {
  env: { ...process.env, PYTHONPATH: new URL("../python", import.meta.url).pathname },
  stdio: ["ignore", "pipe", "inherit"],
  encoding: "utf8",
});
if (ran.error) console.error(`bench:engine: ${ran.error.message}`);
const rounds = (ran.stdout ?? "").split("\n").filter((line) => line.startsWith("{"));
let failed = ran.status !== 0 || rounds.length === 0;
for (const round of rounds.map((line) => JSON.parse(line) as Round)) {
  const { shape, examples, interventions, cost, timesFaster, crossing, own, all, plain } = round;
  const { torch, transformers, threads } = round;
  const asked = shape === "0.5B";
  const about = { unit: "s", threads, versions: { torch, transformers } };
  const what = `engine, ${shape}, ${examples} examples, ${interventions} interventions`;
  report({
    case: `${what}: times own alone`,
    ours: all.s,
    theirs: own.s,
    cost,
    ...(asked && { most: BARS.cost }),
    ...about,
  });
  report({
    ...{ case: `${what}: beside a script that generates once for each`, ours: all.s, theirs: plain.s },
    ...{ ratio: timesFaster, ...(asked && { bar: BARS.timesFaster }), ...about },
  });
  report({
    case: `${what}: share of what crosses`,
    ours: crossing,
    ...(asked && { most: BARS.crossing }),
    ...about,
    unit: "share",
  });
  if (asked && (cost > BARS.cost || timesFaster < BARS.timesFaster || crossing > BARS.crossing))
    failed = true;
}
process.exitCode = failed ? 1 : 0;
