export { type Canvas, canvas, type Painted, type Point } from "./canvas.ts";
export { compose, type SheetLayout, type LabeledPanel, type PlacedPanel } from "./compose.ts";
export { textHeight, textWidth } from "./font.ts";
