/** Published heads while a checkpoint decodes: they replace hidden states, from which logits are read as well (LVR), or what slots are fed. */
import type { LatentHeadRules } from "../../families/index.ts";
import { createGraph, float32, input, output, type SessionOptions, type Value } from "../../graph/index.ts";
import { linear, withPrefix } from "../../nn/index.ts";
import { lazySession, type WeightValues } from "../../qwen/index.ts";
import { ensure } from "../../util/index.ts";
import type { HeadRunner } from "./head-runner.ts";
import { publishedHeads } from "./published-heads.ts";

/** A head that replaces the hidden state after a slot, before logits are read from it. */
export interface StateHead {
  replaces: "state";
  /** Number of slots of a block after which it is applied first. */
  from: number;
  /** New states [n, width] and their logits [n, vocabulary] of hidden states [n, width]; no logits where the network reads them. */
  run(hidden: Float32Array): Promise<{ states: Float32Array; logits: Float32Array | null }>;
  release(): Promise<void>;
}

/**
 * A float32 tensor of a checkpoint with this number of columns (null: any).
 *
 * Errors: "checkpoint" naming a tensor that is missing or of another shape.
 */
export function checkpointTensor(weights: WeightValues, name: string, columns: number | null): Value {
  const found = weights[name];
  const fits =
    found && found.data instanceof Float32Array && (columns === null || found.shape.at(-1) === columns);
  ensure(fits, "checkpoint", () => ({
    where: `tensor ${name}`,
    expected: columns === null ? "a float32 tensor" : `a float32 tensor with ${columns} columns`,
    got: found ? `shape [${found.shape.join(", ")}], ${found.dtype}` : "none in the checkpoint",
    attempt: "a complete checkpoint, or another dialect with --family",
  }));
  return found!;
}

/**
 * The head of a published checkpoint. The weights stay the caller's; logits are read with the checkpoint's output matrix,
 * unless the network reads them from the new states (`readsLogits` false).
 *
 * Errors: "checkpoint" naming a tensor that is missing or of another shape.
 */
export function createStateHead(
  { kind, prefix, from }: LatentHeadRules,
  weights: WeightValues,
  width: number,
  { readsLogits = true, ...options }: SessionOptions & { readsLogits?: boolean } = {},
): StateHead {
  const { requires, states } = publishedHeads[kind];
  for (const name of requires.width) checkpointTensor(weights, `${prefix}.${name}`, width);
  for (const name of requires.other) checkpointTensor(weights, `${prefix}.${name}`, null);
  const matrix = weights["lm_head.weight"] ? "lm_head" : "model.embed_tokens";
  const vocabulary = readsLogits ? checkpointTensor(weights, `${matrix}.weight`, width).shape[0]! : null;
  const session = lazySession(
    (parameters) => {
      const g = createGraph("state head");
      const source = parameters(g);
      const tensors = {
        source: withPrefix(source, `${prefix}.`),
        has: (name: string) => weights[`${prefix}.${name}`] !== undefined,
        shape: (name: string) => weights[`${prefix}.${name}`]!.shape,
      };
      const made = states(tensors, input(g, "hidden", "float32", ["N", width]));
      output("states", made);
      if (vocabulary !== null) output("logits", linear(source, matrix, made, vocabulary));
      return g;
    },
    weights,
    options,
  );
  return {
    replaces: "state",
    from,
    async run(hidden) {
      const made = await session.get();
      const inputs = { ...made.parameters, hidden: float32(hidden, [hidden.length / width, width]) };
      const { states: rows, logits } = await made.session.run(inputs);
      return { states: rows!.data as Float32Array, logits: logits ? (logits.data as Float32Array) : null };
    },
    release: () => session.release(),
  };
}

/** The head of a published checkpoint that makes what slots are fed, and leaves the states alone. Errors as `createStateHead`. */
export function createInputHead(
  rules: LatentHeadRules,
  weights: WeightValues,
  width: number,
  options: SessionOptions = {},
): HeadRunner {
  const head = createStateHead(rules, weights, width, { ...options, readsLogits: false });
  return {
    replaces: "input",
    release: head.release,
    async run(hidden, slots) {
      const out = (await head.run(hidden)).states.slice();
      for (let i = 0; i < out.length / width; i++) {
        if (slots[i]! < rules.from) out.set(hidden.subarray(i * width, (i + 1) * width), i * width);
      }
      return out;
    },
  };
}
