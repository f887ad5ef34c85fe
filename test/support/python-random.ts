/** Python's `random.Random(seed)`: MT19937 (Matsumoto & Nishimura 1998), seeded by an array of one word. */
export function pythonRandom(seed: number): { randrange(n: number): number } {
  const size = 624;
  const state = new Uint32Array(size);
  state[0] = 19650218;
  const mixed = (i: number) => state[i - 1]! ^ (state[i - 1]! >>> 30);
  for (let i = 1; i < size; i++) state[i] = Math.imul(1812433253, mixed(i)) + i;
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
  let at = size;
  const word = (): number => {
    if (at === size) {
      for (let j = 0; j < size; j++) {
        const y = (state[j]! & 0x80000000) | (state[(j + 1) % size]! & 0x7fffffff);
        state[j] = state[(j + 397) % size]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
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
