/** Seconds of an audit, from sizes and what a device computes and reads per second. */
import type { NetworkConfig, ResolvedIntervention } from "../../reasoning/index.ts";
import { batchSize } from "../decode/decode-session.ts";
import type { AnalysisName } from "../suites/analyses/index.ts";
import { costOf } from "./analysis-costs.ts";

/** Ids of a reply that an estimate assumes. */
export const REPLY = 32;
/** A step of a gradient search reads a row forwards and backwards; so many of them. */
const SEARCH_READINGS = 27;

export interface EstimateInputs {
  config: NetworkConfig;
  interventions: readonly Pick<ResolvedIntervention, "input" | "path" | "base" | "searches">[];
  examples: number;
  /** Tokens of a prompt, slots of a block, and the most ids of a reply. */
  prompt: number;
  slots: number;
  maxTokens: number;
}

export interface Speed {
  rates: { flops: number; bytes: number };
  /** Bytes of one weight, and of a prompt's token's keys and values. */
  weight: number;
  perToken: number;
  /** Parameters of the decoder's layers, of embedding table and head, and of the rest (vision). */
  layers: number;
  table: number;
  vision: number;
}

/** What interventions share: a prefix is read once for each of these ways (run-batch.ts). */
const routesOf = (interventions: EstimateInputs["interventions"]): Set<string> =>
  new Set(
    interventions.flatMap(({ input, path, base }) =>
      input ? [] : [path ?? (base === "knockout" ? "masked" : "")],
    ),
  );

/**
 * Seconds of decoding every example under interventions with replies of `reply` ids, and of analyses: what kernels at the
 * measured rates take, so the least.
 */
export function secondsOf(
  { rates, weight, perToken, layers, table, vision }: Speed,
  { config, interventions, examples, prompt, slots }: Omit<EstimateInputs, "maxTokens">,
  reply: number,
  analyses: readonly AnalysisName[] = [],
): number {
  const batch = Math.min(batchSize(config.text), examples);
  const batches = Math.ceil(examples / batch);
  const inputs = interventions.filter(({ input }) => input).length;
  const onBlock = interventions.length - inputs;
  const rows = batch * onBlock;
  const routes = routesOf(interventions);
  // A prompt is read once for the block, once more for each changed input, and once for each path of the image.
  const again = [...routes].filter((path) => ["dropped", "unseen", "blank"].includes(path)).length;
  const reads = 2 * examples * prompt * (1 + again + inputs) * (layers + vision);
  const steps = slots + 2 + reply;
  const step = (n: number): number => {
    const read = (layers + table) * weight + n * prompt * perToken * (n > batch ? 1 / onBlock : 1);
    return Math.max(read / rates.bytes, (2 * n * (layers + table)) / rates.flops);
  };
  // Its own latents, all interventions on the block at once or a route at a time, and every changed input.
  const runs = [batch, ...[...routes].map(() => rows / routes.size), ...Array<number>(inputs).fill(batch)];
  const decoding = batches * steps * runs.reduce((sum, n) => sum + step(n), 0);
  const searches = new Set(interventions.flatMap(({ searches: all }) => all.map(({ name }) => name))).size;
  let readings = examples * searches * SEARCH_READINGS;
  let prompts = 0;
  for (const name of new Set(analyses)) {
    const cost = costOf(name, { slots, layers: config.text.layers });
    const n = Math.min(examples, cost.most ?? examples);
    readings += n * cost.readings;
    prompts += n * cost.prompts;
  }
  const reading = 2 * steps * (layers + table);
  return (reads + readings * reading + 2 * prompts * prompt * layers) / rates.flops + decoding;
}
