export * from "./branch.ts";
export * from "./device.ts";
export * from "./dims.ts";
export * from "./encoded.ts";
export * from "./gradient.ts";
export {
  checkOperators,
  difference,
  faultText,
  type OperatorCheck,
  type OperatorFault,
  TOLERANCE,
} from "./operator-check.ts";
export * from "./operators/index.ts";
export * from "./remote-session.ts";
export * from "./runtime.ts";
export * from "./session.ts";
export * from "./tensor.ts";
export * from "./validate.ts";
