export { type Canvas, canvas, type Painted, type Point } from "./canvas.ts";
export { compose, type LabeledPanel, type PlacedPanel, type SheetLayout } from "./compose.ts";
export { textHeight, textWidth } from "./font.ts";
