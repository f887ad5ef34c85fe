import { describe, expect, it } from "vitest";
import { pixelHash } from "../../../test/support/pixels.ts";
import { decodePng } from "../../formats/index.ts";
import { resolveParameters } from "../parameters.ts";
import type { Example, ImageBytes, Parameters, Task } from "../types.ts";
import { tetris as task } from "./index.ts";
import { allOrbits, connected, dividedOrbits, mirror, orbitKey, turn } from "./world.ts";

/** As the published pocket study has it. */
const tetris: Task = {
  ...task,
  generate: (split, count, seed, parameters) =>
    task.generate(split, count, seed, { rendering: "pocket", options: "rotations", ...parameters }),
};

/** Cells of a painted panel, read from the middle of each square. */
function cellsOf(bytes: ImageBytes): number[] {
  const { width, pixels } = decodePng(bytes)!;
  return Array.from({ length: 36 }, (_, i) => i).filter((i) => {
    const at = ((Math.floor(i / 6) * 16 + 8) * width + (i % 6) * 16 + 8) * 3;
    return pixels[at]! > 200;
  });
}

const sorted = (cells: readonly number[]): number[] => [...cells].sort((a, b) => a - b);

/** The shapes of every panel of an example, as canonical keys. */
function orbitsShown(examples: Iterable<Example>): Set<number> {
  const known = new Map<ImageBytes, number>();
  for (const example of examples) {
    for (const bytes of [...example.images, ...example.helpers]) {
      if (!known.has(bytes)) known.set(bytes, orbitKey(cellsOf(bytes)));
    }
  }
  return new Set(known.values());
}

describe("world", () => {
  it("has every asymmetric polyomino of 6 to 9 cells that fits the panel", () => {
    const orbits = allOrbits();
    // All of 6 and 7 cells (OEIS A006749: 20, 84, 316, 1196), and those of 8 and 9 that fit 6 × 6.
    expect([6, 7, 8, 9].map((n) => orbits.filter(({ cells }) => cells.length === n).length)).toEqual([
      20, 84, 311, 1128,
    ]);
    expect(new Set(orbits.map(({ cells }) => orbitKey(cells))).size).toBe(orbits.length);
    for (const { cells } of orbits) {
      expect(connected(cells)).toBe(true);
      const turns = [0, 1, 2, 3].map((k) => orbitKeyOfTurns(turn(cells, k)));
      expect(new Set(turns).size).toBe(4);
      expect(turns).not.toContain(orbitKeyOfTurns(mirror(cells)));
    }
  });

  it("divides them into 1,143 of training and 400 held out, none in both", () => {
    const { train, heldOut } = dividedOrbits();
    expect([train.length, heldOut.length]).toEqual([1143, 400]);
    expect(new Set([...train, ...heldOut].map(({ id }) => id)).size).toBe(1543);
  });

  it("turns clockwise about the panel's centre", () => {
    expect(sorted(turn([0, 1, 6], 1))).toEqual([4, 5, 11]);
    expect(sorted(turn([0, 1, 6], 2))).toEqual([29, 34, 35]);
    expect(turn(turn([3, 17], 3), 1)).toEqual([3, 17]);
  });
});

/** Shape up to translation only: its cells moved to the top left. */
function orbitKeyOfTurns(cells: readonly number[]): string {
  const rows = cells.map((cell) => Math.floor(cell / 6));
  const columns = cells.map((cell) => cell % 6);
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  return sorted(cells.map((_, i) => (rows[i]! - top) * 6 + columns[i]! - left)).join(" ");
}

describe("tetris", () => {
  it("asks in exactly these words", () => {
    const [analogy] = tetris.generate("eval", 1, 0);
    expect(analogy!.question).toBe(
      "<image> is to <image> as <image> is to which ? <image> a <image> b <image> c <image> d",
    );
    expect(analogy!.images.length).toBe(7);
    for (const example of tetris.generate("eval", 50, 0, { by: "words" })) {
      expect(example.question).toBe(
        `<image> rotated by ${example.attributes.angle} degrees is which ? <image> a <image> b <image> c <image> d`,
      );
      expect(example.images.length).toBe(5);
    }
  });

  it("shows held-out shapes nowhere in train or eval, and theirs nowhere in held-out", () => {
    const heldOut = orbitsShown(tetris.generate("held-out", 350, 0));
    const seen = orbitsShown([...tetris.generate("train", 400, 0), ...tetris.generate("eval", 100, 0)]);
    expect([...seen].filter((orbit) => heldOut.has(orbit))).toEqual([]);
    expect(heldOut.size).toBeGreaterThan(200);
    expect(seen.size).toBeGreaterThan(450);
  });

  it("is solved in every variant", () => {
    const variants: Parameters[] = [
      { by: "words" },
      { exemplars: 8 },
      { decoy: "change" },
      { by: "words", decoy: "mirror" },
      { by: "moved", options: "paired" },
      { by: "moved", rendering: "full" },
      { by: "words", rendering: "full", sheet: "lantern" },
      { layout: "composite" },
      { by: "words", layout: "composite", second: "either" },
      { by: "moved", layout: "composite" },
    ];
    for (const variant of variants) {
      for (const split of tetris.splits) {
        for (const example of tetris.generate(split, 4, 5, variant)) {
          expect(tetris.solve(example)).toBe(example.answer);
        }
      }
    }
  });

  it("offers the three other rotations of C and a decoy, never C itself", () => {
    const decoys = { change: 0, mirror: 0 };
    const angles = new Map<number, number>();
    for (const example of tetris.generate("train", 600, 0)) {
      const { angle, decoy, transforms, letter, cells, orbit, exemplar } = example.attributes;
      const c = cellsOf(example.images[2]!);
      const shown = example.images.slice(3).map(cellsOf);
      const labels = String(transforms).split(",");
      expect([...labels].sort()).toEqual(["180", "270", "90", "decoy"]);
      expect(labels[example.answer]).toBe(String(angle));
      expect(letter).toBe(example.options[example.answer]);
      expect(cells).toBe(c.length);
      expect(exemplar).not.toBe(orbit);
      expect(shown.map(String)).not.toContain(String(c));
      for (const [i, label] of labels.entries()) {
        if (label !== "decoy") {
          expect(shown[i]).toEqual(sorted(turn(c, Number(label) / 90)));
          continue;
        }
        expect(shown[i]!.length).toBe(c.length);
        expect(connected(shown[i]!)).toBe(true);
        if (decoy === "mirror") {
          const mirrored = [0, 1, 2, 3].map((k) => String(sorted(turn(mirror(c), k))));
          expect(mirrored).toContain(String(shown[i]));
        } else {
          const moved = [1, 2, 3].map((k) => turn(c, k).filter((cell) => !shown[i]!.includes(cell)).length);
          expect(Math.min(...moved)).toBe(1);
          expect(orbitKey(shown[i]!)).not.toBe(orbitKey(c));
        }
      }
      decoys[decoy as "change" | "mirror"]++;
      angles.set(Number(angle), (angles.get(Number(angle)) ?? 0) + 1);
    }
    // Six standard deviations of a fair coin, and of a third.
    expect(Math.abs(decoys.change - decoys.mirror)).toBeLessThan(147);
    for (const count of angles.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
  });

  it("has the right option as helper and the other rotations as counterfactuals", () => {
    for (const example of tetris.generate("eval", 200, 0)) {
      const labels = String(example.attributes.transforms).split(",");
      const options = example.images.slice(3);
      expect(example.helpers).toEqual([options[example.answer]]);
      for (const [i, counterfactual] of example.counterfactuals.entries()) {
        const none = i === example.answer || labels[i] === "decoy";
        expect(counterfactual).toEqual(none ? null : [options[i]]);
      }
    }
  });

  it("keeps the pocket rendering of the published study, pixel for pixel", () => {
    const stateless = ["train", "eval", "held-out"].flatMap((split) =>
      [...tetris.generate(split, 40, 0)].map(({ state: _, ...rest }) => rest),
    );
    expect(pixelHash(stateless)).toBe("16805b3a6bee8d8c9e9b9c055c92411b954439cc9928fdb523b7d1ea8835516e");
  });

  it("shows by difficulty, and in held-out-cells, shapes of so many cells", () => {
    const counts = (split: string, difficulty: number): number[] =>
      [
        ...new Set(
          [...tetris.generate(split, 200, 0, { difficulty })].map(({ attributes }) =>
            Number(attributes.cells),
          ),
        ),
      ].sort();
    expect([1, 2, 3].map((difficulty) => counts("train", difficulty))).toEqual([
      [6, 7],
      [6, 7, 8, 9],
      [8, 9],
    ]);
    expect(counts("held-out", 3)).toEqual([8, 9]);
    expect([1, 2, 3].map((difficulty) => counts("held-out-cells", difficulty))).toEqual([[10], [10], [10]]);
    for (const example of tetris.generate("held-out-cells", 100, 0)) {
      for (const bytes of [...example.images, ...example.helpers]) expect(cellsOf(bytes).length).toBe(10);
    }
  });

  it("moves B and the options, not the helper, where it is told by an example that moved", () => {
    let elsewhere = 0;
    for (const example of tetris.generate("train", 200, 0, { by: "moved" })) {
      const [a, b, c, ...options] = example.images.map(cellsOf) as [
        number[],
        number[],
        number[],
        ...number[][],
      ];
      const quarters = Number(example.attributes.angle) / 90;
      expect(orbitKeyOfTurns(b)).toBe(orbitKeyOfTurns(turn(a, quarters)));
      expect(cellsOf(example.helpers[0]!)).toEqual(sorted(turn(c, quarters)));
      expect(orbitKeyOfTurns(options[example.answer]!)).toBe(orbitKeyOfTurns(turn(c, quarters)));
      if (String(options[example.answer]) !== String(cellsOf(example.helpers[0]!))) elsewhere++;
    }
    expect(elsewhere).toBeGreaterThan(120);
  });

  it("shows on a sheet what the panels of the pocket rendering show, and gives decoys helpers too", () => {
    const sheets = [...task.generate("eval", 50, 3)];
    for (const [i, small] of [...tetris.generate("eval", 50, 3, { options: "paired" })].entries()) {
      expect(sheets[i]!.state).toEqual(small.state);
      expect([sheets[i]!.answer, sheets[i]!.attributes]).toEqual([small.answer, small.attributes]);
      expect(sheets[i]!.counterfactuals.map((each) => each === null)).toEqual(
        sheets[i]!.options.map((_, j) => j === small.answer),
      );
    }
    const [example] = task.generate("eval", 1, 0, { sheet: "lantern" });
    const sizes = [...example!.images, ...example!.helpers].map((bytes) => decodePng(bytes)!);
    expect(sizes.map(({ width, height }) => [width, height])).toEqual([
      [872, 794],
      [622, 332],
    ]);
  });

  it("offers by default two turns of C and two of a look-alike, either of which could be C", () => {
    const places = new Map<string, number>();
    for (const example of tetris.generate("train", 400, 0, { options: "paired" })) {
      const labels = String(example.attributes.transforms).split(",");
      const shown = example.images.slice(3).map(cellsOf);
      const c = cellsOf(example.images[2]!);
      expect(labels.filter((label) => label === "decoy").length).toBe(2);
      expect(new Set([...shown, c].map(String)).size).toBe(5);
      const [x, y] = shown.filter((_, i) => labels[i] === "decoy").map(orbitKeyOfTurns) as [string, string];
      expect(x).not.toBe(y);
      const decoys = shown.filter((_, i) => labels[i] === "decoy");
      expect([1, 2, 3].map((k) => String(sorted(turn(decoys[0]!, k))))).toContain(String(decoys[1]));
      // The quarters from the right option to the other turn, and from one decoy to the other, are as often 1, 2 and 3.
      const other = Number(labels.find((label, i) => label !== "decoy" && i !== example.answer));
      const step = String(((other - Number(example.attributes.angle)) / 90 + 4) % 4);
      places.set(step, (places.get(step) ?? 0) + 1);
    }
    for (const count of places.values()) expect(Math.abs(count - 133)).toBeLessThan(50);
    expect(places.size).toBe(3);
  });

  it("draws A from so many panels as the dial says, the same in every split", () => {
    const panels = (split: string) =>
      new Set(
        [...tetris.generate(split, 120, 0, { exemplars: 8 })].map(({ images }) =>
          String(cellsOf(images[0]!)),
        ),
      );
    expect(panels("train").size).toBe(8);
    expect(panels("held-out")).toEqual(panels("train"));
    expect(
      new Set([...tetris.generate("train", 120, 0)].map(({ images }) => String(cellsOf(images[0]!)))).size,
    ).toBeGreaterThan(105);
  });

  it("reports an example with no right option, or with two", () => {
    const [example] = tetris.generate("eval", 1, 0);
    const images = [...example!.images];
    const wrong = (example!.answer + 1) % 4;
    images[3 + wrong] = images[3 + example!.answer]!;
    expect(() => tetris.solve({ ...example!, images })).toThrow(
      "expected exactly one option that shows C rotated",
    );
    images[3 + wrong] = images[3 + example!.answer] = images[2]!;
    expect(() => tetris.solve({ ...example!, images })).toThrow("got none");
    expect(() => tetris.solve({ ...example!, images: [new Uint8Array([1]), ...images.slice(1)] })).toThrow(
      "image 0 of example eval-000000: expected a PNG, got another format",
    );
  });
});

it("four tokens a panel change what a pocket model is told, and no pixel", () => {
  const small = { rendering: "pocket", by: "words" };
  const facts = (tokens: string) =>
    tetris.pocket(resolveParameters("tetris", tetris.parameters, { ...small, tokens }));
  expect(facts("one")).toMatchObject({ maxPixels: 144, latentsPerBlock: 1 });
  expect(facts("four")).toMatchObject({ maxPixels: 576, latentsPerBlock: 4, panelTokens: 4 });
  const [one, four] = ["one", "four"].map((tokens) => [
    ...tetris.generate("eval", 3, 0, { ...small, tokens }),
  ]);
  expect(four).toEqual(one);
  // Sheets are seen as any task's.
  expect(tetris.pocket({ rendering: "full", tokens: "one" })).toEqual(
    tetris.pocket({ rendering: "full", tokens: "four" }),
  );
});

describe("a second step", () => {
  it.each([
    ["words", "pocket"],
    ["analogy", "pocket"],
    ["words", "full"],
    ["analogy", "full"],
  ])("by %s in %s rendering has a helper of its own, and the solver takes it", (by, rendering) => {
    const seen = new Set<string>();
    for (const example of task.generate("eval", 40, 0, { by, rendering, second: "either", plan: "brief" })) {
      expect(task.solve(example)).toBe(example.answer);
      expect(example.helpers.length).toBe(2);
      expect(example.reasoning?.length).toBe(3);
      expect(example.reasoning![0]).toBe(`by ${example.attributes.angle} rotated`);
      seen.add(String(example.attributes.second));
      for (const [i, steps] of example.counterfactuals.entries()) {
        expect(steps?.length ?? null).toBe(i === example.answer ? null : 2);
      }
    }
    expect([...seen].sort()).toEqual(["180", "270", "90", "mirror"]);
  });
});
