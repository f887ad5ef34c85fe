export { examplesOf, type FoundAudit, findAudits } from "./find-audits.ts";
export { writeLatentsTable, writeProjector } from "./latents-table.ts";
export { type FoundExample, type OutcomeRow, outcomeColumns, outcomeRows } from "./outcome-rows.ts";
export { type Question, readQuestions, streamQuestions } from "./questions-file.ts";
export { checkNamed, type ExampleFilter, isSelected, namedIn } from "./select-examples.ts";
export { writeVlmevalkit } from "./vlmevalkit-table.ts";
export { type TableFormat, tableFormats, writeOutcomes } from "./write-outcomes.ts";
