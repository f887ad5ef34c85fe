/** A helper image that is a grid of equal cells, full or empty, drawn by hand. */
import type { Picture } from "../pictures.ts";

/** Cells across, and which are full: one character for each, "1" or "0". */
interface CellGrid {
  side: number;
  cells: string;
}

const SIDE = 6;

const brightness = ({ pixels, width }: Picture, x: number, y: number): number => {
  const at = (y * width + x) * 3;
  return pixels[at]! + pixels[at + 1]! + pixels[at + 2]!;
};

/** The grid of a square picture; null where its cells are not of two kinds. */
export function gridOf(picture: Picture): CellGrid | null {
  const { width, height } = picture;
  if (width !== height || width % SIDE !== 0) return null;
  const size = width / SIDE;
  const middle = (cell: number): number =>
    brightness(
      picture,
      Math.floor(((cell % SIDE) + 0.5) * size),
      Math.floor((Math.floor(cell / SIDE) + 0.5) * size),
    );
  const values = Array.from({ length: SIDE * SIDE }, (_, cell) => middle(cell));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (high - low < 60 || values.some((value) => Math.min(value - low, high - value) > 20)) return null;
  return { side: SIDE, cells: values.map((value) => (value > (low + high) / 2 ? "1" : "0")).join("") };
}

/** The picture with other cells full: cells are copied from the picture itself. */
export function painted(picture: Picture, { side, cells: before }: CellGrid, cells: string): Picture {
  const { width, height } = picture;
  const size = width / side;
  const pixels = picture.pixels.slice();
  for (let cell = 0; cell < side * side; cell++) {
    const wanted = cells[cell] === "1" ? "1" : "0";
    if (before[cell] === wanted) continue;
    const from = before.indexOf(wanted);
    const corner = (of: number): [number, number] => [(of % side) * size, Math.floor(of / side) * size];
    const [[fx, fy], [x, y]] = [corner(from), corner(cell)];
    for (let dy = 0; dy < size; dy++)
      pixels.set(
        picture.pixels.subarray(((fy + dy) * width + fx) * 3, ((fy + dy) * width + fx + size) * 3),
        ((y + dy) * width + x) * 3,
      );
  }
  return { width, height, pixels };
}

export function Grid({
  cells,
  side,
  onChange,
}: {
  cells: string;
  side: number;
  onChange: (cells: string) => void;
}) {
  const toggled = (cell: number): string =>
    `${cells.slice(0, cell)}${cells[cell] === "1" ? "0" : "1"}${cells.slice(cell + 1)}`;
  return (
    <div
      class="cells"
      style={{ "grid-template-columns": `repeat(${side}, 1fr)` }}
      role="group"
      aria-label="cells of the helper"
    >
      {Array.from({ length: side * side }, (_, cell) => (
        <button
          type="button"
          key={cell}
          aria-pressed={cells[cell] === "1"}
          aria-label={`row ${Math.floor(cell / side) + 1}, column ${(cell % side) + 1}`}
          onClick={() => onChange(toggled(cell))}
        />
      ))}
    </div>
  );
}
