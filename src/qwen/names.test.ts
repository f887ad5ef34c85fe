import { describe, expect, it } from "vitest";
import { canonicalName } from "./names.ts";

describe("canonicalName", () => {
  it.each([
    ["visual.blocks.3.attn.qkv.weight", "visual.blocks.3.attn.qkv.weight"],
    ["model.visual.blocks.3.attn.qkv.weight", "visual.blocks.3.attn.qkv.weight"],
    ["model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight"],
    ["model.language_model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight"],
    ["model.language_model.embed_tokens.weight", "model.embed_tokens.weight"],
    ["lm_head.weight", "lm_head.weight"],
    ["base_model.model.lm_head.weight", "lm_head.weight"],
    ["base_model.model.model.norm.weight", "model.norm.weight"],
    ["base_model.model.model.visual.merger.ln_q.weight", "visual.merger.ln_q.weight"],
    ["lvr_head.0.weight", "lvr_head.0.weight"],
    ["model.visualiser.weight", "model.visualiser.weight"],
  ])("%s", (stored, canonical) => expect(canonicalName(stored)).toBe(canonical));
});
