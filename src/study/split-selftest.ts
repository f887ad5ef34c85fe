/** Self-tests whose models are split among processes of this machine. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJson } from "../formats/index.ts";
import { type ExecutorOptions, executorNamed } from "./executors/index.ts";

interface SplitSelftest extends Pick<ExecutorOptions, "workers" | "onProgress" | "signal" | "command"> {
  models: readonly string[];
  /** Arguments of `lintel` for every process, without the models. */
  argv: readonly string[];
}

/**
 * Tests each model in a process of its own, several at a time, and returns what each said (its JSON), in the order of the
 * models. Numbers do not depend on the processes: every model is tested by itself anyway.
 *
 * @example
 * const say = 'require("fs").writeFileSync(process.argv.at(-1), JSON.stringify({ model: process.argv.at(-3) }))';
 * await splitSelftest({ models: ["a", "b"], argv: ["--"], command: [process.execPath, "-e", say] }); // [{ model: "a" }, { model: "b" }]
 */
export async function splitSelftest({ models, argv, ...options }: SplitSelftest): Promise<unknown[]> {
  const directory = await mkdtemp(join(tmpdir(), "lintel-selftest-"));
  const resultOf = (model: string): string => join(directory, `${model}.json`);
  const jobs = models.map((model) => ({
    id: model,
    needs: [],
    argv: [...argv, "--models", model, "--result", resultOf(model)],
  }));
  try {
    await executorNamed("local")(jobs, { ...options, run: directory, kind: "model" });
    const readable = { expected: "the result of a self-test", attempt: "the same command again" };
    return await Promise.all(models.map((model) => readJson(resultOf(model), readable)));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
