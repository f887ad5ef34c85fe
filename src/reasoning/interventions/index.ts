export * from "./describe.ts";
export { parseInterventions } from "./file.ts";
export * from "./registry.ts";
export * from "./resolve.ts";
export * from "./types.ts";
