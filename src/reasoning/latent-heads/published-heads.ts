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

/** LVR's and UniVLR's heads (`src/model/lvr_heads.py`, `univlr_heads.py`), and projections of CoLT and RoT. */
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
  /** UniVLR, `UniVLRHeadVAE.forward`: the mean of the posterior. */
  vae: {
    requires: {
      width: ["input_ln.weight", "fc1.weight", "fc2.weight", "hidden_ln.weight", "mu_proj.weight"],
      other: ["input_ln.bias", "hidden_ln.bias"],
    },
    states: (tensors, hidden) => {
      const normalized = layerNorm(tensors.source, "input_ln", hidden, 1e-6);
      const mixed = layer(tensors, "fc2", gelu(layer(tensors, "fc1", normalized)));
      return layer(tensors, "mu_proj", layerNorm(tensors.source, "hidden_ln", mixed, 1e-6));
    },
  },
  /** CoLT, `prj` of its modeling_qwen3_vl.py: half the width and back, LayerNorm. */
  bottleneck: {
    requires: { width: ["1.weight", "4.weight", "4.bias"], other: ["3.weight"] },
    states: (tensors, hidden) =>
      layerNorm(tensors.source, "4", layer(tensors, "3", gelu(layer(tensors, "1", hidden))), 1e-5),
  },
  /** RoT, `projection_head` of models/cot_compressor_v2.py: LayerNorm, linear, SwiGLU, linear. */
  swiglu: {
    requires: {
      width: ["0.weight", "0.bias", "1.weight"],
      other: ["2.w1.weight", "2.w2.weight", "2.w3.weight", "3.weight"],
    },
    states: (tensors, hidden) => {
      const wide = layer(tensors, "1", layerNorm(tensors.source, "0", hidden, 1e-6));
      const gated = mul(silu(layer(tensors, "2.w1", wide)), layer(tensors, "2.w2", wide));
      return layer(tensors, "3", layer(tensors, "2.w3", gated));
    },
  },
};
