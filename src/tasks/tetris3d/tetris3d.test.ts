import { describe, expect, it } from "vitest";
import { decodePng } from "../../formats/index.ts";
import { random } from "../../util/index.ts";
import type { Example } from "../types.ts";
import { cameraFull, project, readable } from "./camera.ts";
import { tetris3d } from "./index.ts";
import {
  type Cubes,
  changed,
  connected,
  grown,
  keyOf,
  mirrored,
  product,
  rotationOf,
  rotations,
  shapeKey,
  turned,
} from "./world.ts";

interface State {
  object: Cubes;
  rotation: number[];
  turns: { axis: "x" | "y" | "z"; quarters: number }[];
  a: Cubes | null;
  options: Cubes[];
}
const stateOf = ({ state }: Example): State => state as unknown as State;

/** A chiral object of six cubes without symmetry: a bent bar with a cube on top and one in front. */
const crooked: Cubes = [
  [0, 0, 0],
  [1, 0, 0],
  [2, 0, 0],
  [2, 1, 0],
  [0, 0, 1],
  [0, 0, 2],
];

describe("world", () => {
  it("turns about axes, counter-clockwise as seen from their tips", () => {
    const bar: Cubes = [
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
    ];
    // About x, y comes to z and z to −y.
    expect(turned(bar, rotationOf([{ axis: "x", quarters: 1 }]))).toEqual([
      [0, 0, 0],
      [0, 1, 0],
      [0, 1, 1],
    ]);
    expect(rotationOf([{ axis: "y", quarters: 1 }])).toEqual([0, 0, 1, 0, 1, 0, -1, 0, 0]);
    const [x, z] = (["x", "z"] as const).map((axis) => rotationOf([{ axis, quarters: 1 }]));
    const both = rotationOf([
      { axis: "x", quarters: 1 },
      { axis: "z", quarters: 1 },
    ]);
    expect(product(z!, x!)).toEqual(both);
    expect(product(x!, z!)).not.toEqual(both);
  });

  it("has the 24 rotations of a cube, none of which is a reflection", () => {
    expect(new Set(rotations.map(String)).size).toBe(24);
    for (const [a, b, c, d, e, f, g, h, i] of rotations as number[][])
      expect(a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!)).toBe(1);
    expect(new Set(rotations.map((rotation) => keyOf(turned(crooked, rotation)))).size).toBe(24);
  });

  it("knows shapes up to rotation and reflection, and those with symmetry", () => {
    const key = shapeKey(crooked);
    expect(key).not.toBeNull();
    for (const rotation of rotations) expect(shapeKey(mirrored(turned(crooked, rotation)))).toBe(key);
    expect(shapeKey(crooked.slice(0, 4))).toBeNull();
    // Flat objects are their own mirror images.
    expect(shapeKey([[0, 0, 0], [1, 0, 0], [2, 0, 0], [2, 1, 0], [3, 0, 0]])).toBeNull(); // biome-ignore format: one line
  });

  it("grows connected objects and moves one cube", () => {
    const r = random(0, "test");
    let moved = 0;
    for (let i = 0; i < 300; i++) {
      const object = grown(r, 7);
      if (!object) continue;
      expect(connected(object)).toBe(true);
      const other = changed(r, object);
      if (!other) continue;
      moved++;
      expect(connected(other)).toBe(true);
      expect(new Set(other.map(String)).size).toBe(7);
    }
    expect(moved).toBeGreaterThan(50);
  });
});

describe("camera", () => {
  it("keeps all places apart that an object can have", () => {
    const seen = new Set<string>();
    for (let x = 0; x < 7; x++)
      for (let y = 0; y < 7; y++)
        for (let z = 0; z < 7; z++) seen.add(String(project(cameraFull, [x, y, z])));
    expect(seen.size).toBe(343);
  });

  it("tells views that hide a cube, or all of its sides in part, from those that do not", () => {
    expect(readable([[0, 0, 0], [1, 0, 0]])).toBe(true); // biome-ignore format: one line
    expect(readable([[0, 0, 0], [1, 1, 1]])).toBe(false); // biome-ignore format: one line
    expect(readable([[0, 0, 0], [1, 0, 0], [0, 1, 0]])).toBe(true); // biome-ignore format: one line
    expect(readable([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])).toBe(false); // biome-ignore format: one line
  });
});

describe("tetris3d", () => {
  it("asks in exactly these words", () => {
    const [pocket] = tetris3d.generate("eval", 1, 0, { rendering: "pocket", difficulty: 2 });
    const [one, two] = stateOf(pocket!).turns;
    expect(pocket!.question).toBe(
      `<image> turned by ${one!.quarters * 90} about ${one!.axis} then by ${two!.quarters * 90} about ${two!.axis} ` +
        "is which ? <image> a <image> b <image> c <image> d",
    );
    const [full] = tetris3d.generate("eval", 1, 0, { difficulty: 2 });
    expect(full!.question).toContain(
      `turned by ${one!.quarters * 90} degrees about the ${one!.axis} axis, then by`,
    );
    expect(full!.state).toEqual(pocket!.state);
    expect(full!.images.map((image) => decodePng(image)!.width)).toEqual([764]);
  });

  it("reports an example with no right option, or with two", () => {
    const [example] = tetris3d.generate("eval", 1, 0, { rendering: "pocket" });
    const images = [...example!.images];
    images[1 + ((example!.answer + 1) % 4)] = images[1 + example!.answer]!;
    expect(() => tetris3d.solve({ ...example!, images })).toThrow(
      "exactly one option that shows the object turned",
    );
    expect(() => tetris3d.solve({ ...example!, images: images.map(() => images[0]!) })).toThrow("got none");
  });
});
