/** One model and one computation at a time, and nothing begins that nobody waits for. */
import { describe, expect, it } from "vitest";
import { createModelHost } from "./host.ts";
import type { AuditedModel, Job } from "./types.ts";

const modelAt = (directory: string): AuditedModel => ({ request: { directory } });
const jobOf = (key: string): Job => ({ key, example: {} as Job["example"], task: { kind: "own" } });
const open = (): AbortSignal => new AbortController().signal;

/** A host whose answers come when they are let go, with a record of what began and ended. */
function recorded() {
  const events: string[] = [];
  const waiting = new Map<string, () => void>();
  let dead = false;
  const host = createModelHost(({ request: { directory } }) => {
    events.push(`starts ${directory}`);
    return {
      get alive() {
        return !dead;
      },
      ask({ key }) {
        events.push(`asks ${key}`);
        return new Promise((resolve) => {
          waiting.set(key, () => resolve({ text: key, choice: null, probabilities: null }));
        });
      },
      async release() {
        events.push(`ends ${directory}`);
        dead = false;
      },
    };
  });
  /** Lets the answer to a question go, once it has been asked. */
  const go = async (key: string): Promise<void> => {
    while (!waiting.has(key)) await new Promise(setImmediate);
    waiting.get(key)!();
  };
  return { host, events, go, kill: () => (dead = true) };
}

describe("a host of models", () => {
  it("computes one thing at a time, and ends a model before it starts another", async () => {
    const { host, events, go } = recorded();
    const answers = [
      host.ask(modelAt("a"), jobOf("1"), open()),
      host.ask(modelAt("a"), jobOf("2"), open()),
      host.ask(modelAt("b"), jobOf("3"), open()),
    ];
    await go("1");
    await go("2");
    await go("3");
    expect(await Promise.all(answers)).toMatchObject([{ text: "1" }, { text: "2" }, { text: "3" }]);
    await host.close();
    expect(events).toEqual(["starts a", "asks 1", "asks 2", "ends a", "starts b", "asks 3", "ends b"]);
  });

  it("does not begin what was given up while it waited", async () => {
    const { host, events, go } = recorded();
    const controller = new AbortController();
    const first = host.ask(modelAt("a"), jobOf("1"), open());
    const second = host.ask(modelAt("a"), jobOf("2"), controller.signal);
    const refused = expect(second).rejects.toThrow("given up");
    controller.abort(new Error("given up"));
    // It is told at once, while the first is still computed.
    await refused;
    await go("1");
    await first;
    expect(events).toEqual(["starts a", "asks 1"]);
  });

  it("lets eight wait besides the one that runs, and gives the place of one that is given up to another", async () => {
    const { host, events, go } = recorded();
    const ask = (key: string, signal = open()) => host.ask(modelAt("a"), jobOf(key), signal);
    const first = ask("0");
    while (!events.includes("asks 0")) await new Promise(setImmediate);
    const controller = new AbortController();
    const refused = expect(ask("1", controller.signal)).rejects.toThrow("given up");
    const waiting = Array.from({ length: 7 }, (_, i) => ask(`${i + 2}`));
    await expect(ask("9")).rejects.toThrow(/at most 8 questions/);
    controller.abort(new Error("given up"));
    await refused;
    const last = ask("10");
    for (const key of ["0", "2", "3", "4", "5", "6", "7", "8", "10"]) await go(key);
    expect(await Promise.all([first, ...waiting, last])).toHaveLength(9);
    expect(events).not.toContain("asks 1");
  });

  it("starts a model anew whose process has ended", async () => {
    const { host, events, go, kill } = recorded();
    const first = host.ask(modelAt("a"), jobOf("1"), open());
    await go("1");
    await first;
    kill();
    const second = host.ask(modelAt("a"), jobOf("2"), open());
    await go("2");
    await second;
    expect(events).toEqual(["starts a", "asks 1", "ends a", "starts a", "asks 2"]);
  });

  it("refuses more than may wait", async () => {
    const { host, go } = recorded();
    const keys = Array.from({ length: 8 }, (_, i) => String(i));
    const answers = keys.map((key) => host.ask(modelAt("a"), jobOf(key), open()));
    await expect(host.ask(modelAt("a"), jobOf("8"), open())).rejects.toThrow(/at most 8 questions/);
    for (const key of keys) await go(key);
    await Promise.all(answers);
  });
});
