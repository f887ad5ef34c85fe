export * from "./branch.ts";
export * from "./compile.ts";
export * from "./device.ts";
export { type Device, devices } from "./device-names.ts";
export * from "./dims.ts";
export { type EncodedGraph, encodeGraph, openEncoded, packGraph, unpackGraph } from "./encoded-graph.ts";
export type { ExternalFile } from "./external-files.ts";
export * from "./gradient.ts";
export * from "./load-runtime.ts";
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
export * from "./session.ts";
export * from "./tensor.ts";
export * from "./validate.ts";
export * from "./value.ts";
