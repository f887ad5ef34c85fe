/**
 * Dimensions are numbers or expressions over named sizes ("B", "B*T", "P+T"), kept in a canonical form so that
 * equal sizes are equal strings. Rank is always static.
 */
import { ensure } from "../util/index.ts";

export type Dim = number | string;
export type Shape = readonly Dim[];

/** A sum of products: coefficient by sorted monomial ("" is the constant term, "B*T" a product of names). */
type Polynomial = Map<string, number>;

function parse(dim: Dim): Polynomial {
  if (typeof dim === "number") return new Map(dim === 0 ? [] : [["", dim]]);
  const out: Polynomial = new Map();
  for (const term of dim.split("+")) {
    let coefficient = 1;
    const names: string[] = [];
    for (const factor of term.split("*")) {
      if (/^-?\d+$/.test(factor)) coefficient *= Number(factor);
      else names.push(factor);
    }
    const key = names.sort().join("*");
    out.set(key, (out.get(key) ?? 0) + coefficient);
  }
  return out;
}

function format(p: Polynomial): Dim {
  const terms = [...p].filter(([, c]) => c !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (terms.length === 0) return 0;
  if (terms.length === 1 && terms[0]![0] === "") return terms[0]![1];
  return terms.map(([k, c]) => (k === "" ? `${c}` : c === 1 ? k : `${c}*${k}`)).join("+");
}

/**
 * Product of dimensions.
 *
 * @example
 * multiplyDims("B", 4, "T"); // "4*B*T"
 */
export function multiplyDims(...dims: Dim[]): Dim {
  let out: Polynomial = new Map([["", 1]]);
  for (const dim of dims) {
    const next: Polynomial = new Map();
    for (const [k1, c1] of out) {
      for (const [k2, c2] of parse(dim)) {
        const key = [...(k1 ? k1.split("*") : []), ...(k2 ? k2.split("*") : [])].sort().join("*");
        next.set(key, (next.get(key) ?? 0) + c1 * c2);
      }
    }
    out = next;
  }
  return format(out);
}

/**
 * Sum of dimensions.
 *
 * @example
 * addDims("T", "P", 1); // "1+P+T"
 */
export function addDims(...dims: Dim[]): Dim {
  const out: Polynomial = new Map();
  for (const dim of dims) for (const [k, c] of parse(dim)) out.set(k, (out.get(k) ?? 0) + c);
  return format(out);
}

/**
 * Names that an expression is made of, and its terms: `[coefficient, names][]`.
 *
 * @example
 * dimTerms("2*B+T"); // [[2, ["B"]], [1, ["T"]]]
 */
export function dimTerms(dim: Dim): [number, string[]][] {
  return [...parse(dim)].map(([k, c]) => [c, k === "" ? [] : k.split("*")]);
}

/**
 * Value of an expression where every name is known; throws where one is not.
 *
 * @example
 * evaluateDim("4*B*T", { B: 2, T: 3 }); // 24
 */
export function evaluateDim(dim: Dim, sizes: Readonly<Record<string, number>>): number {
  let total = 0;
  for (const [coefficient, names] of dimTerms(dim)) {
    total += names.reduce((product, name) => {
      const size = sizes[name];
      ensure(size !== undefined, "graph", () => ({
        where: `dimension "${dim}"`,
        expected: `a size for "${name}"`,
        got: `sizes for ${Object.keys(sizes).join(", ") || "nothing"}`,
      }));
      return product * size;
    }, coefficient);
  }
  return total;
}

/**
 * Product of all dimensions of a shape; 1 for a scalar.
 *
 * @example
 * elementCount(["B", 4, "T"]); // "4*B*T"
 */
export const elementCount = (shape: Shape): Dim => multiplyDims(...shape);

/**
 * NumPy broadcasting over symbolic shapes. A named size never broadcasts against another name: that would hide a
 * mistake until run time.
 *
 * @example
 * broadcastShapes("add", ["B", 1, 4], [3, 4]); // ["B", 3, 4]
 */
export function broadcastShapes(where: string, a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    ensure(x === y || x === 1 || y === 1, "graph", () => ({
      where,
      expected: `shapes that broadcast (axis ${i - rank})`,
      got: `[${a}] and [${b}]`,
    }));
    out.push(x === 1 ? y : x);
  }
  return out;
}

/**
 * Axis counted from the front; throws where it is out of range.
 *
 * @example
 * normalizeAxis("Softmax", -1, 3); // 2
 */
export function normalizeAxis(where: string, axis: number, rank: number): number {
  ensure(Number.isInteger(axis) && axis >= -rank && axis < rank, "graph", () => ({
    where,
    expected: `an axis in [${-rank}, ${rank - 1}]`,
    got: `${axis}`,
  }));
  return axis < 0 ? axis + rank : axis;
}
