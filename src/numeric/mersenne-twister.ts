/** MT19937 (Matsumoto & Nishimura 1998), on which NumPy's RandomState and Python's random.Random rest. */

/** Words of the state. */
const SIZE = 624;

/** The state that one word seeds, as NumPy's `RandomState(seed)`. */
export function seededState(seed: number): Uint32Array {
  const state = new Uint32Array(SIZE);
  state[0] = seed;
  for (let i = 1; i < SIZE; i++) state[i] = Math.imul(1812433253, state[i - 1]! ^ (state[i - 1]! >>> 30)) + i;
  return state;
}

/**
 * Words of 32 bits from a state on, which is changed.
 *
 * @example
 * mersenneTwister(seededState(42))(); // 1608637542
 */
export function mersenneTwister(state: Uint32Array): () => number {
  let at = SIZE;
  return () => {
    if (at === SIZE) {
      for (let i = 0; i < SIZE; i++) {
        const y = (state[i]! & 0x80000000) | (state[(i + 1) % SIZE]! & 0x7fffffff);
        state[i] = state[(i + 397) % SIZE]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
