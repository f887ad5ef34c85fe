/** How long a call takes on a machine that does other work, too. */

/** Fewest timings that the best is taken of. */
const LEAST = 5;

/**
 * Seconds of the fastest of several calls, the first not counted: other processes make calls slower, never faster.
 *
 * @param seconds - How long it is tried; five calls in any case. @param now - A clock, in seconds.
 *
 * @example
 * const times = [0, 0, 3, 3, 5, 5, 9, 9, 12, 12, 16, 16];
 * await fastest(async () => undefined, 1, () => times.shift()); // 2
 */
export async function fastest(
  call: () => Promise<unknown>,
  seconds: number,
  now: () => number = () => performance.now() / 1000,
): Promise<number> {
  await call();
  const began = now();
  let best = Number.POSITIVE_INFINITY;
  for (let calls = 1; ; calls++) {
    const start = now();
    await call();
    const end = now();
    best = Math.min(best, end - start);
    if (calls >= LEAST && end - began > seconds) return best;
  }
}
