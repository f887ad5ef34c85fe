import { largest, mean, sum } from "../../../numeric/index.ts";
import { prefixRows, replay } from "../../../reasoning/index.ts";
import type { SuiteContext } from "../analysis.ts";
import { nothingReplayed, type ReplayedBatch, replayable } from "./shared/replays.ts";
import { estimate } from "./shared/shares.ts";

/** Attention that an answer's words give to each latent, and to all image tokens: means over words, layers and heads. */
interface Attended {
  latents: Float64Array;
  image: number;
}

const average = (rows: readonly Attended[]): Attended => ({
  latents: Float64Array.from(rows[0]!.latents, (_, t) =>
    rows.reduce((sum, row) => sum + row.latents[t]! / rows.length, 0),
  ),
  image: rows.reduce((sum, row) => sum + row.image / rows.length, 0),
});

/**
 * One option of every row of a batch written behind the block as the answer (teacher-forced), and where its words look;
 * null for rows that have no such option, or none with words.
 */
async function attendedBy(
  model: Parameters<typeof replay>[0],
  { prefix, rows }: ReplayedBatch,
  images: readonly (readonly number[])[],
  words: readonly (readonly number[])[],
): Promise<(Attended | null)[]> {
  const out: (Attended | null)[] = rows.map(() => null);
  const which = rows.flatMap((_, at) => (words[at]!.length > 0 ? [at] : []));
  if (which.length === 0) return out;
  const written = which.map((at) => {
    const { row } = rows[at]!;
    const ids = [...row.ids, ...words[at]!];
    return { ...row, ids, read: words[at]!.map((_, i) => row.ids.length + i) };
  });
  const { attention } = await replay(model, prefixRows(model, prefix, which), written);
  for (const [i, at] of which.entries()) {
    const { read, slots } = written[i]!;
    const layers = attention[i]!;
    const span = layers[0]!.length / read.length;
    const mass = (places: readonly number[]): number =>
      layers.reduce(
        (sum, weights) =>
          sum + read.reduce((s, _, r) => s + places.reduce((t, p) => t + weights[r * span + p]!, 0), 0),
        0,
      ) /
      (layers.length * read.length);
    out[at] = {
      latents: Float64Array.from(slots, (place) => mass([prefix.length + place])),
      image: mass(images[at]!),
    };
  }
  return out;
}

/**
 * Do the words of the right answer look at the latents more than those of a wrong one would? Every option is written behind
 * the block as the answer, and the attention of its words on latent t is read: r_t, the mean over words, layers and heads.
 * By slot γ_t = [r_t⁺ − r_t⁻]₊, r⁺ of the right answer and r⁻ the mean over the wrong ones, then the mean over examples.
 * γ is never negative, so that noise alone makes it larger than 0: `difference` is the same without the cut, with its
 * interval. In `latents` the sum over slots, in `image` the same of all image tokens.
 *
 * Source: ReaLVR (answer contrast); docs/published-families.md §15.7. That r⁻ is a mean over all wrong options is ours: which of them the
 * paper takes is not in the sources we reached.
 *
 * @example
 * const nothing = { session: { examples: [], batches: [] }, latents: { slots: 1 } };
 * await answerContrast(nothing); // { n: 0, reason: "no examples", left: {} }
 */
export const answerContrast = async (context: SuiteContext) => {
  const { session, planner, latents } = context;
  const { model } = session;
  const left: Record<string, number> = {};
  const leave = (reason: string): void => {
    left[reason] = (left[reason] ?? 0) + 1;
  };
  const bySlot: { gamma: number[]; right: number[]; wrong: number[] }[] = [];
  const sums = { latents: [] as number[][], image: [] as number[][] };
  for await (const batch of replayable(context, "answer contrast", left)) {
    const shared = await session.prefixOf(Math.floor(batch.index[0]! / session.size));
    const images = batch.which.map((b) => shared.rows[b]!.layout.images);
    const options = batch.index.map((i) =>
      session.examples[i]!.options.map((option) => model.tokenizer.encode(option)),
    );
    const most = largest(options.map(({ length }) => length));
    const found: (Attended | null)[][] = [];
    for (let o = 0; o < most; o++)
      found.push(
        await attendedBy(
          model,
          batch,
          images,
          options.map((each) => each[o] ?? []),
        ),
      );
    for (const [at, i] of batch.index.entries()) {
      const { answer } = session.examples[i]!;
      const right = found[answer]![at];
      const others = found.flatMap((each, o) => (o !== answer && each[at] ? [each[at]] : []));
      if (!right || others.length === 0) {
        leave("an option without words");
        continue;
      }
      const wrong = average(others);
      for (const [t, plus] of right.latents.entries()) {
        // Slots of all blocks that have the same number are counted together.
        bySlot[t % latents.slots] ??= { gamma: [], right: [], wrong: [] };
        const slot = bySlot[t % latents.slots]!;
        slot.gamma.push(Math.max(0, plus - wrong.latents[t]!));
        slot.right.push(plus);
        slot.wrong.push(wrong.latents[t]!);
      }
      const total = ({ latents: each }: Attended): number => sum(each);
      sums.latents.push([total(right), total(wrong)]);
      sums.image.push([right.image, wrong.image]);
    }
  }
  if (sums.latents.length === 0) return nothingReplayed(left);
  const contrast = (pairs: readonly (readonly number[])[]) => {
    const [right, wrong] = [0, 1].map((at) => mean(pairs.map((pair) => pair[at]!))) as [number, number];
    const differences = pairs.map(([plus, minus]) => plus! - minus!);
    const { value: _, ...rest } = estimate(differences, "an answer and another", planner.seed);
    return { right, wrong, difference: right - wrong, ...rest };
  };
  return {
    n: sums.latents.length,
    left,
    slots: bySlot.map(({ gamma, right, wrong }) => ({
      gamma: mean(gamma),
      ...contrast(right.map((plus, i) => [plus, wrong[i]!])),
    })),
    latents: contrast(sums.latents),
    image: contrast(sums.image),
  };
};
