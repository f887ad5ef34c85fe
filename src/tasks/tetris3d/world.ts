import type { Random } from "../../util/index.ts";

/** A unit cube by its place in the lattice. */
export type Cube = readonly [x: number, y: number, z: number];
export type Cubes = readonly Cube[];

/** A rotation of the lattice as a matrix, row by row. */
export type Rotation = readonly number[];

export const axes = ["x", "y", "z"] as const;
export type Axis = (typeof axes)[number];

/** Quarter turns about an axis, counter-clockwise as seen from its tip. */
export interface AxisTurn {
  axis: Axis;
  quarters: number;
}

/** Longest edge of the box around an object, and the longest sum of its three edges: so every turned view has room. */
export const longest = 4;
const longestSum = 9;

const quarterTurns: Record<Axis, Rotation> = {
  x: [1, 0, 0, 0, 0, -1, 0, 1, 0],
  y: [0, 0, 1, 0, 1, 0, -1, 0, 0],
  z: [0, -1, 0, 1, 0, 0, 0, 0, 1],
};

/** The rotation of `b`, then `a`. */
export const product = (a: Rotation, b: Rotation): Rotation =>
  Array.from({ length: 9 }, (_, i) => {
    const row = i - (i % 3);
    return a[row]! * b[i % 3]! + a[row + 1]! * b[(i % 3) + 3]! + a[row + 2]! * b[(i % 3) + 6]!;
  });

/** The rotation of several turns, one after the other. */
export function rotationOf(turns: readonly AxisTurn[]): Rotation {
  let result: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  for (const { axis, quarters } of turns)
    for (let i = 0; i < quarters; i++) result = product(quarterTurns[axis], result);
  return result;
}

/** The nine turns of an object about one axis: 90, 180 or 270 degrees. */
export const singleTurns: readonly AxisTurn[] = axes.flatMap((axis) =>
  [1, 2, 3].map((quarters) => ({ axis, quarters })),
);

/** The 24 rotations of a cube, the identity first. */
export const rotations: readonly Rotation[] = [
  ...new Map(
    [0, 1, 2, 3]
      .flatMap((z) => [0, 1, 2, 3].flatMap((x) => [0, 1, 2, 3].map((last) => [z, x, last] as const)))
      .map(([z, x, last]) =>
        rotationOf([
          { axis: "z", quarters: z },
          { axis: "x", quarters: x },
          { axis: "z", quarters: last },
        ]),
      )
      .map((rotation) => [String(rotation), rotation] as const),
  ).values(),
];

const number = ([x, y, z]: Cube): number => (x * longest + y) * longest + z;

/** Edges of the box around the cubes. */
function extents(cubes: Cubes): [number, number, number] {
  const extent = (i: 0 | 1 | 2): number => {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const cube of cubes) {
      least = Math.min(least, cube[i]);
      most = Math.max(most, cube[i]);
    }
    return most - least + 1;
  };
  return [extent(0), extent(1), extent(2)];
}

/**
 * The cubes moved to the corner of the lattice and sorted: equal for objects that differ by a translation only.
 */
export function normal(cubes: Cubes): Cubes {
  let [x, y, z] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const cube of cubes) {
    x = Math.min(x, cube[0]);
    y = Math.min(y, cube[1]);
    z = Math.min(z, cube[2]);
  }
  const moved = cubes.map((cube): Cube => [cube[0] - x, cube[1] - y, cube[2] - z]);
  return moved.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
}

/** A text for an object in its pose: equal exactly for equal `normal` cubes within the allowed box. */
export const keyOf = (cubes: Cubes): string =>
  String.fromCharCode(...normal(cubes).map((c) => 48 + number(c)));

/** The object turned, moved to the corner of the lattice. */
export function turned(cubes: Cubes, m: Rotation): Cubes {
  return normal(
    cubes.map(
      ([x, y, z]): Cube => [
        m[0]! * x + m[1]! * y + m[2]! * z,
        m[3]! * x + m[4]! * y + m[5]! * z,
        m[6]! * x + m[7]! * y + m[8]! * z,
      ],
    ),
  );
}

/** The object in a mirror that is across the x axis. */
export const mirrored = (cubes: Cubes): Cubes => normal(cubes.map(([x, y, z]): Cube => [-x, y, z]));

/** Whether the object fits the allowed box. */
function fits(cubes: Cubes): boolean {
  const sizes = extents(cubes);
  return Math.max(...sizes) <= longest && sizes[0] + sizes[1] + sizes[2] <= longestSum;
}

/**
 * A text for a shape, equal for two objects exactly when rotation and reflection can turn one into the other; null
 * for shapes with any symmetry, of which some rotations or the mirror image look alike.
 */
export function shapeKey(cubes: Cubes): string | null {
  const keys = [cubes, mirrored(cubes)].flatMap((form) => rotations.map((r) => keyOf(turned(form, r))));
  if (new Set(keys).size < keys.length) return null;
  return keys.reduce((least, key) => (key < least ? key : least));
}

const steps: readonly Cube[] = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
  [0, 0, 1],
  [0, 0, -1],
];

/** Free places that share a face with the object, each once. */
function beside(cubes: Cubes): Cube[] {
  const taken = new Set(cubes.map(String));
  const free = new Map<string, Cube>();
  for (const [x, y, z] of cubes) {
    for (const [dx, dy, dz] of steps) {
      const place: Cube = [x + dx, y + dy, z + dz];
      if (!taken.has(String(place))) free.set(String(place), place);
    }
  }
  return [...free.values()];
}

/** Whether every cube can be reached from the first over shared faces. */
export function connected(cubes: Cubes): boolean {
  const left = new Set(cubes.map(String));
  const open = cubes.slice(0, 1);
  for (let cube = open.pop(); cube; cube = open.pop()) {
    if (!left.delete(String(cube))) continue;
    for (const [dx, dy, dz] of steps) open.push([cube[0] + dx, cube[1] + dy, cube[2] + dz]);
  }
  return left.size === 0;
}

/** A random object of this many cubes, grown cube by cube; null where it outgrew the allowed box. */
export function grown(r: Random, size: number): Cubes | null {
  let cubes: Cubes = [[0, 0, 0]];
  while (cubes.length < size) cubes = [...cubes, r.pick(beside(cubes))];
  return fits(cubes) ? normal(cubes) : null;
}

/**
 * The object in the same pose with one cube moved elsewhere, still connected; null where the move drawn does not do.
 */
export function changed(r: Random, cubes: Cubes): Cubes | null {
  const removed = r.pick(cubes);
  const rest = cubes.filter((cube) => cube !== removed);
  if (!connected(rest)) return null;
  const result = [...rest, r.pick(beside(rest))];
  return fits(result) ? normal(result) : null;
}
