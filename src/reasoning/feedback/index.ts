export * from "./feed.ts";
export * from "./heads.ts";
export * from "./shapes.ts";
export * from "./types.ts";
