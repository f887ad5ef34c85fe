/** A function of many variables and its gradient, written into `gradient`. */
export type Objective = (at: Float64Array, gradient: Float64Array) => number;

/** Steps whose curvature is remembered. */
const MEMORY = 8;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/**
 * Minimises a smooth function in place by L-BFGS with backtracking line search: for convex objectives, which need no
 * learning rate that way. Stops after so many iterations, or when an iteration gains less than a 1e-6th.
 *
 * @returns the value reached.
 *
 * Source: Nocedal & Wright 2006, algorithm 7.4.
 *
 * @example
 * const x = Float64Array.of(3);
 * minimise(x, (at, g) => { g[0] = 2 * at[0]; return at[0] ** 2; }, 20); // 0, and x is [0]
 */
export function minimise(x: Float64Array, objective: Objective, iterations: number): number {
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  const history: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const direction = Float64Array.from(gradient, (g) => -g);
    const alphas: number[] = [];
    for (const { s, y, rho } of [...history].reverse()) {
      const alpha = rho * dot(s, direction);
      alphas.push(alpha);
      for (let i = 0; i < direction.length; i++) direction[i]! -= alpha * y[i]!;
    }
    const last = history.at(-1);
    const scale = last
      ? 1 / (last.rho * dot(last.y, last.y))
      : 1 / Math.max(1, Math.sqrt(dot(gradient, gradient)));
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale;
    for (const { s, y, rho } of history) {
      const beta = alphas.pop()! - rho * dot(y, direction);
      for (let i = 0; i < direction.length; i++) direction[i]! += beta * s[i]!;
    }
    const slope = dot(gradient, direction);
    if (!(slope < 0)) break;
    const next = new Float64Array(x.length);
    const nextGradient = new Float64Array(x.length);
    let step = 1;
    let reached = Number.POSITIVE_INFINITY;
    for (let halvings = 0; halvings < 20; halvings++, step /= 2) {
      for (let i = 0; i < x.length; i++) next[i] = x[i]! + step * direction[i]!;
      reached = objective(next, nextGradient);
      if (reached <= value + 1e-4 * step * slope) break;
    }
    if (!(reached < value)) break;
    const s = Float64Array.from(next, (v, i) => v - x[i]!);
    const y = Float64Array.from(nextGradient, (g, i) => g - gradient[i]!);
    const curvature = dot(s, y);
    if (curvature > 1e-12) {
      history.push({ s, y, rho: 1 / curvature });
      if (history.length > MEMORY) history.shift();
    }
    x.set(next);
    gradient = nextGradient;
    const gain = value - reached;
    value = reached;
    if (gain < 1e-6 * Math.max(1, Math.abs(value))) break;
  }
  return value;
}
