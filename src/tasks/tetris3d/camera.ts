import type { Point } from "../canvas/index.ts";
import { type Cube, type Cubes, longest } from "./world.ts";

/**
 * The camera: an orthographic view from above, with x pointing to the front left, y to the front right and z up. No two
 * places of the lattice, as far apart as objects reach, fall on the same point of the picture, which they do in the
 * usual isometric view: so a face that is seen tells which cube it belongs to.
 */
export interface Camera {
  /** Where a step along each axis leads in the picture, in pixels to the right and down. */
  x: Point;
  y: Point;
  z: Point;
}

export const cameraFull: Camera = { x: [-16, 12], y: [24, 10], z: [0, -24] };

/** The camera nearer to the scene: steps are longer by `factor`. */
export function zoomed({ x, y, z }: Camera, factor: number): Camera {
  const scaled = ([right, down]: Point): Point => [right * factor, down * factor];
  return { x: scaled(x), y: scaled(y), z: scaled(z) };
}

/** Where a corner of the lattice falls. */
export const project = (camera: Camera, [x, y, z]: Cube): Point => [
  x * camera.x[0] + y * camera.y[0] + z * camera.z[0],
  x * camera.x[1] + y * camera.y[1] + z * camera.z[1],
];

/** The three sides that can be seen, each as the corners of the unit cube around it. */
const sides = {
  left: [
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
    [1, 0, 1],
  ],
  right: [
    [0, 1, 0],
    [1, 1, 0],
    [1, 1, 1],
    [0, 1, 1],
  ],
  top: [
    [0, 0, 1],
    [1, 0, 1],
    [1, 1, 1],
    [0, 1, 1],
  ],
} as const satisfies Record<string, readonly Cube[]>;
type ViewSide = keyof typeof sides;
export const sideNames = ["left", "right", "top"] as const;

/** The corners of a cube's side in the picture. */
export const corners = (camera: Camera, [x, y, z]: Cube, side: ViewSide): Point[] =>
  sides[side].map(([dx, dy, dz]) => project(camera, [x + dx, y + dy, z + dz]));

/** Whether two convex polygons share more than a line: no edge of either has the other wholly on its outer side. */
function overlap(a: readonly Point[], b: readonly Point[]): boolean {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    for (const [i, [x, y]] of one.entries()) {
      const [nextX, nextY] = one[(i + 1) % one.length]!;
      const outward = ([px, py]: Point): number => (px - x) * (nextY - y) - (py - y) * (nextX - x);
      const inner = one.map(outward).find((value) => value !== 0)!;
      if (other.every((point) => outward(point) * Math.sign(inner) <= 0)) return false;
    }
  }
  return true;
}

/** Displacements of cubes within the allowed box reach from -reach to reach along each axis. */
const reach = longest - 1;
const span = 2 * reach + 1;
const place = (x: number, y: number, z: number): number =>
  ((x + reach) * span + y + reach) * span + z + reach;

/** For each side: at which displacements a cube hides a part of that side of the cube at the origin. */
const hiding: readonly Uint8Array[] = sideNames.map((side) => {
  const face = corners(cameraFull, [0, 0, 0], side);
  const table = new Uint8Array(span ** 3);
  // Only what is nearer along every axis, or as near, can be before the origin's cube.
  for (let x = 0; x <= reach; x++) {
    for (let y = 0; y <= reach; y++) {
      for (let z = 0; z <= reach; z++) {
        if (x + y + z === 0) continue;
        const hides = sideNames.some((other) => overlap(face, corners(cameraFull, [x, y, z], other)));
        table[place(x, y, z)] = hides ? 1 : 0;
      }
    }
  }
  return table;
});

/**
 * Whether every cube shows at least one whole side. Such a view tells the object: its cubes are those whose whole
 * sides are seen, and none is hidden behind others.
 */
export function readable(cubes: Cubes): boolean {
  return cubes.every(([x, y, z]) =>
    hiding.some(
      (table) => !cubes.some((other) => table[place(other[0] - x, other[1] - y, other[2] - z)] === 1),
    ),
  );
}
