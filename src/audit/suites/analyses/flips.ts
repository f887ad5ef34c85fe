import type { Analysis } from "../types.ts";
export const flips: Analysis = () => ({});
