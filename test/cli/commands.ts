/** Every command of the program. */
export const commands = [
  "study",
  "generate",
  "inform",
  "train",
  "plan",
  "audit",
  "judge",
  "compare",
  "outcomes",
  "explore",
  "export",
  "interventions",
  "report",
  "verify",
  "selftest",
  "doctor",
];
