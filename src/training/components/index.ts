export * from "./rationale.ts";
export * from "./schedule.ts";
export * from "./slots.ts";
export * from "./stage.ts";
export * from "./view.ts";
