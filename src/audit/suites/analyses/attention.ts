import type { Analysis } from "../types.ts";
export const attention: Analysis = () => ({});
