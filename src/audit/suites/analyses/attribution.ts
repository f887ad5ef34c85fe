import type { Analysis } from "../types.ts";
export const attribution: Analysis = () => ({});
