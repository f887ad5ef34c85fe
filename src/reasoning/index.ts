export * from "./answer.ts";
export * from "./continue.ts";
export * from "./features.ts";
export * from "./interventions/index.ts";
export * from "./load.ts";
export * from "./model.ts";
export * from "./prefix.ts";
export * from "./statistics.ts";
