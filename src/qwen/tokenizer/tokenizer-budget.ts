/** A tokenizer's engine from a stranger's file: sizes are checked before it is built, and its expressions are timed. */
import { Tokenizer as Engine } from "@huggingface/tokenizers";
import { ensure, LintelError, TimeBudgetError, withinTime } from "../../util/index.ts";
import { PATTERN } from "./qwen2-pretokenizer.ts";

/** Most entries of a vocabulary and of merges; Qwen has 151,643 and 151,387. */
const MOST_ENTRIES = 500_000;
/** Most characters of an expression or a replacement. */
const LONGEST_PATTERN = 10_000;
/** Most characters that a normalizer may make of one, on average. */
const GROWTH = 64;
/** Milliseconds to build an engine, and for one text: Qwen's takes one second, and a few milliseconds. */
const [BUILD_TIME, TEXT_TIME] = [60_000, 5_000];
/** Models that transformers' tokenizers have, and that the engine implements. */
const MODELS = ["BPE", "WordLevel", "WordPiece", "Unigram"];

interface EngineFile {
  model: Record<string, unknown>;
  added_tokens: readonly unknown[];
  [part: string]: unknown;
}

/** Expressions and replacements in the parts of a tokenizer, by the key where they stand. */
function* patternsIn(
  value: unknown,
  key: string,
  depth = 0,
): Generator<{ key: string; text: string; expression: boolean }> {
  if (typeof value !== "object" || value === null || depth > 20) return;
  for (const [name, inner] of Object.entries(value)) {
    const at = `${key}.${name}`;
    if (
      typeof inner === "string" &&
      ["Regex", "String", "content", "prepend", "prefix", "replacement"].includes(name)
    )
      yield { key: at, text: inner, expression: name === "Regex" };
    else yield* patternsIn(inner, at, depth + 1);
  }
}

const countOf = (entries: unknown): number =>
  Array.isArray(entries) ? entries.length : Object.keys(Object(entries) as object).length;

/** Runs a part of an engine; a budget that is exceeded, or an error of the engine, becomes a sentence. */
function attempt<T>(where: string, expected: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof LintelError) throw cause;
    const got =
      cause instanceof TimeBudgetError ? `one that takes ${cause.message}` : (cause as Error).message;
    throw new LintelError("checkpoint", { where, expected, got: got.slice(0, 500), cause });
  }
}

/**
 * The engine of a tokenizer.json. Expressions other than Qwen2's own run within a budget of time, and normalizers
 * within one of text.
 *
 * Errors: "checkpoint" naming the key that is too large, or the file.
 */
export function budgetedEngine(file: EngineFile, config: object, where: string) {
  const { type, vocab, merges } = file.model;
  ensure(type === undefined || MODELS.includes(type as string), "checkpoint", () => ({
    where: `${where}: model.type`,
    value: true,
    expected: MODELS.join(", "),
    got: JSON.stringify(type)?.slice(0, 100) ?? "none",
  }));
  for (const [key, entries] of Object.entries({
    "model.vocab": vocab,
    "model.merges": merges,
    added_tokens: file.added_tokens,
  }))
    ensure(countOf(entries) <= MOST_ENTRIES, "checkpoint", () => ({
      where: `${where}: ${key}`,
      expected: `at most ${MOST_ENTRIES} entries`,
      got: String(countOf(entries)),
    }));
  const patterns = ["normalizer", "pre_tokenizer", "post_processor", "decoder"].flatMap((part) => [
    ...patternsIn(file[part], part),
  ]);
  for (const { key, text } of patterns)
    ensure(text.length <= LONGEST_PATTERN, "checkpoint", () => ({
      where: `${where}: ${key}`,
      expected: `at most ${LONGEST_PATTERN} characters`,
      got: String(text.length),
    }));
  const strange = patterns
    .filter(({ text, expression }) => expression && text !== PATTERN)
    .map(({ key }) => key);
  const engine = attempt(where, "a tokenizer of a supported type", () =>
    withinTime(BUILD_TIME, () => new Engine(file as never, config as never)),
  );
  const { normalizer } = engine as unknown as { normalizer: ((text: string) => string) | null };
  if (normalizer)
    (engine as unknown as { normalizer: (text: string) => string }).normalizer = (text) => {
      const normalized = normalizer(text);
      ensure(normalized.length <= GROWTH * text.length + 1000, "checkpoint", () => ({
        where: `${where}: normalizer`,
        expected: `at most ${GROWTH} characters for each of the ${text.length} of a text`,
        got: String(normalized.length),
      }));
      return normalized;
    };
  const place = strange.length > 0 ? `${where}: ${strange.join(", ")}` : where;
  /** Work of the engine on one text; timed where an expression is not known to be linear. */
  const timed = <T>(work: () => T): T =>
    attempt(place, "a tokenizer that finishes a text", () =>
      strange.length > 0 ? withinTime(TEXT_TIME, work) : work(),
    );
  return { engine, timed };
}
