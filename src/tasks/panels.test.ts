import { describe, expect, it } from "vitest";
import { canvas, compose } from "./canvas/index.ts";
import { cellsAcross, colorAt, nearestColor, only, panelsOf } from "./panels.ts";
import type { Example } from "./types.ts";

const palette = Uint8Array.of(250, 250, 250, 20, 20, 20, 200, 40, 40, 40, 40, 200);

const example = (images: Uint8Array[]): Example => ({
  id: "made",
  question: "",
  images,
  options: ["a", "b"],
  answer: 0,
  helpers: [],
  counterfactuals: [],
  attributes: {},
});

/** Cells of one color between lines of another. */
function grid(side: number, cell: number, color: number) {
  const picture = canvas(side * cell, side * cell, palette);
  picture.fill(1);
  for (let i = 0; i < side * side; i++)
    picture.rect((i % side) * cell + 2, Math.floor(i / side) * cell + 2, cell - 2, cell - 2, color);
  return picture;
}

describe("panelsOf", () => {
  it("finds the panels of a sheet in the order of reading, and no labels", () => {
    const [large, small] = [grid(3, 40, 2), grid(5, 16, 3)];
    const rows = [
      [{ picture: large }],
      [
        { picture: small, label: "(a)" },
        { picture: small, label: "(b)" },
      ],
    ];
    const { sheet, places } = compose(rows, { ground: 0, ink: 1 });
    const panels = panelsOf(example([sheet.png()]), 3);
    expect(panels.map(({ picture: _, ...place }) => place)).toEqual(places);
    expect(panels.map(cellsAcross)).toEqual([3, 5, 5]);
    expect(colorAt(panels[1]!, 0.5, 0.5)).toEqual([40, 40, 200]);
    expect(() => panelsOf(example([sheet.png()]), 5)).toThrow(
      "images of example made: expected 5 panels, got 3",
    );
  });

  it("finds panels beside one another, of which one is taller", () => {
    const sheet = canvas(300, 200, palette);
    sheet.rect(10, 10, 100, 180, 2);
    sheet.rect(130, 10, 70, 70, 3);
    sheet.rect(210, 12, 70, 70, 3);
    sheet.rect(130, 110, 150, 80, 2);
    const found = panelsOf(example([sheet.png()]), 4).map(({ x, y, width, height }) => [x, y, width, height]);
    expect(found).toEqual([
      [10, 10, 100, 180],
      [130, 10, 70, 70],
      [210, 12, 70, 70],
      [130, 110, 150, 80],
    ]);
  });

  it("takes each of several images as a panel, and refuses what is no picture", () => {
    const bytes = grid(4, 8, 2).png();
    expect(panelsOf(example([bytes, bytes]), 2).map(({ width }) => width)).toEqual([32, 32]);
    expect(() => panelsOf(example([bytes, Uint8Array.of(1)]), 2)).toThrow(
      "image 1 of example made: expected a PNG, got another format",
    );
  });
});

it("names the nearest colour, and the one candidate", () => {
  expect(nearestColor([190, 60, 60], { red: [255, 0, 0], grey: [128, 128, 128] })).toBe("red");
  expect(only(example([]), "thing", [3])).toBe(3);
  expect(() => only(example([]), "thing", [])).toThrow("example made: expected exactly one thing, got none");
  expect(() => only(example([]), "thing", [0, 2])).toThrow("got 0, 2");
});
