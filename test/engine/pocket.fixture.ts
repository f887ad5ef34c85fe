/** Pocket checkpoints that the tests of engines audit, made by the program within seconds. */
import { join } from "node:path";
import { type Started, start } from "../cli/run.ts";

/** The command that starts a Python with torch; the tests of this directory are left out without it. */
export const python = process.env.LINTEL_ENGINE;

/** Examples that are audited; batches are smaller than that only where a test says so. */
export const EXAMPLES = 12;

/** Settings of `lintel generate` by name: one and four latents, another task, two blocks. */
export const pockets = {
  "tetris, K = 1": ["tetris"],
  "tetris, K = 4": ["tetris", "--set", "tokens=four"],
  crop: ["crop"],
  "tetris, two blocks": ["tetris", "--set", "second=either", "--set", "plan=brief"],
} as const;

/** Runs the program, which has to succeed. */
export async function done(started: Started): Promise<{ out: string; err: string }> {
  const ran = await started.ended;
  if (ran.code !== 0) throw new Error(`exit code ${ran.code} of ${started.spawnargs.join(" ")}: ${ran.err}`);
  return ran;
}

/** Generates data and trains a checkpoint on it, for a few steps. */
export async function writePocket(
  directory: string,
  [task, ...settings]: readonly string[],
  { steps = 40, examples = EXAMPLES } = {},
): Promise<{ model: string; data: string }> {
  const [data, model] = [join(directory, "data"), join(directory, "model")];
  const sizes = ["--train", "200", "--eval", `${examples}`, "--held-out", "0", "--seed", "3"];
  await done(start(["generate", task!, "--out", data, ...sizes, "--set", "rendering=pocket", ...settings]));
  await done(
    start(["train", "joint", "--data", data, "--out", model, "--steps", `${steps}`, "--threads", "1"]),
  );
  return { model, data };
}

/** The arguments of an audit of it. */
export const auditOf = (
  { model, data }: { model: string; data: string },
  out: string,
  ...rest: readonly string[]
): string[] => ["audit", "--model", model, "--data", data, "--threads", "1", "--out", out, ...rest];

/** The options that have it run by the Python of LINTEL_ENGINE in float32, or by another command. */
export const elsewhere = (command = python!): string[] => [
  ...["--engine", "torch", "--python", command, "--dtype", "float32", "--device-map", "cpu"],
];
