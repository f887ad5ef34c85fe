import { mean } from "../../../../numeric/index.ts";
import {
  adversarialPictures,
  attackSteps,
  type Continuation,
  continueFrom,
  engineOf,
  imageOf,
  noPixelGradient,
  type PictureRow,
  pictureRows,
  pixelNetworkOf,
  prefixRows,
  type RemoteNetwork,
  randomSigns,
  readContinuation,
  readWithImages,
  type SharedPrefix,
  type SlotPlan,
  sequenceBytes,
  sizeOf,
} from "../../../../reasoning/index.ts";
import { mcnemar, wilson } from "../../../../statistics/index.ts";
import type { Example, Picture } from "../../../../tasks/index.ts";
import { availableMemory, bytesText, random } from "../../../../util/index.ts";
import { decode } from "../../../decode/decode-session.ts";
import { ownBlocks } from "../../../record/latents-file.ts";
import type { SuiteContext } from "../../analysis.ts";
import { betweenExamples } from "../image-to-latents.ts";
import { nothingReplayed, replayable } from "../shared/replays.ts";
import { estimate } from "../shared/shares.ts";

/** Largest move of a pixel's value, of 255, and examples at most. */
const LEVELS = 4;
const EXAMPLES = 32;
/** Tokens of the prompts whose gradients are computed together, and their share of the memory that is left. */
const TOKENS = 4096;
const MEMORY_SHARE = 0.5;
/** Latents that differ by more than this share of their size from the states before them are something else. */
const UNLIKE = 0.01;

/** One example with changed images. */
interface Moved {
  size: ReturnType<typeof sizeOf>;
  /** Of the latents that the model makes of them to those of the clean images; null where the block is another. */
  slots: { cosine: number; distance: number }[] | null;
  /** What the log-odds of the model's own answer lose; and with the latents of the clean images. */
  fall: number;
  fallWithOwn: number;
  /** Whether it answers otherwise: as it is, with the latents of the clean images, and clean images with these latents. */
  changed: boolean;
  changedWithOwn: boolean;
  changedByLatents: boolean | null;
  right: boolean;
}

/** Cosine and distance of the vectors of each slot; null for blocks of different lengths. A zero vector has no cosine. */
function bySlot(a: Float32Array | undefined, b: Float32Array | undefined, width: number): Moved["slots"] {
  if (!a || !b || a.length !== b.length || a.length === 0) return null;
  return Array.from({ length: a.length / width }, (_, slot) => {
    let [dot, one, other, square] = [0, 0, 0, 0];
    for (let i = slot * width; i < (slot + 1) * width; i++) {
      dot += a[i]! * b[i]!;
      one += a[i]! ** 2;
      other += b[i]! ** 2;
      square += (a[i]! - b[i]!) ** 2;
    }
    const cosine = one > 0 && other > 0 ? dot / Math.sqrt(one * other) : Number.NaN;
    return { cosine, distance: Math.sqrt(square) };
  });
}

const lengthOf = ({ ids, row }: PictureRow): number => ids.length + row.ids.length;

/** Rows in groups that are read together: as many as fit. */
function* groups<T extends { row: PictureRow }>(
  rows: readonly T[],
  fits: (rows: number, tokens: number) => boolean,
): Generator<T[]> {
  let group: T[] = [];
  let longest = 0;
  for (const each of rows) {
    const length = lengthOf(each.row);
    if (group.length > 0 && !fits(group.length + 1, Math.max(longest, length))) {
      yield group;
      [group, longest] = [[], 0];
    }
    group.push(each);
    longest = Math.max(longest, length);
  }
  if (group.length > 0) yield group;
}

interface Attacked {
  index: number;
  /** Its place in the batch. */
  b: number;
  row: PictureRow;
  own: readonly Float32Array[];
  clean: number;
}

/** What the examples of a group are with the given pictures. */
async function movedTo(
  { session }: SuiteContext,
  shared: SharedPrefix,
  group: readonly Attacked[],
  pictures: readonly (readonly Picture[])[],
  process: ReturnType<typeof pictureRows>["process"],
  choices: readonly (number | null)[],
): Promise<Moved[]> {
  const { model, limits, examples } = session;
  const width = model.network.config.text.hiddenSize;
  const network = pixelNetworkOf(model);
  const changed = group.map(
    ({ index }, i): Example => ({ ...examples[index]!, images: pictures[i]!.map(imageOf) }),
  );
  const there = await decode(model, changed, limits);
  const plans = (of: (attacked: Attacked, i: number) => SlotPlan[]) => group.map(of);
  const found = await continueFrom(
    model,
    there,
    plans(({ own }) => [{ kind: "own" }, { kind: "fixed", blocks: own }]),
    limits,
  );
  await engineOf(model.network).drop(there.prefix);
  const clean = {
    prefix: prefixRows(
      model,
      shared.prefix,
      group.map(({ b }) => b),
    ),
    rows: group.map(({ b }) => shared.rows[b]!),
  };
  const back = await continueFrom(
    model,
    clean,
    plans((_, i) => {
      const blocks = found[i]![0]!.latents.filter((z) => z.length > 0);
      return [blocks.length > 0 ? { kind: "fixed", blocks } : { kind: "own" }];
    }),
    limits,
  );
  const images = group.map(({ row: { ids, row } }, i) => ({ ids, row, images: pictures[i]!.map(process) }));
  const holds = await readWithImages(network, images, false);
  const follows = model.rules.static === null ? await readWithImages(network, images, true) : holds;
  const choiceOf = (prefix: SharedPrefix, i: number, continuation: Continuation): number | null =>
    readContinuation(model, prefix.rows[i]!, continuation, changed[i]!.options, changed[i]!).choice;
  return group.map(({ index, row, own, clean: before }, i): Moved => {
    const [mine, held] = found[i]! as [Continuation, Continuation];
    const choice = choiceOf(there, i, mine);
    const made = mine.latents[0];
    return {
      size: sizeOf(row.pictures, pictures[i]!),
      slots: bySlot(made, own[0], width),
      fall: before - follows[i]!.logOdds,
      fallWithOwn: before - holds[i]!.logOdds,
      changed: choice !== choices[index],
      changedWithOwn: choiceOf(there, i, held) !== choices[index],
      changedByLatents: made && made.length > 0 ? choiceOf(clean, i, back[i]![0]!) !== choices[index] : null,
      right: choice === examples[index]!.answer,
    };
  });
}

/**
 * Images within 4/255 of the prompt's, made to lower the log-odds of the model's own answer (`adversarialPictures`), beside
 * random signs of the same largest move: do the latents move, or only the answers? Both are images that the model reads from
 * the start. By kind:
 *
 * - `slots`: cosine of the latents made of them to the clean own ones, slot by slot; `distance`: the mean over slots, relative
 *   to the distance between different examples (as in `imageToLatents`).
 * - `changed`: answers that are others; `changedWithOwn`: the same with the clean own latents in the slots (what does not go
 *   through the latents); `changedByLatents`: clean images with the latents of the changed ones (what goes through them alone).
 * - `fall`: what the log-odds of the model's own answer lose with the text held, and `fallWithOwn` with the latents held, too.
 *
 * `difference`: adversarial less random, paired by example; of answers with an exact McNemar test. On at most 32 examples. It
 * needs a network that goes back to the pixels (Qwen2.5-VL, Qwen3-VL, by either engine), and latents that are the model's own
 * states or static tokens; otherwise it says why, before anything is read.
 *
 * Source: docs/published-families.md §19.3 (8); the attack is the basic iterative method (arXiv 1607.02533).
 *
 * @example
 * const elsewhere = { session: { model: { network: { remote: true } } } };
 * (await adversarialImages(elsewhere)).reason; // "a network that runs elsewhere, whose engine gives no gradient…"
 */
export async function adversarialImages(context: SuiteContext) {
  const { session, planner, outcomes, latents, signal } = context;
  const { model } = session;
  const reason = noPixelGradient(model);
  if (reason !== null) return { n: 0 as const, reason, left: {} };
  const network = pixelNetworkOf(model);
  const maker = pictureRows(model);
  const follow = model.rules.static === null;
  const { freeBytes } = model.network as Partial<RemoteNetwork>;
  const memory = MEMORY_SHARE * (freeBytes ?? availableMemory());
  const bytesOf = (tokens: number): number => sequenceBytes(network.config.text, tokens);
  const fits = (count: number, tokens: number): boolean =>
    count * tokens <= TOKENS && count * bytesOf(tokens) <= memory;
  const left: Record<string, number> = {};
  const leave = (why: string): void => {
    left[why] = (left[why] ?? 0) + 1;
  };
  const byId = new Map(outcomes.map((each) => [each.example, each.outcomes.own?.choice ?? null]));
  const choices = session.examples.map(({ id }) => byId.get(id) ?? null);
  const all = { adversarial: [] as Moved[], random: [] as Moved[] };
  for await (const found of replayable(context, "adversarial images", left)) {
    const batch = Math.floor(found.index[0]! / session.size);
    const shared = await session.prefixOf(batch);
    const rows: Omit<Attacked, "clean">[] = [];
    for (const [at, index] of found.index.slice(0, EXAMPLES - all.random.length).entries()) {
      const [b, { row, blocks: own }] = [found.which[at]!, found.rows[at]!];
      const made = await maker.of(session.examples[index]!, shared.rows[b]!, row);
      if (!made.row) leave(made.reason);
      else if (bytesOf(lengthOf(made.row)) > memory)
        leave(
          `a gradient of about ${bytesText(bytesOf(lengthOf(made.row)))}, more than half of the memory that is left`,
        );
      else rows.push({ index, b, row: made.row, own });
    }
    for (const near of groups(rows, fits)) {
      signal?.throwIfAborted();
      const clean = await readWithImages(
        network,
        near.map(({ row }) => ({ ...row, images: row.pictures.map(maker.process) })),
        follow,
      );
      const group = near.flatMap((each, i): Attacked[] => {
        const { latents: own, slots } = each.row.row;
        const apart = bySlot(clean[i]!.latents, own, own.length / slots.length)!;
        const size = Math.hypot(...own) / Math.sqrt(slots.length);
        if (apart.every(({ distance }) => distance <= UNLIKE * size))
          return [{ ...each, clean: clean[i]!.logOdds }];
        leave("latents that are not the states before them");
        return [];
      });
      if (group.length === 0) continue;
      const attacked = await adversarialPictures(
        network,
        group.map(({ row }) => row),
        maker,
        LEVELS,
        follow,
      );
      const control = group.map(({ index, row }) => {
        const r = random(planner.seed, "adversarial images", session.examples[index]!.id);
        return row.pictures.map((picture) => randomSigns(picture, LEVELS, r));
      });
      const pictures = { adversarial: attacked.map((each) => each.pictures), random: control };
      for (const kind of ["adversarial", "random"] as const)
        all[kind].push(...(await movedTo(context, shared, group, pictures[kind], maker.process, choices)));
    }
    if (all.random.length >= EXAMPLES) break;
  }
  if (all.random.length === 0) return nothingReplayed(left);
  return { ...summaryOf(all, betweenExamples(ownBlocks(latents), latents.width), planner.seed), left };
}

/** The figures of pairs of moved examples. */
function summaryOf(
  all: Record<"adversarial" | "random", readonly Moved[]>,
  between: number | null,
  seed: number,
) {
  const n = all.random.length;
  const share = (hits: readonly boolean[]) => ({
    value: hits.length > 0 ? hits.filter(Boolean).length / hits.length : null,
    interval: hits.length > 0 ? wilson(hits.filter(Boolean).length, hits.length, 0.05).value : null,
    n: hits.length,
  });
  const unit = between !== null && between > 0 ? between : null;
  const distanceOf = ({ slots }: Moved): number | null =>
    slots && unit !== null ? mean(slots.map(({ distance }) => distance)) / unit : null;
  const apart =
    between === null
      ? "two blocks of as many slots, and two examples with own latents"
      : between === 0
        ? "own latents that differ between examples"
        : "a block of as many slots";
  const summary = (moved: readonly Moved[]) => {
    const most = Math.max(...moved.map(({ slots }) => slots?.length ?? 0));
    return {
      largest: Math.max(...moved.map(({ size }) => size.largest)),
      rootMeanSquare: mean(moved.map(({ size }) => size.rootMeanSquare)),
      slots: Array.from({ length: most }, (_, slot) =>
        estimate(
          moved.flatMap(({ slots }) =>
            slots?.[slot] && !Number.isNaN(slots[slot].cosine) ? [slots[slot].cosine] : [],
          ),
          "such a slot",
          seed,
        ),
      ),
      distance: estimate(
        moved.flatMap((each) => distanceOf(each) ?? []),
        apart,
        seed,
      ),
      accuracy: share(moved.map(({ right }) => right)),
      changed: share(moved.map(({ changed }) => changed)),
      changedWithOwn: share(moved.map(({ changedWithOwn }) => changedWithOwn)),
      changedByLatents: share(moved.flatMap(({ changedByLatents }) => changedByLatents ?? [])),
      fall: estimate(
        moved.map(({ fall }) => fall),
        "an answer",
        seed,
      ),
      fallWithOwn: estimate(
        moved.map(({ fallWithOwn }) => fallWithOwn),
        "an answer",
        seed,
      ),
    };
  };
  const pairs = all.adversarial.map((one, i) => ({ one, other: all.random[i]! }));
  const only = (a: boolean, b: boolean): number =>
    pairs.filter(({ one, other }) => one.changed === a && other.changed === b).length;
  return {
    n,
    levels: LEVELS,
    steps: attackSteps(LEVELS),
    betweenExamples: between,
    adversarial: summary(all.adversarial),
    random: summary(all.random),
    difference: {
      distance: estimate(
        pairs.flatMap(({ one, other }) => {
          const [a, b] = [distanceOf(one), distanceOf(other)];
          return a === null || b === null ? [] : [a - b];
        }),
        apart,
        seed,
      ),
      changed: {
        value: mean(pairs.map(({ one, other }) => Number(one.changed) - Number(other.changed))),
        p: mcnemar(only(true, false), only(false, true)).p,
      },
      fall: estimate(
        pairs.map(({ one, other }) => one.fall - other.fall),
        "an answer",
        seed,
      ),
    },
  };
}
