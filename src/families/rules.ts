/** Block rules from config.json and tokenizer, with the defaults that most families share. */
import { ensure } from "../util/index.ts";
import type { BlockIds, BlockRules, IdOf, RawConfig } from "./types.ts";

/**
 * Block rules; defaults are LanteRn's loop: a generated start marker, exactly k latents, a forced end marker.
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

/** The first id of added tokens in a Qwen2.5-VL tokenizer (docs/published-families.md §0.2). */
const FIRST_ADDED = 151665;

/** Sources of the ids of a family's tokens. */
interface IdSources {
  config: RawConfig;
  idOf: IdOf;
  warn?: ((warning: string) => void) | undefined;
  /** Name in messages: "LanteRn". */
  family: string;
  /** The family's tokens in the order of their addition. */
  order: readonly string[];
  /** The id of the first of them in the base tokenizer; null if unknown. */
  first?: number | null;
}

/**
 * The id of a token: from its key in config.json, else from the tokenizer, else from the family's order of addition if the
 * embedding table has that row. Contradictions are passed to `warn`; config.json takes precedence.
 *
 * Errors: "checkpoint" if no source has the id, or if the value in config.json is not a token id.
 */
export function resolveId(sources: IdSources, key: string | null, token: string): number {
  const { config, idOf, warn, family, order, first = FIRST_ADDED } = sources;
  const named = key === null ? undefined : config[key];
  const known = idOf(token);
  if (named !== undefined && named !== null) {
    ensure(typeof named === "number" && Number.isInteger(named) && named >= 0, "checkpoint", () => ({
      where: `config.json, ${key}`,
      value: true,
      expected: "a token id, an integer of at least 0",
      got: JSON.stringify(named),
    }));
    if (known === undefined) {
      warn?.(
        `config.json has ${key} ${named}, but the tokenizer has no ${token}: using ${named}; check that the tokenizer belongs to the checkpoint`,
      );
    } else if (known !== named)
      warn?.(`config.json has ${key} ${named}, but the tokenizer has ${token} as ${known}: using ${named}`);
    return named;
  }
  if (known !== undefined) return known;
  const index = order.indexOf(token);
  // The order is one of ids behind Qwen2.5-VL's and Qwen3-VL's own; another vocabulary has other tokens there.
  const { model_type: kind = "qwen2_5_vl" } = config;
  const counted = first !== null && index >= 0 && /^qwen(2_5|3)_vl/.test(String(kind));
  const byOrder = counted ? first + index : null;
  const text = config.text_config as RawConfig | undefined;
  const rows = config.vocab_size ?? text?.vocab_size;
  ensure(byOrder !== null && typeof rows === "number" && byOrder < rows, "checkpoint", () => ({
    where: "config.json and tokenizer.json",
    expected: `${key === null ? "" : `"${key}" or `}a token ${token}, as ${family} checkpoints have`,
    got: "neither",
    attempt:
      "the tokenizer.json that was saved with the checkpoint, or --family with a YAML file that sets the ids",
  }));
  warn?.(
    `neither config.json nor the tokenizer has ${token}: using ${byOrder}, its id when ${family} adds its tokens`,
  );
  return byOrder;
}

/**
 * Ids of the three tokens of a block, each by its key in config.json and its text.
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
 * The number of latents from config.json; `fallback` if the key is missing.
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
