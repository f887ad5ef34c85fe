import { matrix, mean } from "../../../numeric/index.ts";
import { engineOf, promptLayouts, promptOf } from "../../../reasoning/index.ts";
import { linearProbe, mlpProbe, prismProbe } from "../../measurements/index.ts";
import type { SuiteContext } from "../analysis.ts";
import { answerLabels } from "./shared/answer-labels.ts";
import { attributeClasses, classNumbers } from "./shared/attributes.ts";
import { groupsOf, meanInterval } from "./shared/groups.ts";
import { nothingReplayed, replayed } from "./shared/replays.ts";

const meanOf = (vectors: Float32Array, width: number): Float32Array => {
  const out = new Float32Array(width);
  const count = vectors.length / width;
  for (const [i, x] of vectors.entries()) out[i % width]! += x / count;
  return out;
};

/** Vectors of one example that probes read, by place; null where it has none. */
type Places = Record<string, Float32Array | null>;

/** Mean of rows of [.., width]; null of none. */
function meanRows(states: Float32Array, rows: readonly number[], width: number): Float32Array | null {
  if (rows.length === 0) return null;
  const out = new Float32Array(width);
  for (const row of rows) for (let j = 0; j < width; j++) out[j]! += states[row * width + j]! / rows.length;
  return out;
}

/** PRISM's baselines a1′ and a1″, by example: mean states of the question's tokens and of the images' when the prompt is read. */
async function promptStates({ session }: SuiteContext, indices: readonly number[]): Promise<Places[]> {
  const { model, examples } = session;
  const width = model.network.config.text.hiddenSize;
  const prompts = await Promise.all(indices.map((i) => promptOf(model, examples[i]!)));
  const states = await engineOf(model.network).states(prompts);
  return promptLayouts(model, prompts).map(({ first, end, images }, b): Places => {
    if (!states) return { question: null, imageStates: null };
    const image = new Set(images);
    const words = Array.from({ length: end - first }, (_, i) => first + i).filter((p) => !image.has(p));
    const at = (places: readonly number[]) => places.map((p) => b * end + p);
    return {
      question: meanRows(states, at(words), width),
      imageStates: meanRows(states, at(images), width),
    };
  });
}

/**
 * "slots": mean of what was fed. "lastSlot", "end", "answer": hidden states there. "image": mean feature of the input,
 * before the model. "question", "imageStates": mean states of these tokens of the prompt, before any block.
 */
export async function placesOfAll(
  context: SuiteContext,
  left: Record<string, number>,
): Promise<Map<number, Places>> {
  const { model, examples } = context.session;
  const width = model.network.config.text.hiddenSize;
  const out = new Map<number, Places>();
  for await (const { found, at, row, index, batch } of replayed(context, "probes", left, {
    gradient: false,
  })) {
    const hidden = found.hidden[at]!;
    const state = (i: number) => hidden.slice(i * width, (i + 1) * width);
    const last = row.slots.at(-1)!;
    const { visuals } = await promptOf(model, examples[index]!);
    out.set(index, {
      slots: meanOf(row.latents, width),
      lastSlot: state(last),
      end: row.ids[last + 1] === model.rules.endId ? state(last + 1) : null,
      answer: state(row.ids.length - 1),
      image: visuals.length > 0 ? meanOf(visuals, width) : null,
    });
    if (at < batch.index.length - 1) continue;
    const prompts = await promptStates(context, batch.index);
    for (const [i, places] of prompts.entries()) Object.assign(out.get(batch.index[i]!)!, places);
  }
  return out;
}

/** Class numbers of values, by index of the example. */
function numbered(values: ReadonlyMap<number, string>): Map<number, number> {
  const numbers = classNumbers([...values.values()]);
  return new Map([...values.keys()].map((i, at) => [i, numbers[at]!] as const));
}

const absent = (place: string): string =>
  place === "question" || place === "imageStates"
    ? "no such token, or the model was loaded without the states of its prompts"
    : "no example has such a place";

/**
 * Linear probes for the right answer and for the attributes of the example, at the slots and after them; the
 * decodability gap is the accuracy at the answer's position less that at the slots (arXiv 2606.05753, axis 1). `mlp`: the
 * same for the answer with a perceptron, at slots and answer, and what it has over the linear probe of the same folds. Examples that share images are in one fold.
 * `answer` is by the place of the right option, as the model writes it; `words`: by what it says, where that is something else.
 * `published`: PRISM's own probe, for comparison with its figures; `gap` is its G, probe (a) less probe (b).
 */
export const probes = async (context: SuiteContext) => {
  const { session, planner } = context;
  const left: Record<string, number> = {};
  const found = await placesOfAll(context, left);
  const indices = [...found.keys()].sort((a, b) =>
    session.examples[a]!.id < session.examples[b]!.id ? -1 : 1,
  );
  if (indices.length === 0) return nothingReplayed(left);
  const thereAt = (place: string, labels: ReadonlyMap<number, number>) =>
    indices.filter((i) => found.get(i)![place] !== null && labels.has(i));
  const vectorsOf = (place: string, there: readonly number[]) => {
    const rows = there.map((i) => found.get(i)![place]!);
    const width = rows[0]!.length;
    const values = new Float64Array(rows.length * width);
    for (const [r, row] of rows.entries()) values.set(row, r * width);
    return matrix(values, rows.length, width);
  };
  const probeAt = (place: string, labels: ReadonlyMap<number, number>, probe = linearProbe) => {
    const there = thereAt(place, labels);
    if (there.length === 0) return { value: null, reason: absent(place) } as const;
    const result = probe(
      vectorsOf(place, there),
      classNumbers(there.map((i) => labels.get(i)!)),
      planner.seed,
      groupsOf(context, there),
    );
    return result.value ? { value: result.value, there } : result;
  };
  const shown = (result: ReturnType<typeof probeAt>) => {
    if (!result.value) return { accuracy: null, reason: result.reason };
    const { right, ...numbers } = result.value;
    return numbers;
  };
  const { options: answers, words, reason: noWords } = answerLabels(session.examples, indices);
  const names = ["image", "question", "imageStates", "slots", "lastSlot", "end", "answer"] as const;
  const byPlace = new Map(names.map((place) => [place, probeAt(place, answers)] as const));
  const mlp = (["slots", "answer"] as const).map((place) => {
    const result = probeAt(place, answers, mlpProbe);
    return [place, { ...shown(result), gain: gap(result, byPlace.get(place)!, planner.seed) }] as const;
  });
  const published = (["answer", "lastSlot", "slots"] as const).map((place) => {
    const there = thereAt(place, answers);
    const result =
      there.length === 0
        ? { value: null, reason: absent(place) }
        : prismProbe(vectorsOf(place, there), classNumbers(there.map((i) => answers.get(i)!)));
    return [place, result.value ?? { accuracy: null, reason: result.reason }] as const;
  });
  const [a, b] = published.map(([, { accuracy }]) => accuracy);
  const attributes: Record<string, unknown> = {};
  const { classes, skipped } = attributeClasses(session.examples, indices);
  for (const [key, values] of classes) {
    const labels = numbered(values);
    attributes[key] = Object.fromEntries(
      (["slots", "end", "answer"] as const).map((place) => [place, shown(probeAt(place, labels))]),
    );
  }
  return {
    n: indices.length,
    left,
    answer: Object.fromEntries([...byPlace].map(([place, result]) => [place, shown(result)])),
    mlp: Object.fromEntries(mlp),
    published: {
      ...Object.fromEntries(published),
      gap: typeof a === "number" && typeof b === "number" ? a - b : null,
    },
    words: words
      ? Object.fromEntries(
          (["slots", "answer"] as const).map((place) => [place, shown(probeAt(place, numbered(words)))]),
        )
      : { reason: noWords },
    decodabilityGap: gap(byPlace.get("answer")!, byPlace.get("slots")!, planner.seed),
    attributes,
    ...(Object.keys(skipped).length > 0 && { skipped }),
  };

  /** Accuracy of one probe less that of another on the examples that both judged. */
  function gap(a: ReturnType<typeof probeAt>, b: ReturnType<typeof probeAt>, seed: number) {
    if (!a.value || !b.value) return { value: null, interval: null, reason: a.reason ?? b.reason };
    const other = new Map(b.there.map((i, at) => [i, b.value.right[at]!] as const));
    const both = a.there.flatMap((i, at) =>
      other.has(i) ? [{ i, difference: Number(a.value.right[at]) - Number(other.get(i)) }] : [],
    );
    const differences = both.map(({ difference }) => difference);
    const groups = groupsOf(
      context,
      both.map(({ i }) => i),
    );
    const interval = meanInterval(differences, groups, seed);
    return {
      value: mean(differences),
      interval: interval.value,
      ...(interval.value === null && { reason: interval.reason }),
    };
  }
};
