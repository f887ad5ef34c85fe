export { type Canvas, canvas, type Painted, type Point } from "./canvas.ts";
export { compose, type Layout, type Panel, type Place } from "./compose.ts";
export { textHeight, textWidth } from "./font.ts";
