export { type Agreement, agreementOf } from "./agreement.ts";
export { type ComparedAudit, compareAudits, outcomesOfBoth, ownConclusion } from "./compare-audits.ts";
export { compareAuditDirectories, namesApart } from "./read-audits.ts";
export { type AuditComparison, auditComparisonSchema, type ComparedPair } from "./schema.ts";
