import { type Canvas, canvas, compose } from "../canvas/index.ts";
import { letters } from "../draw.ts";
import { memo } from "../memo.ts";
import { inWords, stepByStep } from "../runs.ts";
import type { ImageBytes } from "../types.ts";
import type { MazePuzzle } from "./puzzles.ts";
import { type MazeWalk, stops } from "./world.ts";

/** Numbers of colors. */
const [paper, line, ice, rock, hole, goal, elf, trail, ink] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
const palette = Uint8Array.from(
  [
    [252, 252, 249],
    [150, 175, 195],
    [221, 236, 246],
    [133, 94, 66],
    [22, 38, 84],
    [48, 168, 84],
    [222, 40, 40],
    [247, 150, 90],
    [25, 26, 30],
  ].flat(),
);

/** Pixels along a panel by what it is for; panels are as large as whole pixels for each cell allow. */
const sizes = { alone: 528, scene: 288, option: 168, pocket: 96 };

/** The lake without its elf. */
function paintLake({ maze, goal: at }: MazePuzzle, size: number): Canvas {
  const cell = Math.floor(size / maze.side);
  const picture = canvas(maze.side * cell, maze.side * cell, palette);
  picture.fill(line);
  const edge = Math.max(1, cell >> 5);
  const flat = size === sizes.pocket;
  for (const [i, kind] of maze.kinds.entries()) {
    const x = (i % maze.side) * cell;
    const y = Math.floor(i / maze.side) * cell;
    const all = (color: number) => picture.rect(x + edge, y + edge, cell - edge, cell - edge, color);
    all(i === at ? goal : kind === "rock" ? rock : kind === "hole" && flat ? hole : ice);
    if (kind === "hole" && !flat) picture.disc(x + cell / 2, y + cell / 2, cell * 0.44, hole);
  }
  return picture;
}

/** The lake with the elf at the end of a way and, where requested, the way that led there. */
function paintState(lake: Canvas, side: number, way: readonly number[], withTrail: boolean): Canvas {
  const picture = canvas(lake.width, lake.height, palette);
  picture.blit(lake, 0, 0);
  const cell = lake.width / side;
  const middle = (at: number): [number, number] => [
    ((at % side) + 0.5) * cell,
    (Math.floor(at / side) + 0.5) * cell,
  ];
  if (withTrail)
    for (const [i, at] of way.entries())
      if (i > 0) picture.line(...middle(way[i - 1]!), ...middle(at), cell * 0.24, trail);
  const flat = lake.width <= sizes.pocket;
  const [x, y] = middle(way.at(-1)!);
  if (flat) picture.rect(x - cell / 2 + 1, y - cell / 2 + 1, cell - 1, cell - 1, elf);
  else picture.disc(x, y, cell * 0.3, elf);
  return picture;
}

/** What an example shows. */
interface PaintedMaze {
  question: string;
  images: ImageBytes[];
  /** The states after each run of a walk. */
  states(walk: MazeWalk): ImageBytes[];
}

/**
 * Paints a puzzle with its options in this order, as one picture ("full": up to 752 × 534 pixels, helpers of
 * 288 × 288) or as an image for each lake ("pocket": 96 × 96 pixels). Where the end of a walk is requested, options
 * are pictures and helpers show the elf; where a path is requested, options are words and helpers show the way as well.
 */
export function paint(puzzle: MazePuzzle, options: readonly MazeWalk[], rendering: string): PaintedMaze {
  const { maze, start, goal: target, asked } = puzzle;
  const pocket = rendering === "pocket";
  const forPath = target !== null;
  const lakes = memo(String, (size: number) => paintLake(puzzle, size), 3);
  const state = (way: readonly number[], size: number): Canvas =>
    paintState(lakes(size), maze.side, way, forPath);
  const helperSize = pocket ? sizes.pocket : sizes.scene;
  const helper = memo(
    (way: readonly number[]) => (forPath ? way.join(" ") : way.at(-1)!),
    (way: readonly number[]) => state(way, helperSize).png(),
    100,
  );
  const ends = options.map((option) => stops(option).slice(-1));
  const states = (walk: MazeWalk): ImageBytes[] =>
    walk.entered.map((count) => helper(walk.trail.slice(0, count)));
  const holes = maze.kinds.includes("hole");
  const things = [
    ...(maze.kinds.includes("rock") ? ["brown rocks"] : []),
    ...(holes ? ["dark holes"] : []),
  ].join(" and ");

  if (forPath) {
    const size = pocket ? sizes.pocket : sizes.alone;
    const listed = options.map(({ runs }, i) =>
      pocket ? `${stepByStep(runs)} ${letters[i]}` : `(${letters[i]}) ${inWords(runs)}`,
    );
    return {
      question: pocket
        ? `<image> which reaches the goal ? ${listed.join(" ")}`
        : `<image>\nAn elf, the red disc, wants to cross a frozen lake with ${things} to the green square. It falls ` +
          `into any hole it enters. Which path leads it there: ${listed.slice(0, 3).join("; ")}; or ${listed[3]}?`,
      images: [state([start], size).png()],
      states,
    };
  }
  if (pocket) {
    return {
      question: `<image> ${stepByStep(asked.runs)} is which ? ${letters.map((letter) => `<image> ${letter}`).join(" ")}`,
      images: [[start], ...ends].map((way) => helper(way)),
      states,
    };
  }
  const { sheet } = compose(
    [
      [{ picture: state([start], sizes.scene) }],
      ends.map((way, i) => ({ picture: state(way, sizes.option), label: `(${letters[i]})` })),
    ],
    { ground: paper, ink, frame: line },
  );
  return {
    question:
      `<image>\nAt the top an elf, the red disc, stands on a frozen lake with ${things}. It goes ` +
      `${inWords(asked.runs).replaceAll(", ", ", then ")}. Rocks and the edge of the lake stop it until it turns` +
      `${holes ? "; in a hole it stays" : ""}. Where is it in the end: (a), (b), (c) or (d)?`,
    images: [sheet.png()],
    states,
  };
}
