import type { Random } from "../../util/index.ts";

/** Edge of the picture in units. */
export const extent = 96;

/** Colors of things; the first few of the painter's palette are others. */
export const hues = ["red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"] as const;
/** Number of different grounds. */
const grounds = 3;

const sides = ["left", "top", "right", "bottom"] as const;
type PictureSide = (typeof sides)[number];

/** The square that is missing, in units. */
export interface Gap {
  x: number;
  y: number;
  size: number;
}

interface Disc {
  x: number;
  y: number;
  radius: number;
  hue: number;
}

/** A band that comes into the gap on one side and leaves it on another. */
export interface Band {
  hue: number;
  width: number;
  ends: readonly [End, End];
}

/** Where a band crosses the gap's border: how far along the side, and by how much it swerves on its way outwards. */
interface End {
  side: PictureSide;
  along: number;
  swerve: number;
}

/** A picture: discs under two bands. */
export interface JigsawScene {
  ground: number;
  gap: Gap;
  discs: readonly Disc[];
  bands: readonly [Band, Band];
}

/** How bands and discs are chosen; by difficulty. */
interface JigsawLevel {
  gap: number;
  width: number;
  /** Units between where a band crosses the border and where the other version of it does. */
  least: number;
  /** Whether the two versions differ at one end only. */
  oneEnd: boolean;
  discs: number;
}

export const levels: Record<number, JigsawLevel> = {
  1: { gap: 48, width: 8, least: 10, oneEnd: false, discs: 4 },
  2: { gap: 40, width: 7, least: 7, oneEnd: false, discs: 6 },
  3: { gap: 34, width: 6, least: 6, oneEnd: true, discs: 8 },
};

type JigsawPoint = readonly [x: number, y: number];

/** Bands cross the border at a right angle: so far inside and outside of it they run straight. */
const straight = 6;

/** A point so far outside of a side (inside, if negative), so far along it. */
function besides({ x, y, size }: Gap, side: PictureSide, along: number, out: number): JigsawPoint {
  if (side === "left") return [x - out, y + along];
  if (side === "right") return [x + size + out, y + along];
  return side === "top" ? [x + along, y - out] : [x + along, y + size + out];
}

/** Units between a side of the gap and the picture's edge. */
const room = ({ x, y, size }: Gap, side: PictureSide): number =>
  ({ left: x, top: y, right: extent - x - size, bottom: extent - y - size })[side];

/** The corners of a band from edge to edge of the picture. */
export function pathOf(gap: Gap, { ends, width }: Band): JigsawPoint[] {
  const way = ({ side, along, swerve }: End): JigsawPoint[] => [
    besides(gap, side, along + swerve, room(gap, side) + width),
    besides(gap, side, along, straight),
    besides(gap, side, along, -straight),
  ];
  return [...way(ends[0]), ...way(ends[1]).reverse()];
}

/** Ways to join the four sides in two pairs. */
const pairings: readonly (readonly [
  readonly [PictureSide, PictureSide],
  readonly [PictureSide, PictureSide],
])[] = [
  [
    ["left", "right"],
    ["top", "bottom"],
  ],
  [
    ["left", "top"],
    ["right", "bottom"],
  ],
  [
    ["left", "bottom"],
    ["top", "right"],
  ],
];

/** Two versions of a band, either of which may be the true one; null if the draw failed. */
function twoBands(
  r: Random,
  gap: Gap,
  level: JigsawLevel,
  hue: number,
  joined: readonly [PictureSide, PictureSide],
): [Band, Band] | null {
  const margin = level.width + 2;
  const end = (side: PictureSide): End => {
    const most = Math.floor(room(gap, side) / 2);
    return {
      side,
      along: margin + r.integer(gap.size - 2 * margin + 1),
      swerve: r.integer(2 * most + 1) - most,
    };
  };
  const [one, two] = [0, 1].map(() => [end(joined[0]), end(joined[1])] as [End, End]) as [
    [End, End],
    [End, End],
  ];
  if (level.oneEnd) {
    const same = r.integer(2);
    two[same] = one[same]!;
    if (Math.abs(one[1 - same]!.along - two[1 - same]!.along) < level.least) return null;
  } else if (one.some((each, i) => Math.abs(each.along - two[i]!.along) < level.least)) return null;
  const band = (ends: [End, End]): Band => ({ hue, width: level.width, ends });
  return [band(one), band(two)];
}

/** Whether a disc's edge crosses every line along the gap's border at a clear angle, or stays off it. */
function clear({ x, y, size }: Gap, disc: Disc): boolean {
  const distances = [disc.x - x, disc.x - x - size, disc.y - y, disc.y - y - size].map(Math.abs);
  return distances.every((distance) => distance <= 0.8 * disc.radius || distance >= disc.radius + 2);
}

/** Pictures that differ in how two bands run; any of the four may be the true one. */
export interface PieceChoice {
  ground: number;
  gap: Gap;
  discs: readonly Disc[];
  /** Two versions of each of two bands. */
  bands: readonly [readonly [Band, Band], readonly [Band, Band]];
}

/** The picture with these versions of its two bands. */
export const sceneOf = (
  { ground, gap, discs, bands }: PieceChoice,
  first: number,
  second: number,
): JigsawScene => ({
  ground,
  gap,
  discs,
  bands: [bands[0][first]!, bands[1][second]!],
});

/**
 * Draws a picture in four versions; null if the draw failed. `own` tells which pairs of colours of bands may be used.
 */
export function drawChoice(
  r: Random,
  difficulty: number,
  own: (hues: readonly number[]) => boolean,
): PieceChoice | null {
  const level = levels[difficulty]!;
  const mixed = r.shuffled(hues.map((_, i) => i));
  const [first, second] = mixed as [number, number, ...number[]];
  if (!own([first, second])) return null;
  const least = 10;
  const place = (): number => least + r.integer(extent - level.gap - 2 * least + 1);
  const gap = { x: place(), y: place(), size: level.gap };
  const [one, two] = r.shuffled(r.pick(pairings)) as [
    readonly [PictureSide, PictureSide],
    readonly [PictureSide, PictureSide],
  ];
  const bandsOne = twoBands(r, gap, level, first, one);
  const bandsTwo = twoBands(r, gap, level, second, two);
  if (!bandsOne || !bandsTwo) return null;
  const discs: Disc[] = [];
  while (discs.length < level.discs) {
    const disc = {
      x: r.integer(extent + 1),
      y: r.integer(extent + 1),
      radius: 6 + r.integer(11),
      hue: mixed[2 + r.integer(mixed.length - 2)]!,
    };
    if (clear(gap, disc)) discs.push(disc);
  }
  return { ground: r.integer(grounds), gap, discs, bands: [bandsOne, bandsTwo] };
}
