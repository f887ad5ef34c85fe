export { type Agreement, agreementOf } from "./agreement.ts";
export {
  type ComparedAudit,
  compareAudits,
  isSameQuestion,
  outcomesOfBoth,
  ownConclusion,
} from "./compare-audits.ts";
export { compareAuditDirectories, namesApart, requestNotes } from "./read-audits.ts";
export { type AuditComparison, auditComparisonSchema, type ComparedPair } from "./schema.ts";
