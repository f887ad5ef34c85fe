import { type Canvas, canvas, compose } from "../canvas/index.ts";
import { letters } from "../draw.ts";
import { inWords, stepByStep } from "../runs.ts";
import type { ImageBytes } from "../types.ts";
import { type BoardScene, colors, type Roll, type RollPuzzle, uncovered } from "./world.ts";

/** Numbers of colors; those of the balls follow. */
const [paper, line, board, screen, rim, ink] = [0, 1, 2, 3, 4, 5];
const palette = Uint8Array.from(
  [
    [252, 252, 249],
    [196, 186, 166],
    [240, 233, 215],
    [128, 130, 136],
    [92, 94, 100],
    [25, 26, 30],
    [214, 48, 44],
    [45, 85, 200],
    [60, 160, 75],
    [240, 190, 40],
  ].flat(),
);

/** Pixels along a panel by what it is for; panels are as large as whole pixels for each cell allow. */
const sizes = { scene: 288, option: 168, pocket: 96 };

function paintScene({ side, balls, screen: [top, left, height, width] }: BoardScene, size: number): Canvas {
  const cell = Math.floor(size / side);
  const picture = canvas(side * cell, side * cell, palette);
  const edge = Math.max(1, cell >> 5);
  picture.fill(line);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      picture.rect(x * cell + edge, y * cell + edge, cell - edge, cell - edge, board);
  for (const [i, at] of balls.entries()) {
    const [x, y] = [(at % side) * cell, Math.floor(at / side) * cell];
    if (size === sizes.pocket) picture.rect(x + 1, y + 1, cell - 1, cell - 1, ink + 1 + i);
    else picture.disc(x + cell / 2, y + cell / 2, cell * 0.38, ink + 1 + i);
  }
  if (height > 0) {
    picture.rect(left * cell, top * cell, width * cell, height * cell, screen);
    picture.frame(left * cell, top * cell, width * cell, height * cell, 2 * edge, rim);
  }
  return picture;
}

/** A roll in words. */
export const rollSentence = ({ ball, runs }: Roll): string =>
  `the ${colors[ball]} ball rolls ${inWords(runs).replaceAll(", ", ", then ")}`;

/** What an example shows. */
interface PaintedBoard {
  question: string;
  images: ImageBytes[];
  /** Without the screen, after each of the options. */
  helpers: ImageBytes[];
}

/**
 * Paints a puzzle with its options in this order, as one sheet ("full": 752 × 534 pixels, helpers of 288 × 288) or as
 * an image for each board ("pocket": 96 × 96 pixels).
 */
export function paint(
  { scene, asked }: RollPuzzle,
  options: readonly Roll[],
  rendering: string,
): PaintedBoard {
  const after = options.map((option) => uncovered(scene, option));
  if (rendering === "pocket") {
    const helpers = after.map((each) => paintScene(each, sizes.pocket).png());
    return {
      question:
        `<image> ${colors[asked.ball]} ${stepByStep(asked.runs)} is which ? ` +
        letters.map((letter) => `<image> ${letter}`).join(" "),
      images: [paintScene(scene, sizes.pocket).png(), ...helpers],
      helpers,
    };
  }
  const { sheet } = compose(
    [
      [{ picture: paintScene(scene, sizes.scene) }],
      after.map((each, i) => ({ picture: paintScene(each, sizes.option), label: `(${letters[i]})` })),
    ],
    { ground: paper, ink, frame: line },
  );
  const sentence = rollSentence(asked);
  return {
    question:
      "<image>\nAt the top, balls lie on a board, part of which a grey screen covers. " +
      `${sentence[0]!.toUpperCase()}${sentence.slice(1)}, so that it lies behind the screen. ` +
      "What would be seen without the screen: (a), (b), (c) or (d)?",
    images: [sheet.png()],
    helpers: after.map((each) => paintScene(each, sizes.scene).png()),
  };
}
