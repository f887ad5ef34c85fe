export * from "./answers.ts";
export * from "./box.ts";
export * from "./compress.ts";
export * from "./file.ts";
export * from "./prompt.ts";
export * from "./registry.ts";
export * from "./rules.ts";
export * from "./types.ts";
