import { expect, test } from "vitest";
import { fastest } from "./fastest.ts";

/** A clock that only goes on while calls run, which take these seconds, and then the last one's. */
function machine(taking: readonly number[]) {
  let [now, calls] = [0, 0];
  return {
    now: () => now,
    calls: () => calls,
    call: async () => {
      now += taking[Math.min(calls++, taking.length - 1)]!;
    },
  };
}

test("the best of several timings, whatever else the machine did meanwhile, the first call not counted", async () => {
  const free = machine([0.01, 0.1]);
  const busy = machine([0.01, 0.7, 0.3, 0.1, 0.4, 2]);
  expect(await fastest(free.call, 0.3, free.now)).toBeCloseTo(0.1, 9);
  expect(await fastest(busy.call, 0.3, busy.now)).toBeCloseTo(0.1, 9);
});

test("at least five timings of slow calls, and as many of fast ones as fit", async () => {
  const slow = machine([10]);
  await fastest(slow.call, 0.3, slow.now);
  expect(slow.calls()).toBe(6);
  const fast = machine([0.125]);
  await fastest(fast.call, 2, fast.now);
  expect(fast.calls()).toBe(1 + 17);
});
