/** The same graphs are the same bytes, whichever process builds them. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("./support/graph-sums.mjs", import.meta.url));

/** Sums from a process of its own, with Node's options and an environment. */
async function sums(options: string[], env: Record<string, string>): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, [...options, program], {
    cwd: env.HOME,
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout);
}

it("every graph of a model is encoded to the same bytes in two processes that differ in all that they may", async () => {
  const one = await sums([], { HOME: "/", TZ: "UTC", LANG: "C" });
  const seeds = ["--random-seed=7", "--hash-seed=7"];
  const two = await sums(seeds, {
    HOME: "/tmp",
    TZ: "Asia/Tokyo",
    LANG: "tr_TR.UTF-8",
    LC_ALL: "tr_TR.UTF-8",
  });
  expect(two).toEqual(one);
  // Graphs differ from one another, so that the sums are of what they name.
  expect(new Set(Object.values(one)).size).toBe(Object.keys(one).length);
  expect(Object.keys(one).length).toBe(18);
});
