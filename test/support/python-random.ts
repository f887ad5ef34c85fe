import { mersenneTwister, seededState } from "../../src/numeric/index.ts";

/** Python's `random.Random(seed)`: MT19937 (Matsumoto & Nishimura 1998), seeded by an array of one word. */
export function pythonRandom(seed: number): { randrange(n: number): number } {
  const size = 624;
  const state = seededState(19650218);
  const mixed = (i: number) => state[i - 1]! ^ (state[i - 1]! >>> 30);
  let i = 1;
  for (let k = 0; k < size; k++) {
    state[i] = (state[i]! ^ Math.imul(mixed(i), 1664525)) + seed;
    if (++i === size) [state[0], i] = [state[size - 1]!, 1];
  }
  for (let k = 1; k < size; k++) {
    state[i] = (state[i]! ^ Math.imul(mixed(i), 1566083941)) - i;
    if (++i === size) [state[0], i] = [state[size - 1]!, 1];
  }
  state[0] = 0x80000000;
  const word = mersenneTwister(state);
  return {
    // As many upper bits of a word as n has, until they are below n.
    randrange(n) {
      const shift = Math.clz32(n);
      let found = word() >>> shift;
      while (found >= n) found = word() >>> shift;
      return found;
    },
  };
}
