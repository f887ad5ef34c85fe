export type { DatasetFormat, LayoutName } from "./layouts.ts";
export { writeRecords } from "./write.ts";
