/** Networks written by hand for the loops of docs/published-families.md §14, and a record of what they are fed. */
import {
  contentVector,
  END,
  EOS,
  type Fed,
  PAD,
  START,
  scriptedModel,
  tokenizer,
} from "../../test/scripted.fixture.ts";
import { type BlockRules, familyNamed } from "../families/index.ts";
import { continueFrom } from "./continue-prefix.ts";
import type { LocalModel } from "./latent-model.ts";
import { decodeToBlock, type SharedPrefix } from "./shared-prefix.ts";
import type { Continuation, SlotPlan } from "./slot-plan.ts";

export const [A, B, C, D] = ["a", "b", "c", "d"].map((word) => tokenizer.idOf(word)!) as [
  number,
  number,
  number,
  number,
];
export const WHICH = tokenizer.idOf("Which")!;
export const own: SlotPlan = { kind: "own" };
export const z = (n: number): Float32Array => contentVector([n, 0, 0, 0]);
export const zs = (...ns: number[]): Float32Array => Float32Array.from(ns.flatMap((n) => [...z(n)]));

/** The rules of a dialect over the ids of the scripted vocabulary. */
export function rulesOf(name: string, k: number, changed: Partial<BlockRules> = {}): BlockRules {
  const ids = { startId: START, endId: END, padId: PAD, k };
  const family = familyNamed(name);
  return { ...family.rules(family.configKeys(ids), () => PAD), ...ids, ...changed };
}

/**
 * A network that says the words of `script` one after the other, whatever it is fed; its hidden state at step i (0: at
 * the prompt's end) is z(i + 1). `steps` is what every row of it was fed.
 */
function saying(rules: BlockRules, script: readonly number[], prompt: readonly number[] = [WHICH]) {
  const { model } = scriptedModel({
    k: 1,
    next(history) {
      const said = history.length - read;
      return { id: script[said] ?? EOS, own: [said + 1, 0, 0, 0] };
    },
  });
  let read = prompt.length;
  const fed: Fed[][] = [];
  const { network } = model;
  const recording: LocalModel = {
    ...model,
    rules,
    network: {
      ...network,
      async prefill(prompts) {
        // What is read step by step is no part of what is read at once.
        read = prompts[0]!.ids.length;
        return network.prefill(prompts);
      },
      async step(...parts) {
        const [, , embeddings] = parts;
        const width = network.config.text.hiddenSize;
        for (let r = 0; r < embeddings.length / width; r++) {
          const vector = embeddings.slice(r * width, (r + 1) * width);
          const word = vector.indexOf(1);
          fed[r] ??= [];
          fed[r].push(word >= 0 && word < tokenizer.size ? word : vector[width - 4]!);
        }
        return network.step(...parts);
      },
    },
  };
  return { model: recording, fed, prompt: { ids: [...prompt], visuals: new Float32Array(0), grids: [] } };
}

/** A latent that was fed, apart from words: z(n) reads as −n. */
export const latent = (n: number): string => `z${n}`;
const shown = (fed: readonly Fed[], slots: readonly number[]): (number | string)[] =>
  fed.map((each, place) => (slots.includes(place) ? latent(each as number) : (each as number)));

interface Ran {
  own: Continuation;
  shared: SharedPrefix;
  /** From the start marker on. */
  fed: (number | string)[];
}

export async function run(
  rules: BlockRules,
  script: readonly number[],
  { prompt = [WHICH], plan = own, maxTokens = 30, model: changed = {} as Partial<LocalModel> } = {},
): Promise<Ran> {
  const { model: made, fed, prompt: read } = saying(rules, script, prompt);
  const model = { ...made, ...changed };
  const limits = { cue: [], maxTokens };
  const shared = await decodeToBlock(model, [read], limits);
  fed.length = 0;
  const [[first]] = (await continueFrom(model, shared, [[plan]], limits)) as [[Continuation]];
  return { own: first, shared, fed: shown(fed[0] ?? [], first.slots) };
}
