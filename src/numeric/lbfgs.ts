/** A function of many variables and its gradient, written into `gradient`. */
type Objective = (at: Float64Array, gradient: Float64Array) => number;

/**
 * Sum of products of `width` numbers from two places. Four sums side by side: one alone would wait for itself.
 *
 * @example
 * dotAt(Float64Array.of(1, 2), 0, Float32Array.of(9, 3, 4), 1, 2); // 11
 */
export function dotAt(a: Float64Array, i: number, b: Float32Array, j: number, width: number): number {
  let [s, t, u, v] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < width; k += 4) {
    s += a[i + k]! * b[j + k]!;
    t += a[i + k + 1]! * b[j + k + 1]!;
    u += a[i + k + 2]! * b[j + k + 2]!;
    v += a[i + k + 3]! * b[j + k + 3]!;
  }
  for (; k < width; k++) s += a[i + k]! * b[j + k]!;
  return s + t + u + v;
}

/** Steps whose curvature is remembered. */
const MEMORY = 8;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** a += factor · b */
function addTo(a: Float64Array, factor: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i]! += factor * b[i]!;
}

/** factor · a, or factor · a + b */
function scaled(a: Float64Array, factor: number, b?: Float64Array): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = factor * a[i]! + (b ? b[i]! : 0);
  return out;
}

/**
 * Minimizes a smooth function in place by L-BFGS with backtracking line search: for convex objectives, which need no
 * learning rate that way. Stops after this many iterations, or when an iteration gains less than the tolerance.
 *
 * @returns the value reached.
 *
 * Source: Nocedal & Wright 2006, algorithm 7.4.
 *
 * @example
 * const x = Float64Array.of(3);
 * lbfgs(x, (at, g) => { g[0] = 2 * at[0]; return at[0] ** 2; }, 20); // 0: x is [0]
 */
export function lbfgs(x: Float64Array, objective: Objective, iterations: number, tolerance = 1e-6): number {
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  const history: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const direction = scaled(gradient, -1);
    const alphas: number[] = [];
    for (const { s, y, rho } of [...history].reverse()) {
      const alpha = rho * dot(s, direction);
      alphas.push(alpha);
      addTo(direction, -alpha, y);
    }
    const last = history.at(-1);
    const scale = last
      ? 1 / (last.rho * dot(last.y, last.y))
      : 1 / Math.max(1, Math.sqrt(dot(gradient, gradient)));
    addTo(direction, scale - 1, direction);
    for (const { s, y, rho } of history) {
      const beta = alphas.pop()! - rho * dot(y, direction);
      addTo(direction, beta, s);
    }
    const slope = dot(gradient, direction);
    if (!(slope < 0)) break;
    let next = x;
    const nextGradient = new Float64Array(x.length);
    let step = 1;
    let reached = Number.POSITIVE_INFINITY;
    for (let halvings = 0; halvings < 20; halvings++, step /= 2) {
      next = scaled(direction, step, x);
      reached = objective(next, nextGradient);
      if (reached <= value + 1e-4 * step * slope) break;
    }
    if (!(reached < value)) break;
    const s = scaled(x, -1, next);
    const y = scaled(gradient, -1, nextGradient);
    const curvature = dot(s, y);
    if (curvature > 1e-12) {
      history.push({ s, y, rho: 1 / curvature });
      if (history.length > MEMORY) history.shift();
    }
    x.set(next);
    gradient = nextGradient;
    const gain = value - reached;
    value = reached;
    if (gain < tolerance * Math.max(1, Math.abs(value))) break;
  }
  return value;
}
