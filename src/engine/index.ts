/** Engines: processes elsewhere that run models, spoken to over standard input and output. */
export { type Connection, connectEngine } from "./connection.ts";
export type { Tensor } from "./frames.ts";
export { type EngineMachine, machineOf, readEngineMachine } from "./machine.ts";
export { splitCommand } from "./split-command.ts";
