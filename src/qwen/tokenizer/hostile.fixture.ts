/** What the tests of hostile texts share. */
import { expect } from "vitest";
import { LintelError } from "../../util/index.ts";

/** The error of work that must fail as Lintel foresees. */
export function errorOf(work: () => unknown): LintelError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(LintelError);
    expect((error as LintelError).message.length).toBeLessThan(2000);
    return error as LintelError;
  }
  throw new Error("it was accepted");
}

/** A small valid configuration with changes. */
export const pocket = (change: object, vision: object = {}): Record<string, unknown> => ({
  model_type: "qwen2_5_vl",
  hidden_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  intermediate_size: 128,
  vocab_size: 160_000,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  rope_scaling: { type: "mrope", mrope_section: [2, 3, 3] },
  vision_config: {
    depth: 1,
    hidden_size: 64,
    num_heads: 4,
    out_hidden_size: 64,
    intermediate_size: 64,
    ...vision,
  },
  ...change,
});
