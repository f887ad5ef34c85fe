/** Every command of the program. */
export const commands = [
  "study",
  "generate",
  "inform",
  "train",
  "plan",
  "audit",
  "interventions",
  "report",
  "selftest",
  "doctor",
];
