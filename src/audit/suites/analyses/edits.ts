import { mean } from "../../../numeric/index.ts";
import { continueFrom, promptOf, readContinuation } from "../../../reasoning/index.ts";
import { clustersOf, shareInterval } from "../../../statistics/index.ts";
import type { Edit, Example } from "../../../tasks/index.ts";
import { LintelError } from "../../../util/index.ts";
import { decode } from "../../decode/decode-session.ts";
import { doseOf } from "../../measurements/index.ts";
import { ownBlocks } from "../../record/latents-file.ts";
import type { Outcome } from "../../record/outcomes.ts";
import type { SuiteContext } from "../analysis.ts";
import { betweenExamples } from "./image-to-latents.ts";

/** An edited version of an example. */
interface EditedExample {
  example: Example;
  index: number;
  edit: Edit;
}

const edited = ({ example, edit }: EditedExample): Example => ({ ...example, images: edit.images });

/** One edit and the two answers. */
interface Pair {
  id: string;
  kind: string;
  shouldFlip: boolean;
  /** null: one of the two could not be read. */
  flipped: boolean | null;
  rightBefore: boolean;
  rightAfter: boolean;
  /** L2 distance and cosine of own latents after the edit to those before it, means over slots. */
  distance: number | null;
  cosine: number | null;
}

/** Answers to edited examples and the displacement of latents; unusable edits are counted. */
async function pairsOf(
  { session: { model, limits, size }, outcomes, latents, signal, onProgress }: SuiteContext,
  asked: readonly EditedExample[],
  left: Record<string, number>,
): Promise<Pair[]> {
  const before = new Map(outcomes.map(({ example, outcomes: by }) => [example, by.own] as const));
  const own = ownBlocks(latents);
  const pairs: Pair[] = [];
  for (let at = 0; at < asked.length; at += size) {
    signal?.throwIfAborted();
    onProgress?.({ label: "edits", done: at, total: asked.length, unit: "edits" });
    const usable: EditedExample[] = [];
    for (const each of asked.slice(at, at + size)) {
      try {
        await promptOf(model, edited(each));
        usable.push(each);
      } catch (error) {
        // Of one edit alone: its images do not decode, or are another number. Everything else is the audit's.
        if (!(error instanceof LintelError) || error.code !== "dataset") throw error;
        left["unusable edits"] = (left["unusable edits"] ?? 0) + 1;
      }
    }
    if (usable.length === 0) continue;
    const shared = await decode(model, usable.map(edited), limits);
    const found = await continueFrom(
      model,
      shared,
      usable.map(() => [{ kind: "own" }]),
      limits,
    );
    for (const [i, { example, index, edit }] of usable.entries()) {
      const first: Outcome | undefined = before.get(example.id);
      const continuation = found[i]![0]!;
      const { choice } = readContinuation(model, shared.rows[i]!, continuation, example.options, {
        ...(example.optionTexts && { optionTexts: example.optionTexts }),
      });
      const moved = doseOf(continuation.latents, own[index] ?? [], latents.width, {
        value: null,
        reason: "not computed",
      });
      const was = first?.choice ?? null;
      pairs.push({
        id: example.id,
        kind: edit.kind,
        shouldFlip: edit.answer !== example.answer,
        flipped: was === null || choice === null ? null : was !== choice,
        rightBefore: was === example.answer,
        rightAfter: choice === edit.answer,
        distance: moved.distance,
        cosine: moved.cosine,
      });
    }
  }
  return pairs;
}

/** A share of some pairs with its interval; several edits of one example are one cluster. */
function share(pairs: readonly Pair[], holds: (pair: Pair) => boolean, none: string) {
  const n = pairs.length;
  if (n === 0) return { value: null, interval: null, n, reason: none };
  const hits = pairs.map(holds);
  const interval = shareInterval(hits, clustersOf(pairs.map(({ id }) => ({ images: id }))), 0.05);
  return {
    value: hits.filter(Boolean).length / n,
    interval: interval.value,
    n,
    ...(interval.reason !== undefined && { reason: interval.reason }),
  };
}

function summary(pairs: readonly Pair[], between: number | null) {
  const readable = pairs.filter(({ flipped }) => flipped !== null);
  const flips = readable.filter(({ shouldFlip }) => shouldFlip);
  const stays = readable.filter(({ shouldFlip }) => !shouldFlip);
  const moved = pairs.filter(({ distance }) => distance !== null);
  const over = (of: (pair: Pair) => number | null): number | null => {
    const values = moved.flatMap((pair) => of(pair) ?? []);
    return values.length > 0 ? mean(values) : null;
  };
  const distance = over((pair) => pair.distance);
  const reason =
    distance === null
      ? "no edit with latents in as many slots before and after it"
      : between === null
        ? "fewer than 2 examples with own latents"
        : between === 0
          ? "own latents are the same for all examples"
          : undefined;
  const [unread, none, all] = ["no pair with two readable answers", "no edit that flips", "every edit flips"];
  return {
    edits: pairs.length,
    parsed: share(pairs, ({ flipped }) => flipped !== null, "no edit"),
    shouldFlip: share(pairs, ({ shouldFlip }) => shouldFlip, "no edit"),
    modelFlip: share(readable, ({ flipped }) => flipped === true, unread),
    correctFlip: share(flips, ({ flipped, rightAfter }) => flipped === true && rightAfter, none),
    fCorrect: share(
      pairs.filter(({ shouldFlip }) => shouldFlip),
      ({ rightBefore, rightAfter }) => rightBefore && rightAfter,
      none,
    ),
    falseFlips: share(stays, ({ flipped }) => flipped === true, all),
    displacement: {
      distance,
      relative: distance !== null && between ? distance / between : null,
      cosine: over((pair) => pair.cosine),
      n: moved.length,
      ...(reason !== undefined && { reason }),
    },
  };
}

/**
 * Do answers follow the image where it is edited, and stay where the edit leaves the answer? Over the edited versions that
 * examples carry, by kind and all together:
 *
 * - `parsed`: both answers can be read; the flips below are of such pairs. `shouldFlip`: another option is right.
 * - `modelFlip`: the answer is another. `correctFlip`: of should-flip pairs, it is another and now the right one.
 * - `fCorrect`: of all should-flip edits, right before and right after, what cannot be read being wrong (strict, paired).
 * - `falseFlips`: of pairs that leave the answer, it is another all the same.
 * - `displacement`: L2 distance and cosine of own latents to those of the unedited example, slot by slot; `relative` to the
 *   mean distance between examples: near 0, the latents do not see the edit.
 *
 * Source: ReaLVR (counterfactual edits); docs/published-families.md §15.5. The relative displacement is ours.
 *
 * @example
 * const nothing = { session: { examples: [] }, latents: { examples: [] }, outcomes: [] };
 * await edits(nothing); // { n: 0, left: {}, reason: "no examples" }
 */
export const edits = async (context: SuiteContext) => {
  const { session, latents } = context;
  const asked = session.examples.flatMap((example, index) =>
    (example.edits ?? []).map((edit): EditedExample => ({ example, index, edit })),
  );
  const left: Record<string, number> = {};
  const without = session.examples.filter((example) => !example.edits?.length).length;
  if (without > 0) left["no edited version"] = without;
  const pairs = await pairsOf(context, asked, left);
  if (pairs.length === 0) return { n: 0, left, reason: Object.keys(left).join("; ") || "no examples" };
  const between = betweenExamples(ownBlocks(latents), latents.width);
  const kinds = [...new Set(pairs.map(({ kind }) => kind))].sort();
  return {
    n: session.examples.length - without,
    left,
    betweenExamples: between,
    all: summary(pairs, between),
    kinds: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        summary(
          pairs.filter((pair) => pair.kind === kind),
          between,
        ),
      ]),
    ),
  };
};
