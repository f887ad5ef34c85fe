import { concatenated, largest, mean } from "../../../../numeric/index.ts";
import { engineOf, prefixRows } from "../../../../reasoning/index.ts";
import { wilson } from "../../../../statistics/index.ts";
import { random } from "../../../../util/index.ts";
import { ownContinuations } from "../../../decode/decode-session.ts";
import type { SuiteContext } from "../../analysis.ts";
import { nothingReplayed } from "../shared/replays.ts";
import { replyScores, type Scored } from "../shared/reply-scores.ts";
import { estimate } from "../shared/shares.ts";

/** Examples that are scored, at most: every option is written behind every content. */
const MOST = 64;

type Own = Awaited<ReturnType<typeof ownContinuations>>[number];
const contentNames = ["own", "mean", "zeros", "oracle"] as const;
type Content = (typeof contentNames)[number];

/** Ids of each option as a whole reply: its words, then what the model wrote behind its own answer; or why there is none. */
function repliesOf(
  { model }: SuiteContext["session"],
  { ids, answerAt }: Pick<Own, "ids" | "answerAt">,
  options: readonly string[],
): readonly number[][] | string {
  const words = options.map((option) => model.tokenizer.encode(option));
  if (words.some(({ length }) => length === 0)) return "an option without words";
  const behind = ids.slice(answerAt!);
  const begins = words.filter((each) => each.every((id, i) => behind[i] === id));
  if (begins.length === 0) return "an answer that is not written as one of the options";
  // "12" begins with "1": the longest one is what was written.
  const written = begins.reduce((best, each) => (each.length > best.length ? each : best));
  const closing = behind.slice(written.length);
  return words.map((each) => [...each, ...closing]);
}

/** Vectors in the slots before the answer by content; absent where there are none of as many. */
function contentsOf(
  { planner: { split } }: SuiteContext,
  index: number,
  blocks: readonly Float32Array[],
  size: number,
): Partial<Record<Content, Float32Array>> {
  const own = concatenated(blocks).subarray(0, size);
  const fitted = (of: readonly Float32Array[]): Float32Array | undefined => {
    if (of.length === 0) return undefined;
    const parts = blocks.map((block, b) => of[Math.min(b, of.length - 1)]!.subarray(0, block.length));
    return parts.every((part, b) => part.length === blocks[b]!.length)
      ? concatenated(parts).subarray(0, size)
      : undefined;
  };
  const [average, oracle] = [fitted(split.ownMean), fitted(split.oracle[index] ?? [])];
  return {
    own,
    ...(average && { mean: average }),
    zeros: new Float32Array(size),
    ...(oracle && { oracle }),
  };
}

/** One example under one content: log p of each whole reply, and the option that the model wrote. */
interface Example {
  answer: number;
  scores: readonly number[];
  chosen: number;
}

const margin = ({ scores, answer }: Example): number =>
  scores[answer]! - largest(scores.filter((_, o) => o !== answer));

/**
 * Likelihood of the whole formatted answer: behind the model's own text up to the answer's cue, each option is written as a
 * complete reply (its words, what the model wrote behind its own answer, the end of text) and scored, log p = Σ log p(id). With
 * `own`, the split's mean, zeros, and the oracle in the slots, everything written held: `accuracy` is that of the likeliest
 * reply, `margin` the log-odds of the right one against the likeliest wrong one, `difference` own less content in margin,
 * paired, `agreement` with the option that the model wrote under own latents. Options may begin alike or be several words long.
 *
 * Up to 64 random examples; per example and content as many rows are read as the replies have different beginnings. It needs
 * an engine that replays.
 *
 * Source: docs/published-families.md §19.3 (13); the comparison between contents is ours.
 *
 * @example
 * const nothing = { session: { examples: [], batches: [] }, planner: { seed: 0 } };
 * await answerLikelihood(nothing); // { n: 0, reason: "no examples", left: {} }
 */
export const answerLikelihood = async (context: SuiteContext) => {
  const { session, planner, latents, signal, onProgress } = context;
  const { model, batches, size } = session;
  const left: Record<string, number> = {};
  const leave = (reason: string): void => {
    left[reason] = (left[reason] ?? 0) + 1;
  };
  const order = random(planner.seed, "answer-likelihood").shuffled([...batches.keys()]);
  const found: Partial<Record<Content, Example>>[] = [];
  const report = (): void =>
    onProgress?.({ label: "answer likelihood", done: found.length, total: MOST, unit: "examples" });
  for (const batch of order) {
    if (found.length >= MOST) break;
    signal?.throwIfAborted();
    report();
    const shared = await session.prefixOf(batch);
    const asked: (Scored & { content: Content; example: number })[] = [];
    const examples: { answer: number; chosen: number }[] = [];
    for (const [b, own] of (await ownContinuations(session, batch)).entries()) {
      if (found.length + examples.length >= MOST) break;
      if (!engineOf(model.network).replay) {
        leave("a network that cannot be looked into");
        continue;
      }
      const { options, answer } = batches[batch]![b]!;
      const { answerAt } = own;
      const slots = own.slots.filter((place) => answerAt !== null && place < answerAt);
      if (slots.length === 0 || answerAt === null) {
        leave(own.latents.length === 0 ? "no latent block" : "no answer after the block");
        continue;
      }
      const replies = repliesOf(session, own, options);
      if (typeof replies === "string") {
        leave(replies);
        continue;
      }
      if (own.finish !== "eos") {
        leave("a reply without an end");
        continue;
      }
      const contents = contentsOf(context, batch * size + b, own.latents, slots.length * latents.width);
      const chosen = replies.findIndex((ids) => ids.every((id, i) => own.ids[answerAt + i] === id));
      for (const content of contentNames) {
        const vectors = contents[content];
        if (vectors)
          asked.push({
            ...{ content, example: examples.length, at: b },
            row: { ids: own.ids.slice(0, answerAt), slots, latents: vectors },
            replies: replies.map((ids) => ({ ids, ends: model.eos })),
          });
      }
      examples.push({ answer, chosen });
    }
    if (asked.length === 0) continue;
    const all = prefixRows(
      model,
      shared.prefix,
      shared.rows.map((_, i) => i),
    );
    const scores = await replyScores(model, all, asked);
    const rows = examples.map((): Partial<Record<Content, Example>> => ({}));
    for (const [i, { content, example }] of asked.entries())
      rows[example]![content] = { ...examples[example]!, scores: scores[i]! };
    found.push(...rows);
  }
  report();
  if (found.length === 0) return nothingReplayed(left);
  const contents = contentNames.flatMap((name) => {
    const rows = found.flatMap((by) => (by[name] && by.own ? [{ of: by[name], own: by.own }] : []));
    if (rows.length === 0) return [];
    const likeliest = rows.map(({ of }) => of.scores.indexOf(largest(of.scores)));
    const right = likeliest.filter((option, i) => option === rows[i]!.of.answer).length;
    const differences = rows.map(({ of, own }) => margin(own) - margin(of));
    return [
      {
        content: name,
        n: rows.length,
        accuracy: right / rows.length,
        interval: wilson(right, rows.length, 0.05).value,
        logProbability: mean(rows.map(({ of }) => of.scores[of.answer]!)),
        margin: mean(rows.map(({ of }) => margin(of))),
        agreement: likeliest.filter((option, i) => option === rows[i]!.of.chosen).length / rows.length,
        ...(name !== "own" && { difference: estimate(differences, "two contents", planner.seed) }),
      },
    ];
  });
  return { n: found.length, left, contents };
};
