import { fileURLToPath } from "node:url";

/** The command that starts this very Lintel: the Node that is running, and the program beside this build. */
export const lintelCommand = (): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL("../../../bin/lintel.js", import.meta.url)),
];
