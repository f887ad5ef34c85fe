import { describe, expect, it } from "vitest";
import { LintelError, type ProgressEvent } from "../../util/index.ts";
import { createSchedule } from "./schedule.ts";
import type { Job } from "./types.ts";

const job = (id: string, ...needs: string[]): Job => ({ id, needs, argv: [] });
const ids = (jobs: Job[]): string[] => jobs.map(({ id }) => id);
const failure = (message: string) => ({ code: "checkpoint" as const, message });

describe("createSchedule", () => {
  it("hands out each job once, when what it needs is done", () => {
    const schedule = createSchedule([
      job("c", "a", "b"),
      job("a"),
      job("b", "a"),
      job("d", "finished-before"),
    ]);
    expect(ids(schedule.ready())).toEqual(["a", "d"]);
    expect(schedule.ready()).toEqual([]);
    schedule.finish("a", null);
    expect(ids(schedule.ready())).toEqual(["b"]);
    schedule.finish("b", null);
    schedule.finish("d", null);
    expect(ids(schedule.ready())).toEqual(["c"]);
    expect(schedule.over).toBe(false);
    schedule.finish("c", null);
    expect(schedule.over).toBe(true);
    schedule.conclude();
  });

  it("drops what needs a failed job, also through others, and keeps the rest going", () => {
    const schedule = createSchedule([job("a"), job("b", "a"), job("c", "b"), job("x"), job("y", "x")]);
    schedule.ready();
    expect(ids(schedule.finish("a", failure("a.safetensors: cut off")))).toEqual(["b", "c"]);
    schedule.finish("x", null);
    expect(ids(schedule.ready())).toEqual(["y"]);
    schedule.finish("y", null);
    expect(schedule.over).toBe(true);
    expect(() => schedule.conclude()).toThrow(
      "study: expected all 5 cells to finish, got 1 failed (a: a.safetensors: cut off); not run without them: b, c. Try the same command again",
    );
  });

  it("calls the parts of an audit parts", () => {
    const progress: unknown[] = [];
    const schedule = createSchedule([job("own 1/2")], (each) => progress.push(each), "part");
    expect(progress).toEqual([{ label: "audit", done: 0, total: 1, unit: "parts" }]);
    schedule.finish("own 1/2", failure("out of memory"));
    expect(() => schedule.conclude()).toThrow(
      "audit: expected the part to finish, got 1 failed (own 1/2: out of memory). Try the same command again once the cause is gone; finished parts are kept",
    );
  });

  it("quotes three failures and carries the code of the first", () => {
    const jobs = ["a", "b", "c", "d", "e"].map((id) => job(id));
    const schedule = createSchedule(jobs);
    for (const { id } of jobs) schedule.finish(id, failure(`why ${id}`));
    let thrown: unknown;
    try {
      schedule.conclude();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(LintelError);
    expect((thrown as LintelError).code).toBe("checkpoint");
    expect((thrown as LintelError).message).toContain(
      "5 failed (a: why a | b: why b | c: why c | and 2 more)",
    );
  });

  it("refuses circles and ids that occur twice", () => {
    expect(() => createSchedule([job("a", "c"), job("b", "a"), job("c", "b"), job("d")])).toThrow(
      /without a cycle, got a cycle among a, b, c/,
    );
    expect(() => createSchedule([job("a", "a")])).toThrow(/cycle/);
    expect(() => createSchedule([job("a"), job("a")])).toThrow(/each id once/);
  });

  it("counts finished cells", () => {
    const events: ProgressEvent[] = [];
    const schedule = createSchedule([job("a"), job("b")], (event) => events.push(event));
    schedule.finish("a", null);
    schedule.finish("b", failure("no"));
    expect(events.map(({ done, total }) => [done, total])).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });
});
