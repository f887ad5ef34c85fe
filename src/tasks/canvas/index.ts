export { type Canvas, canvas, type Point } from "./canvas.ts";
export { compose, type PlacedPanel } from "./compose.ts";
export { textHeight, textWidth } from "./font.ts";
