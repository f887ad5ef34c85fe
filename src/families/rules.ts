/** Block rules from config.json and tokenizer, with what most families share as defaults. */
import { ensure } from "../util/index.ts";
import type { BlockIds, BlockRules, IdOf, RawConfig } from "./types.ts";

/**
 * Rules with LanteRn's loop where nothing else is said: a written start marker, exactly k latents, a forced end.
 *
 * @example
 * blockRules({ startId: 7, padId: 8, endId: 9, k: 2 }, { allowSampledEnd: true }).forceEnd; // true
 */
export const blockRules = (ids: BlockIds, other: Partial<BlockRules> = {}): BlockRules => ({
  bounded: true,
  entry: "sampled",
  startUsesHidden: false,
  kIncludesStart: false,
  allowSampledEnd: false,
  forceEnd: true,
  recordSampled: false,
  perSampleState: true,
  eosEnds: false,
  startRestarts: false,
  counters: "block",
  head: null,
  stop: null,
  static: null,
  placeholders: false,
  ...ids,
  ...other,
});

/** The first id that a family's tokens get in a Qwen2.5-VL tokenizer (docs/published-families.md §0.2). */
const FIRST_ADDED = 151665;

/** Where the ids of a family's tokens are looked for. */
export interface IdSources {
  config: RawConfig;
  idOf: IdOf;
  warn?: ((warning: string) => void) | undefined;
  /** As errors call it: "LanteRn". */
  family: string;
  /** The family's tokens in the order in which it adds them. */
  order: readonly string[];
  /** The id of the first of them in the tokenizer that the family began with; null where it is not known. */
  first?: number | null;
}

/**
 * The id of a token: by its key in config.json, else by its text in the tokenizer, else by the family's order of adding,
 * which is believed only for tables that have the row. Contradictions are told to `warn`; config.json wins.
 *
 * Errors: "checkpoint" where no source has it, or where config.json holds no token id.
 */
export function resolveId(sources: IdSources, key: string | null, token: string): number {
  const { config, idOf, warn, family, order, first = FIRST_ADDED } = sources;
  const named = key === null ? undefined : config[key];
  const known = idOf(token);
  if (named !== undefined && named !== null) {
    ensure(typeof named === "number" && Number.isInteger(named) && named >= 0, "checkpoint", () => ({
      where: `config.json, ${key}`,
      value: true,
      expected: "a token id, a whole number from 0 on",
      got: JSON.stringify(named),
    }));
    if (known === undefined) {
      warn?.(
        `config.json says ${key} ${named}, the tokenizer has no ${token}: ${named} is used; is it the checkpoint's tokenizer?`,
      );
    } else if (known !== named)
      warn?.(`config.json says ${key} ${named}, the tokenizer has ${token} as ${known}: ${named} is used`);
    return named;
  }
  if (known !== undefined) return known;
  const place = order.indexOf(token);
  const byOrder = first === null || place < 0 ? null : first + place;
  const text = config.text_config as RawConfig | undefined;
  const rows = config.vocab_size ?? text?.vocab_size;
  ensure(byOrder !== null && typeof rows === "number" && byOrder < rows, "checkpoint", () => ({
    where: "config.json and tokenizer.json",
    expected: `${key === null ? "" : `"${key}" or `}a token ${token}, as ${family} checkpoints have`,
    got: "neither",
    attempt:
      "the tokenizer.json that was saved with the checkpoint, or --family with a YAML that names the ids",
  }));
  warn?.(
    `neither config.json nor the tokenizer has ${token}: ${byOrder} is used, the id that it gets where ${family} adds its tokens`,
  );
  return byOrder;
}

/**
 * Ids of a block's three tokens, each by its key in config.json and its text.
 */
export function blockIds(
  sources: IdSources,
  names: Readonly<Record<"start" | "end" | "pad", readonly [key: string, token: string]>>,
): { startId: number; endId: number; padId: number } {
  return {
    startId: resolveId(sources, ...names.start),
    endId: resolveId(sources, ...names.end),
    padId: resolveId(sources, ...names.pad),
  };
}

/**
 * A whole number of latents from config.json; `fallback` where it says none.
 *
 * Errors: "checkpoint" for anything else.
 *
 * @example
 * latentCount({ latent_size: 8 }, "latent_size"); // 8
 */
export function latentCount(config: RawConfig, key: string, fallback?: number): number {
  const k = config[key] ?? fallback;
  ensure(typeof k === "number" && Number.isInteger(k) && k >= 1, "checkpoint", () => ({
    where: `config.json, ${key}`,
    expected: "a positive integer, the number of latents per block",
    got: String(k),
  }));
  return k;
}
