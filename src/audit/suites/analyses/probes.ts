import type { Analysis } from "../types.ts";
export const probes: Analysis = () => ({});
