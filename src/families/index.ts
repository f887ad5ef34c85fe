export * from "./compress.ts";
export * from "./registry.ts";
export * from "./types.ts";
