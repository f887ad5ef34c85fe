/** The engine of a network. */
import { steppedEngine } from "./stepped.ts";
import type { Engine, Network } from "./types.ts";

/** What runs a network: itself, if it is elsewhere, or steps in this process. */
export const engineOf = (network: Network): Engine =>
  "remote" in network ? network : steppedEngine(network);
