export * from "./layers.ts";
export * from "./losses.ts";
export * from "./parameter-files.ts";
export * from "./parameters.ts";
export * from "./store.ts";
