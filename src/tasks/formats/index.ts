export { type DatasetFormat, type LayoutName, layouts } from "./layouts.ts";
export { writeRecords } from "./write.ts";
