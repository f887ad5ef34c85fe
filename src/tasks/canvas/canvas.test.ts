import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodePng } from "../../formats/index.ts";
import { type Canvas, canvas, compose, textWidth } from "./index.ts";

const palette = Uint8Array.of(255, 255, 255, 0, 0, 0, 200, 30, 30);
const small = (width = 8, height = 8): Canvas => canvas(width, height, palette);

/** The picture in characters, a row a line. */
const drawn = ({ width, height, indices }: Canvas): string[] =>
  Array.from({ length: height }, (_, y) =>
    [...indices.subarray(y * width, (y + 1) * width)].map((c) => ".#o"[c]).join(""),
  );
const area = ({ indices }: Canvas): number => indices.filter((each) => each > 0).length;

describe("canvas", () => {
  it("fills rectangles, and polygons of whole corners, pixel for pixel alike, and cuts off what is outside", () => {
    for (const [x, y, w, h] of [
      [1, 2, 3, 4],
      [-2, -1, 5, 4],
      [6, 5, 9, 9],
      [3, 3, 0, 2],
    ] as const) {
      const a = small();
      const b = small();
      a.rect(x, y, w, h, 1);
      const corners = [
        [x, y],
        [x + w, y],
        [x + w, y + h],
        [x, y + h],
      ] as const;
      b.polygon(corners, 1);
      expect(drawn(b)).toEqual(drawn(a));
      const c = small();
      c.polygon([...corners].reverse(), 1);
      expect(drawn(c)).toEqual(drawn(a));
    }
  });

  it("shares the pixels of a square between polygons that meet, each once", () => {
    const [a, b] = [small(31, 17), small(31, 17)];
    a.polygon([[0, 0], [31, 0], [7.3, 17]], 1); // biome-ignore format: a triangle
    b.polygon([[0, 0], [7.3, 17], [0, 17]], 1); // biome-ignore format: a triangle
    b.polygon([[31, 0], [31, 17], [7.3, 17]], 1); // biome-ignore format: a triangle
    for (const [i, each] of a.indices.entries()) expect(each + b.indices[i]!).toBe(1);
  });

  it("draws discs and lines that are as large as they ought to be and lie where they ought to", () => {
    const disc = small(100, 100);
    disc.disc(50, 50, 40, 1);
    expect(Math.abs(area(disc) / (Math.PI * 1600) - 1)).toBeLessThan(0.01);
    // The middle is a corner between four pixels: the disc is its own mirror image.
    const rows = drawn(disc);
    expect([...rows].reverse()).toEqual(rows);
    expect(rows.map((row) => [...row].reverse().join(""))).toEqual(rows);

    const line = small(100, 100);
    line.line(20, 20, 80, 65, 6, 1);
    expect(Math.abs(area(line) / (75 * 6 + Math.PI * 9) - 1)).toBeLessThan(0.03);
    const back = small(100, 100);
    back.line(80, 65, 20, 20, 6, 1);
    expect(area(back)).toBe(area(line));
    const thin = small(20, 20);
    thin.line(2, 2, 18, 9, 1, 1);
    for (let x = 3; x < 17; x++) expect(thin.indices.some((c, i) => c === 1 && i % 20 === x)).toBe(true);
  });

  it("writes text that a person can read", () => {
    const words = small(textWidth("(a) gy", 1), 9);
    words.text(0, 0, "(a) gy", 1, 1);
    expect(drawn(words)).toEqual([
      "...#.........#.....................",
      "..#...........#....................",
      ".#.....###.....#.........####.#...#",
      ".#........#....#........#...#.#...#",
      ".#.....####....#........#...#.#...#",
      "..#...#...#...#.........#...#.#...#",
      "...#...####..#...........####..####",
      "............................#.....#",
      ".........................###...###.",
    ]);
    const large = small(10, 14);
    large.text(0, 0, "L", 2, 2);
    expect(area(large)).toBe(4 * 11);
  });

  it("has a glyph for every character that tasks write, no two alike", () => {
    const all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789()?!,.:-+=/%#°×'→←↑↓";
    const seen = new Set<string>();
    for (const character of all) {
      const one = small(5, 9);
      one.text(0, 0, character, 1, 1);
      seen.add(drawn(one).join());
    }
    expect(seen.size).toBe([...all].length);
    expect(() => small().text(0, 0, "a€", 1, 1)).toThrow('got "€"');
    expect(() => small().text(0, 0, "constructor\n", 1, 1)).toThrow('got "\\n"');
  });

  it("copies pictures, larger if asked to, and cut at the edges", () => {
    const stamp = small(2, 2);
    stamp.indices.set([1, 2, 0, 1]);
    const plain = small(4, 4);
    plain.blit(stamp, 1, 2);
    expect(drawn(plain)).toEqual(["....", "....", ".#o.", "..#."]);
    const twice = small(4, 4);
    twice.blit(stamp, -1, 1, 2);
    expect(drawn(twice)).toEqual(["....", "#oo.", "#oo.", ".##."]);
    const above = small(4, 4);
    above.blit(stamp, 3, -1, 3);
    expect(drawn(above)).toEqual(["...#", "...#", "....", "...."]);
    expect(() => small().blit(canvas(1, 1, Uint8Array.of(1, 2, 3)), 0, 0)).toThrow("the same colours");
  });

  it("becomes a PNG of the palette's colours", () => {
    const sheet = small(3, 1);
    sheet.rect(1, 0, 1, 1, 2);
    expect([...decodePng(sheet.png())!.pixels]).toEqual([255, 255, 255, 200, 30, 30, 255, 255, 255]);
  });

  it("refuses colours, sizes and coordinates that cannot be", () => {
    expect(() => small().rect(0, 0, 1, 1, 3)).toThrow("a colour from 0 to 2, got 3");
    expect(() => small().disc(Number.NaN, 0, 1, 1)).toThrow("expected coordinates");
    expect(() => canvas(0, 5, palette)).toThrow("0 × 5");
    expect(() => canvas(2.5, 5, palette)).toThrow("2.5 × 5");
  });

  it("paints the same pixels on every machine", () => {
    const sheet = small(300, 200);
    for (let i = 0; i < 40; i++) {
      sheet.line(
        150,
        100,
        150 + 140 * Math.fround(i / 40 - 0.5),
        (i * 37) % 200,
        1 + (i % 5) / 2,
        1 + (i % 2),
      );
      sheet.polygon([[i * 7.1, 3.7], [i * 6.3 + 9.2, 60.4], [i * 5.7, 41.9 + i]], i % 3); // biome-ignore format: a triangle
      sheet.disc((i * 61) % 300, 150.25, 3 + i / 7, i % 3);
    }
    const digest = createHash("sha256").update(sheet.indices).digest("hex").slice(0, 16);
    expect(digest).toBe("775537970c597679");
  });
});

describe("compose", () => {
  const panel = (width: number, height: number): Canvas => {
    const picture = small(width, height);
    picture.fill(2);
    return picture;
  };

  it("lays out labelled panels without overlap and tells where they are", () => {
    const { sheet, places } = compose(
      [
        [{ picture: panel(40, 30) }, { picture: panel(20, 30) }],
        ["(a)", "(b)", "(c)"].map((label) => ({ picture: panel(24, 24), label })),
      ],
      { ground: 0, ink: 1, gap: 10, scale: 1 },
    );
    expect([sheet.width, sheet.height]).toEqual([3 * 24 + 4 * 10, 30 + 10 + 24 + 3 * 10]);
    expect(places).toEqual([
      { x: 21, y: 10, width: 40, height: 30 },
      { x: 71, y: 10, width: 20, height: 30 },
      ...[10, 44, 78].map((x) => ({ x, y: 60, width: 24, height: 24 })),
    ]);
    for (const { x, y, width, height } of places) {
      for (let row = y; row < y + height; row++) {
        const line = sheet.indices.subarray(row * sheet.width + x, row * sheet.width + x + width);
        expect([...line]).toEqual(Array(width).fill(2));
      }
    }
    expect(sheet.indices.filter((each) => each === 2).length).toBe(60 * 30 + 3 * 24 * 24);
    expect(sheet.indices.filter((each) => each === 1).length).toBeGreaterThan(30);
  });

  it("puts them in the middle of a larger sheet, and refuses a smaller one", () => {
    const layout = { ground: 0, ink: 1, gap: 4, width: 100, height: 60 };
    expect(compose([[{ picture: panel(20, 20) }]], layout).places).toEqual([
      { x: 40, y: 20, width: 20, height: 20 },
    ]);
    expect(() => compose([[{ picture: panel(95, 20) }]], layout)).toThrow("at least 103 × 28 pixels");
    expect(() => compose([[]], layout)).toThrow("at least one panel");
  });
});
