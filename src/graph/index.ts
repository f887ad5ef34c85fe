export * from "./device.ts";
export * from "./dims.ts";
export * from "./gradient.ts";
export * from "./operators/index.ts";
export * from "./remote-session.ts";
export * from "./session.ts";
export * from "./tensor.ts";
export * from "./validate.ts";
