/** Compiled against the packed package: its types are there, and they are strict. */
import { type AuditResult, auditModel, LintelError, pairsForEquivalence, wilson } from "lintel";

// What cannot be computed is null with a reason, and the types insist that one looks.
export const interval = (): [number, number] | null => wilson(8, 10, 0.05).value;
// @ts-expect-error: the value may be null
export const unseen = (): [number, number] => wilson(8, 10, 0.05).value;
export const pairs = pairsForEquivalence;
export const audit = (): Promise<AuditResult> => auditModel({ model: "checkpoint", data: "dataset" });
// @ts-expect-error: unknown options are refused
export const wrong = () => auditModel({ model: "checkpoint", data: "dataset", splitt: "eval" });
export const code = (error: unknown): string => (error instanceof LintelError ? error.code : "other");
