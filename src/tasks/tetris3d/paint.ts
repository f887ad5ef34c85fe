import { type Canvas, canvas, compose, type Point } from "../canvas/index.ts";
import { letters } from "../draw.ts";
import { memo } from "../memo.ts";
import type { ImageBytes } from "../types.ts";
import { type Camera, cameraFull, corners, project, sideNames, zoomed } from "./camera.ts";
import { type Axis, type AxisTurn, axes, type Cubes, keyOf, normal } from "./world.ts";

/** Colors by number; slate, the ground of pocket panels, is near CLIP's mean, as in tetris. */
const [paper, ink, white, slate, side] = [0, 1, 2, 3, 4];
const inks: Record<Axis, number> = { x: 7, y: 8, z: 9 };
const palette = Uint8Array.from(
  [
    [232, 232, 226],
    [42, 36, 34],
    [255, 255, 255],
    [118, 113, 102],
    // Left, right and top sides: the light comes from above.
    [226, 158, 84],
    [170, 100, 48],
    [252, 232, 186],
    [190, 40, 40],
    [30, 120, 50],
    [40, 70, 190],
  ].flat(),
);

interface Style {
  camera: Camera;
  width: number;
  height: number;
  ground: number;
  /** Thickness of edges. */
  line: number;
}

const styles = {
  panel: { camera: cameraFull, width: 176, height: 176, ground: white, line: 2 },
  helper: { camera: zoomed(cameraFull, 1.5), width: 264, height: 264, ground: white, line: 3 },
  pocket: { camera: zoomed(cameraFull, 0.5), width: 96, height: 96, ground: slate, line: 1 },
} satisfies Record<string, Style>;

/** One cube on a ground of `white`, which its sides do not show; `at` is where its corner at the origin is. */
function paintCube({ camera, line }: Style): { picture: Canvas; at: Point } {
  const all = sideNames.map((name) => corners(camera, [0, 0, 0], name));
  const xs = all.flat().map(([x]) => x);
  const ys = all.flat().map(([, y]) => y);
  const at: Point = [2 - Math.min(...xs), 2 - Math.min(...ys)];
  const picture = canvas(at[0] + Math.max(...xs) + 3, at[1] + Math.max(...ys) + 3, palette);
  picture.fill(white);
  const moved = all.map((face) => face.map(([x, y]): Point => [x + at[0], y + at[1]]));
  for (const [i, face] of moved.entries()) picture.polygon(face, side + i);
  for (const face of moved) {
    for (const [i, [x, y]] of face.entries()) {
      const [nextX, nextY] = face[(i + 1) % face.length]!;
      picture.line(x, y, nextX, nextY, line, ink);
    }
  }
  return { picture, at };
}

/** Paints objects in the middle of a panel: cubes are stamped from back to front. */
function viewPainter(style: Style): (cubes: Cubes) => Canvas {
  const { camera, width, height, ground } = style;
  const stamp = paintCube(style);
  return (cubes) => {
    const picture = canvas(width, height, palette);
    picture.fill(ground);
    // Sorted as `normal` sorts, no cube is before a later one.
    const places = normal(cubes).map((cube) => project(camera, cube));
    const middle = (values: number[]): number => Math.floor((Math.min(...values) + Math.max(...values)) / 2);
    const left = ((width - stamp.picture.width) >> 1) - middle(places.map(([x]) => x));
    const top = ((height - stamp.picture.height) >> 1) - middle(places.map(([, y]) => y));
    for (const [x, y] of places) {
      for (let row = 0; row < stamp.picture.height; row++) {
        const from = row * stamp.picture.width;
        const to = (top + y + row) * width + left + x;
        for (let column = 0; column < stamp.picture.width; column++) {
          const color = stamp.picture.indices[from + column]!;
          if (color !== white) picture.indices[to + column] = color;
        }
      }
    }
    return picture;
  };
}

/** The three axes as arrows with their names. */
function paintAxes(): Canvas {
  const { camera, width, height, ground } = styles.panel;
  const picture = canvas(width, height, palette);
  picture.fill(ground);
  const [left, top] = [84, 96];
  for (const axis of axes) {
    const [stepX, stepY] = camera[axis];
    const tip = (length: number): Point => [left + stepX * length, top + stepY * length];
    const [x, y] = tip(2.4);
    picture.line(left, top, x, y, 4, inks[axis]);
    // The head: a triangle of 16 pixels, across the arrow.
    const [backX, backY] = tip(2);
    const length = Math.sqrt(stepX * stepX + stepY * stepY);
    const [acrossX, acrossY] = [(-stepY / length) * 9, (stepX / length) * 9];
    picture.polygon(
      [tip(2.75), [backX + acrossX, backY + acrossY], [backX - acrossX, backY - acrossY]],
      inks[axis],
    );
    const [nameX, nameY] = tip(3.1);
    picture.text(Math.round(nameX) - 7, Math.round(nameY) - 10, axis, 3, inks[axis]);
  }
  return picture;
}

const inWords = ({ axis, quarters }: AxisTurn, pocket: boolean): string =>
  pocket ? `by ${quarters * 90} about ${axis}` : `by ${quarters * 90} degrees about the ${axis} axis`;

/** The rotation that is requested: cue in words, or shown by the object A and what becomes of it. */
type RotationCue = { turns: readonly AxisTurn[] } | { a: Cubes; b: Cubes };

interface ViewPainter {
  /** The words and images of a question. */
  question(
    cue: RotationCue,
    object: Cubes,
    options: readonly Cubes[],
  ): { question: string; images: ImageBytes[] };
  helper(object: Cubes): ImageBytes;
}

/**
 * Paints questions as one sheet ("full": 764 × 425 pixels, helpers of 264 × 264) or as an image for each view
 * ("pocket": 96 × 96 pixels).
 */
export function painter(rendering: string): ViewPainter {
  const pocket = rendering === "pocket";
  const paintPanel = viewPainter(pocket ? styles.pocket : styles.panel);
  const paintHelper = pocket ? paintPanel : viewPainter(styles.helper);
  // Helper and counterfactuals of an example share views.
  const helper = memo(keyOf, (cubes: Cubes) => paintHelper(cubes).png(), 200);
  const arrows = paintAxes();
  return {
    helper,
    question(cue, object, options) {
      const shown = "turns" in cue ? [object] : [cue.a, cue.b, object];
      if (pocket) {
        const opening =
          "turns" in cue
            ? `<image> turned ${cue.turns.map((turn) => inWords(turn, true)).join(" then ")} is which ?`
            : "<image> is to <image> as <image> is to which ?";
        return {
          question: `${opening} ${letters.map((letter) => `<image> ${letter}`).join(" ")}`,
          images: [...shown, ...options].map(helper),
        };
      }
      const names = "turns" in cue ? ["object"] : ["A", "B", "C"];
      const above = shown.map((cubes, i) => ({ picture: paintPanel(cubes), label: names[i]! }));
      const { sheet } = compose(
        [
          "turns" in cue ? [...above, { picture: arrows, label: "axes" }] : above,
          options.map((cubes, i) => ({ picture: paintPanel(cubes), label: `(${letters[i]})` })),
        ],
        { ground: paper, ink, gap: 12, scale: 2 },
      );
      const opening =
        "turns" in cue
          ? "At the top left is an object made of cubes, beside it the axes. The object is turned " +
            `${cue.turns.map((turn) => inWords(turn, false)).join(", then ")}, counter-clockwise as seen from the ` +
            "tip of the axis. Which picture shows it then"
          : "Object A, made of cubes, has been turned in space and looks like B. C is turned in the same way. Which " +
            "picture shows it then";
      return { question: `<image> ${opening}: (a), (b), (c) or (d)?`, images: [sheet.png()] };
    },
  };
}
