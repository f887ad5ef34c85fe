/**
 * A seeded random stream. Streams are named, so that a new consumer never shifts the numbers of another one.
 * Generator: sfc32, seeded by a 128-bit hash of (seed, name); integer arithmetic only, so equal on every machine.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** A new array with the items in random order. */
  shuffled<T>(items: readonly T[]): T[];
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
}

/** xmur3-style hash of a string to a stream of 32-bit seeds (public-domain construction by bryc). */
function seeds(text: string): () => number {
  let h = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
    h = (h << 13) | (h >>> 19);
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507);
    h = Math.imul(h ^ (h >>> 13), 3266489909);
    h ^= h >>> 16;
    return h >>> 0;
  };
}

/**
 * A random stream for `seed` and any number of name parts.
 *
 * @experimental
 * @example
 * const r = random(0, "tetris", "train");
 * r.integer(6); // equal on every machine
 */
export function random(seed: number, ...names: (string | number)[]): Random {
  const next = seeds([seed, ...names].join("\u0000"));
  let a = next();
  let b = next();
  let c = next();
  let d = next();
  const bits = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  const uniform = (): number => bits() / 4294967296;
  const integer = (n: number): number => Math.floor(uniform() * n);
  let spare: number | null = null;
  return {
    uniform,
    integer,
    normal() {
      if (spare !== null) {
        const kept = spare;
        spare = null;
        return kept;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    shuffled(items) {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [out[i], out[j]] = [out[j]!, out[i]!];
      }
      return out;
    },
    pick: (items) => items[integer(items.length)]!,
  };
}
