/** Compiled against the packed package: its types are there, and they are strict. */
import { type AuditResult, auditModel, LintelError, wilson } from "lintel";

export const interval: readonly [number, number] = wilson(8, 10, 0.05);
export const audit = (): Promise<AuditResult> => auditModel({ model: "checkpoint", data: "dataset" });
// @ts-expect-error: unknown options are refused
export const wrong = () => auditModel({ model: "checkpoint", data: "dataset", splitt: "eval" });
export const code = (error: unknown): string => (error instanceof LintelError ? error.code : "other");
