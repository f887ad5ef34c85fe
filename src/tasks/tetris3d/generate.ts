import { random } from "../../util/index.ts";
import { bucket, letters } from "../draw.ts";
import { belongsTo, fourOptions, isHeldOut, type SplitRequest } from "../four-options.ts";
import { memo } from "../memo.ts";
import { stepByStepWording } from "../thoughts.ts";
import type { CommonValues, Example, Json } from "../types.ts";
import { readable } from "./camera.ts";
import { painter } from "./paint.ts";
import {
  type AxisTurn,
  type Cubes,
  changed,
  grown,
  keyOf,
  mirrored,
  product,
  type Rotation,
  rotationOf,
  rotations,
  shapeKey,
  singleTurns,
  turned,
} from "./world.ts";

/** Parameters with their defaults filled in. */
interface Tetris3dParameters extends CommonValues {
  by: string;
  decoy: string;
}

/** A rotation and how it is specified. */
interface RotationVariant {
  rotation: Rotation;
  /** Of the rotation among the 24. */
  index: number;
  /** Empty for rotations that are shown and not described. */
  turns: readonly AxisTurn[];
  name: string;
}

/** An example before it is painted. Each object goes through each way: four options, any of which might be right. */
interface PolycubePuzzle {
  /** The object of the question, and the one that it is easily taken for. */
  objects: readonly [Cubes, Cubes];
  kind: "change" | "mirror";
  /** The way requested, and another. */
  ways: readonly [RotationVariant, RotationVariant];
  a: Cubes | null;
}

interface TurnedOption {
  cubes: Cubes;
  way: RotationVariant;
  decoy: boolean;
}

/** Numbers of cubes of objects in training, and in "held-out-cells". */
const seen = [6, 7];
const unseen = [8];

const places = new Map(rotations.map((rotation, i) => [String(rotation), i]));
const indexOf = (rotation: Rotation): number => places.get(String(rotation))!;
/** The rotation that comes of the second, then the first. */
const composed = rotations.map((a) => rotations.map((b) => indexOf(product(a, b))));

/** The ways that may be requested. */
function waysOf(difficulty: number, by: string): readonly RotationVariant[] {
  const way = (turns: readonly AxisTurn[]): RotationVariant => {
    const rotation = rotationOf(turns);
    const name = turns.map(({ axis, quarters }) => `${axis}${quarters * 90}`).join(" ");
    return { rotation, index: indexOf(rotation), turns, name };
  };
  const singles = singleTurns.map((turn) => way([turn]));
  if (difficulty === 1) return singles;
  const longer = (lists: readonly (readonly AxisTurn[])[]): AxisTurn[][] =>
    lists.flatMap((turns) =>
      singleTurns.filter(({ axis }) => axis !== turns.at(-1)!.axis).map((turn) => [...turns, turn]),
    );
  const pairs = longer(singleTurns.map((turn) => [turn]));
  // Three turns may cancel out.
  if (by === "words")
    return (difficulty === 2 ? pairs : longer(pairs)).map(way).filter(({ index }) => index > 0);
  // Shown by an example, a rotation is one however it came about; those about x, y or z belong to level 1.
  const known = new Set(singles.map(({ rotation }) => String(rotation)));
  return rotations
    .slice(1)
    .filter((rotation) => !known.has(String(rotation)))
    .map((rotation) => ({ rotation, index: indexOf(rotation), turns: [], name: rotation.join("") }));
}

/**
 * The examples of a split. Two objects, one of which is the other mirrored or with one cube moved, and two rotations
 * make four options; the object and the rotation requested are drawn from them last. So nothing in the options, taken
 * by themselves, tells which is right. Every object seen in a question shows a whole side of each of its cubes.
 *
 * A shape, up to rotation and reflection, is seen in training or held out by its hash, and so are examples of seen
 * shapes divided between train and eval: no seed lets one appear in another split.
 */
export function generate(request: SplitRequest<Tetris3dParameters>): Iterable<Example> {
  const { split, seed, values: p } = request;
  const r = random(seed, "tetris3d", p.by, p.decoy, p.difficulty, split);
  const sizes = split === "held-out-cells" ? unseen : seen;
  const shape = memo(keyOf, shapeKey, 100_000);
  /** The key of a shape that this split may show, else null. */
  const own = (cubes: Cubes): string | null => {
    const key = shape(cubes);
    if (key === null || split === "held-out-cells") return key;
    return isHeldOut(key) === (split === "held-out") ? key : null;
  };
  const ways = waysOf(p.difficulty, p.by);
  /** For each of the 24 rotations, whether the object so turned can be read. */
  const posesOf = memo(
    keyOf,
    (cubes: Cubes) => Uint8Array.from(rotations, (rotation) => (readable(turned(cubes, rotation)) ? 1 : 0)),
    100_000,
  );

  /** A partner that differs in shape or in handedness, or null if the draw failed. */
  const partner = (object: Cubes, kind: "change" | "mirror"): Cubes | null => {
    if (kind === "mirror") return mirrored(object);
    const other = changed(r, object);
    return other && own(other) !== null && shape(other) !== shape(object) ? other : null;
  };
  /** A shape of the split in a pose from which all three views can be read. */
  const exemplar = (
    size: number,
    pair: readonly RotationVariant[],
    others: readonly Cubes[],
  ): Cubes | null => {
    const object = grown(r, size);
    if (!object || own(object) === null || others.some((other) => shape(other) === shape(object)))
      return null;
    const seen = posesOf(object);
    const poses = rotations.flatMap((_, pose) =>
      [pose, ...pair.map(({ index: way }) => composed[way]![pose]!)].every((each) => seen[each] === 1)
        ? [pose]
        : [],
    );
    return poses.length > 0 ? turned(object, rotations[r.pick(poses)]!) : null;
  };
  /** What is seen and asked, however the options are ordered: pairs of objects and ways may lead to the same ones. */
  const contentOf = ({ objects, ways: pair, a }: PolycubePuzzle): string => {
    const ends = objects.flatMap((cubes) => pair.map(({ rotation }) => keyOf(turned(cubes, rotation))));
    return [a ? keyOf(a) : "", keyOf(objects[0]), pair[0].name, ...ends.sort()].join(",");
  };
  const draw = (): PolycubePuzzle | null => {
    const size = r.pick(sizes);
    const base = grown(r, size);
    if (!base || own(base) === null) return null;
    const kind =
      p.decoy === "mixed" ? r.pick(["change", "mirror"] as const) : (p.decoy as "change" | "mirror");
    const other = partner(base, kind);
    if (!other) return null;
    // Poses from which both objects can be read, and go through two ways to others from which they can.
    const [one, two] = [posesOf(base), posesOf(other)];
    const legible = (pose: number): boolean => one[pose] === 1 && two[pose] === 1;
    const leading = (pose: number): RotationVariant[] =>
      ways.filter(({ index: way }) => legible(composed[way]![pose]!));
    const poses = rotations.flatMap((_, pose) => (legible(pose) && leading(pose).length > 1 ? [pose] : []));
    if (poses.length === 0) return null;
    // The part of a split is found among the ways to ask about two objects, which are dear to draw.
    for (let i = 0; i < 24; i++) {
      const pose = r.pick(poses);
      const pair = r.shuffled(leading(pose)).slice(0, 2) as [RotationVariant, RotationVariant];
      if (pair[0].index === pair[1].index) continue;
      const objects = r.shuffled([base, other].map((cubes) => turned(cubes, rotations[pose]!))) as [
        Cubes,
        Cubes,
      ];
      const a = p.by === "analogy" ? exemplar(size, pair, objects) : null;
      if (p.by === "analogy" && !a) continue;
      const puzzle = { objects, kind, ways: pair, a };
      if (belongsTo(split, contentOf(puzzle))) return puzzle;
    }
    return null;
  };

  const paint = painter(p.rendering);
  /** The views on the way to an option. */
  const views = ({ cubes, way }: TurnedOption): Cubes[] =>
    p.by === "words"
      ? way.turns.map((_, i) => turned(cubes, rotationOf(way.turns.slice(0, i + 1))))
      : [turned(cubes, way.rotation)];
  return fourOptions<PolycubePuzzle, TurnedOption>(request, {
    task: "tetris3d",
    r,
    draw,
    contentOf,
    optionsOf({ objects, ways: pair }) {
      const [right, ...wrong] = objects.flatMap((cubes, i) =>
        pair.map((way) => ({ cubes, way, decoy: i > 0 })),
      );
      return { right: right!, wrong };
    },
    shown({ objects: [object], kind, ways: [asked], a }, options, answer) {
      const clauses = asked.turns.map(
        ({ axis, quarters }) => `the object turns by ${quarters * 90} degrees about the ${axis} axis`,
      );
      const told =
        p.by === "words"
          ? clauses
          : [`C turns as A has turned${clauses.length ? `: ${clauses.join(", then ")}` : ""}`];
      const ends = options.map(({ cubes, way }) => turned(cubes, way.rotation));
      return {
        ...paint.question(a ? { a, b: turned(a, asked.rotation) } : { turns: asked.turns }, object, ends),
        ways: options.map((option) => views(option).map(paint.helper)),
        wording: stepByStepWording(told),
        attributes: {
          difficulty: p.difficulty,
          rotation: asked.name,
          cells: object.length,
          shape: bucket(shape(object)!, 2 ** 31),
          decoy: kind,
          letter: letters[answer]!,
          transforms: options.map(({ way, decoy }) => (decoy ? `${kind} ${way.name}` : way.name)).join(","),
        },
        state: {
          object,
          rotation: asked.rotation,
          turns: asked.turns.map(({ axis, quarters }) => ({ axis, quarters })),
          a,
          options: ends,
        } satisfies Json,
      };
    },
  });
}
