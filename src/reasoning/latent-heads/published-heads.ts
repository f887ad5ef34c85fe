/** Heads of published checkpoints, by the kind in their family's rules; a new one is one record. */
import type { LatentHeadRules } from "../../families/index.ts";
import { mul, silu, type Tensor } from "../../graph/index.ts";
import { layerNorm, linear, type ParameterSource } from "../../nn/index.ts";
import { gelu } from "../../qwen/index.ts";

/** A head's tensors, by name without prefix. */
export interface PublishedTensors {
  source: ParameterSource;
  has(name: string): boolean;
  shape(name: string): readonly number[];
}

export interface PublishedHead {
  /** Names of the tensors that the head requires; `width`: those with one column for each element of a state. */
  requires: { width: readonly string[]; other: readonly string[] };
  /** New states [n, width] of hidden states [n, width]. */
  states(tensors: PublishedTensors, hidden: Tensor): Tensor;
}

/** A linear layer whose output size and bias follow the checkpoint. */
const layer = ({ source, has, shape }: PublishedTensors, name: string, x: Tensor): Tensor =>
  linear(source, name, x, shape(`${name}.weight`)[0]!, { bias: has(`${name}.bias`) });

/** LVR's heads (`src/model/lvr_heads.py`). */
export const publishedHeads: Record<LatentHeadRules["kind"], PublishedHead> = {
  /** LayerNorm, linear, GELU, linear. */
  simple: {
    requires: { width: ["ln_q.weight", "ln_q.bias", "mlp.0.weight", "mlp.2.weight"], other: [] },
    states: (tensors, hidden) => {
      const normalized = layerNorm(tensors.source, "ln_q", hidden, 1e-6);
      return layer(tensors, "mlp.2", gelu(layer(tensors, "mlp.0", normalized)));
    },
  },
  /** down(silu(gate) ∘ up). */
  glu: {
    requires: { width: ["gate_proj.weight", "up_proj.weight"], other: ["down_proj.weight"] },
    states: (tensors, hidden) => {
      const gate = silu(layer(tensors, "gate_proj", hidden));
      return layer(tensors, "down_proj", mul(gate, layer(tensors, "up_proj", hidden)));
    },
  },
};
