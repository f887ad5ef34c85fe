export * from "./outcomes.ts";
export * from "./schema.ts";
