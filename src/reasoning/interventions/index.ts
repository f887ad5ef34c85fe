export * from "./describe.ts";
export { interventionFileSchema, parseInterventions } from "./file.ts";
export * from "./registry.ts";
export * from "./resolve.ts";
export * from "./types.ts";
