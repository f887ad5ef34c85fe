import { sum } from "../../numeric/index.ts";
import { ensure } from "../../util/index.ts";
import { type Canvas, canvas, type Painted } from "./canvas.ts";
import { textHeight, textWidth } from "./font.ts";

/** A picture on a sheet. */
interface LabeledPanel {
  picture: Painted;
  /** Written above it, in the middle, such as "(a)". */
  label?: string;
}

interface SheetLayout {
  /** Color of the sheet. */
  ground: number;
  /** Color of the labels. */
  ink: number;
  /** Pixels between panels, and around them; default 16. */
  gap?: number;
  /** Size of the labels: times 5 × 7 pixels; default 3. */
  scale?: number;
  /** Color of a line around every panel; none by default. */
  frame?: number;
  /** Size of the sheet, with the panels in its middle; as large as the panels need by default. */
  width?: number;
  height?: number;
}

/** Where a panel's picture has ended up. */
export interface PlacedPanel {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Labeled panels on one sheet, row under row, each row in the middle. Panels share the colors of the first one.
 * `places` tells where each picture is, row by row, so that a solver need not search. Throws `LintelError` "input"
 * when there is no panel, or the sheet is too small.
 */
export function compose(
  rows: readonly (readonly LabeledPanel[])[],
  { ground, ink, gap = 16, scale = 3, frame, width, height }: SheetLayout,
): { sheet: Canvas; places: PlacedPanel[] } {
  const labelHeight = (row: readonly LabeledPanel[]): number =>
    row.some(({ label }) => label) ? (textHeight + 3) * scale : 0;
  const widthOf = ({ picture, label }: LabeledPanel): number =>
    Math.max(picture.width, textWidth(label ?? "", scale));
  const boxes = rows.map((row) => ({
    width: sum(row.map(widthOf)) + gap * (row.length - 1),
    height: labelHeight(row) + Math.max(0, ...row.map(({ picture }) => picture.height)),
  }));
  const needed = {
    width: Math.max(0, ...boxes.map((box) => box.width)) + 2 * gap,
    height: sum(boxes.map((box) => box.height)) + gap * (rows.length + 1),
  };
  const first = rows.find((row) => row.length > 0)?.[0];
  ensure(
    first && (width ?? needed.width) >= needed.width && (height ?? needed.height) >= needed.height,
    "input",
    () => ({
      where: "sheet of panels",
      expected: first ? `at least ${needed.width} × ${needed.height} pixels` : "at least one panel",
      got: `${width ?? needed.width} × ${height ?? needed.height}`,
    }),
  );

  const sheet = canvas(width ?? needed.width, height ?? needed.height, first.picture.palette);
  sheet.fill(ground);
  const places: PlacedPanel[] = [];
  let y = gap + ((sheet.height - needed.height) >> 1);
  for (const [i, row] of rows.entries()) {
    let x = (sheet.width - boxes[i]!.width) >> 1;
    const top = y + labelHeight(row);
    for (const panel of row) {
      const { picture, label } = panel;
      const cell = widthOf(panel);
      if (label) sheet.text(x + ((cell - textWidth(label, scale)) >> 1), y, label, scale, ink);
      const left = x + ((cell - picture.width) >> 1);
      sheet.blit(picture, left, top);
      if (frame !== undefined)
        sheet.frame(left - 2, top - 2, picture.width + 4, picture.height + 4, 2, frame);
      places.push({ x: left, y: top, width: picture.width, height: picture.height });
      x += cell + gap;
    }
    y += boxes[i]!.height + gap;
  }
  return { sheet, places };
}
