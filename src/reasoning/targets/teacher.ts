/** ILVR's teacher: which features of a helper its training selects, by the hidden states of the teacher's own reading. */
import type { BlockRules, Family } from "../../families/index.ts";
import type { Prompt } from "../../qwen/index.ts";
import type { Example } from "../../tasks/index.ts";
import { ensure } from "../../util/index.ts";
import { engineOf } from "../engine/engine-of.ts";
import type { Network } from "../engine/types.ts";
import { dialogueOf, type LatentModel } from "../latent-model.ts";
import type { Pooling } from "./pooling.ts";
import type { TargetNetwork } from "./types.ts";

/** What a teacher reads with; its network gives the states of every token of a prompt (`everyHidden: "last"`). */
interface Teacher {
  network: Network;
  pooling: Pooling;
}

/** Parts of the queries: of the question with its images, and of the words before each block, null where there are none. */
interface QueryParts {
  user: Float32Array;
  before: (Float32Array | null)[];
}

/** Mean of the rows [D] at these places. */
function meanAt(rows: Float32Array, places: readonly number[], width: number): Float32Array {
  const out = new Float32Array(width);
  for (const at of places) for (let d = 0; d < width; d++) out[d]! += rows[at * width + d]! / places.length;
  return out;
}

/** Mean of vectors of one length. */
const mean = (vectors: readonly Float32Array[]): Float32Array =>
  vectors[0]!.map((_, d) => vectors.reduce((sum, vector) => sum + vector[d]! / vectors.length, 0));

/**
 * What a teacher's queries are made of (ILVR, `src/trainer.py` `_user_side_attn_pooling`, `_teacher_build_latents`).
 * `prompt` is the whole dialogue, placeholders in its blocks; `assistant` where the assistant's turn begins.
 */
export async function queryParts(
  { network, pooling }: Teacher,
  prompt: Prompt,
  assistant: number,
  { startId, endId, padId }: Pick<BlockRules, "startId" | "endId" | "padId">,
): Promise<QueryParts> {
  const { text, tokens } = network.config;
  const width = text.hiddenSize;
  const { ids } = prompt;
  const markers = new Set([startId, endId, padId, tokens.visionStart, tokens.visionEnd]);
  const engine = engineOf(network);
  const states = await engine.states([prompt]);
  ensure(states, "runtime", () => ({
    where: "the teacher of oracles",
    expected: "the hidden states of its prompts",
    got: "a network that was loaded without them",
  }));
  const places = [...ids.keys()];
  const user = places.slice(0, assistant);
  const image = user.filter((i) => ids[i] === tokens.image);
  const words = user.filter((i) => !markers.has(ids[i]!) && ids[i] !== tokens.image);
  const rowsAt = (which: readonly number[]): Float32Array => {
    const out = new Float32Array(which.length * width);
    for (const [at, i] of which.entries()) out.set(states.subarray(i * width, (i + 1) * width), at * width);
    return out;
  };
  const query =
    image.length > 0
      ? mean([await pooling.run(rowsAt(words), rowsAt(image)), meanAt(states, words, width)])
      : meanAt(await engine.embed(words.map((i) => ids[i]!)), [...words.keys()], width);
  const before: QueryParts["before"] = [];
  let from = assistant;
  for (const start of places.filter((i) => ids[i] === startId && i >= assistant)) {
    if (start < from) continue;
    const span = places.slice(from, start).filter((i) => !markers.has(ids[i]!));
    before.push(span.length > 0 ? meanAt(states, span, width) : null);
    const end = ids.indexOf(endId!, start);
    from = end < 0 ? ids.length : end + 1;
  }
  return { user: query, before };
}

/** The rows that a family selects of each helper, one after the other: what was selected before is part of the query. */
export function selectRows(
  { compress }: Pick<Family, "compress">,
  { user, before }: QueryParts,
  helpers: readonly Float32Array[],
  width: number,
  k: number,
): Float32Array[] {
  const chosen: Float32Array[] = [];
  for (const [i, rows] of helpers.entries()) {
    const words = before[i] ?? null;
    const last = chosen.at(-1);
    const selected = last ? [meanAt(last, [...Array(last.length / width).keys()], width)] : [];
    chosen.push(compress(rows, width, k, mean([user, ...(words ? [words] : []), ...selected])));
  }
  return chosen;
}

/** What an example says should be written, `k` placeholders in every block. */
export const repliedWith = (family: Family, example: Example, pad: string, k: number): string =>
  family
    .response(example, true)
    .map((part) => ("text" in part ? part.text : pad.repeat(k)))
    .join("");

/**
 * The teacher as a source of oracles for the model that is audited: it reads the question and what the example says
 * should be written, and its own tower makes the features.
 */
export function teacherTargets(
  teacher: LatentModel,
  pooling: Pooling,
  family: Family,
  { from, padId, k }: { from: string } & Pick<BlockRules, "padId" | "k">,
): TargetNetwork {
  const width = teacher.network.config.text.hiddenSize;
  const known = new WeakMap<Example, Promise<QueryParts>>();
  const read = async (example: Example): Promise<QueryParts> => {
    const pad = teacher.tokenizer.tokenOf(padId);
    ensure(pad !== undefined, "checkpoint", () => ({
      where: `${from}, tokenizer.json`,
      expected: `a token of id ${padId}, the placeholder of latents`,
      got: "none",
    }));
    const said = repliedWith(family, example, pad, k);
    const { assistant, ...prompt } = await dialogueOf({ ...teacher, family }, example, said);
    return queryParts({ network: teacher.network, pooling }, prompt, assistant, { ...teacher.rules, padId });
  };
  return {
    kind: "teacher",
    from,
    note: `selected by the hidden states of the teacher ${from}, as in training`,
    async oracles(example) {
      const parts = known.get(example) ?? read(example);
      known.set(example, parts);
      const helpers = await teacher.features.get(example.helpers);
      const ready = await parts;
      const rows = helpers.map((each) => each.rows);
      return (count) => selectRows(family, ready, rows, width, count);
    },
    of: async (picture) => (await teacher.features.of([picture]))[0]!,
    async release() {
      await pooling.release();
      await teacher.network.release();
    },
  };
}
