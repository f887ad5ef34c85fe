/** A local web app to look at runs and audits: its contents, its server, and its export as a folder. The app is in `explorer/`. */
export { createModelHost } from "./answers/host.ts";
export { answerParent, startAnswerProcess } from "./answers/process.ts";
export { type ContentOptions, openContents } from "./contents.ts";
export { exportExplorer } from "./export-folder.ts";
export { keepIndex } from "./journal-index.ts";
export { type Served, serveExplorer } from "./server.ts";
