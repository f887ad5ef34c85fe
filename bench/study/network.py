"""Qwen2.5-VL at pocket size as plain PyTorch: vision features once per image, and a decoder with a key/value cache."""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


class RMSNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(width)), eps

    def forward(self, x):
        return F.rms_norm(x, x.shape[-1:], self.weight, self.eps)


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, self.heads, self.kv = (config[k] for k in ("hidden_size", "num_attention_heads", "num_key_value_heads"))
        self.d = width // self.heads
        self.q_proj = nn.Linear(width, self.heads * self.d)
        self.k_proj = nn.Linear(width, self.kv * self.d)
        self.v_proj = nn.Linear(width, self.kv * self.d)
        self.o_proj = nn.Linear(self.heads * self.d, width, bias=False)

    def forward(self, x, cos, sin, mask=None, cache=None):
        B, T, _ = x.shape
        split = lambda y, h: y.view(B, T, h, self.d).transpose(1, 2)
        q = rotate(split(self.q_proj(x), self.heads), cos, sin)
        k, v = rotate(split(self.k_proj(x), self.kv), cos, sin), split(self.v_proj(x), self.kv)
        if cache is not None:
            keys, values, used = cache
            keys[:, :, used : used + T], values[:, :, used : used + T] = k, v
            k, v = keys[:, :, : used + T], values[:, :, : used + T]
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None and T > 1, enable_gqa=self.heads != self.kv)
        return self.o_proj(y.transpose(1, 2).reshape(B, T, self.heads * self.d))


class MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(width, inner, bias=False)
        self.up_proj = nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, eps = config["hidden_size"], config["rms_norm_eps"]
        self.input_layernorm, self.post_attention_layernorm = RMSNorm(width, eps), RMSNorm(width, eps)
        self.self_attn, self.mlp = Attention(config), MLP(config)

    def forward(self, x, *rotary, **more):
        x = x + self.self_attn(self.input_layernorm(x), *rotary, **more)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    """The text model: `model.*` and `lm_head` of the checkpoint."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.model = nn.Module()
        self.model.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.model.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.model.norm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])
        self.lm_head = nn.Linear(config["hidden_size"], config["vocab_size"], bias=False)
        half = self.model.layers[0].self_attn.d // 2
        frequency = config["rope_theta"] ** (-torch.arange(half, dtype=torch.float64) / half)
        axis = torch.repeat_interleave(torch.arange(3), torch.tensor(config["rope_scaling"]["mrope_section"]))
        self.frequency, self.axis = frequency.float(), axis

    def rotary(self, positions):
        """cos and sin [B, 1, T, d/2] of positions [3, B, T]."""
        angles = positions[self.axis].permute(1, 2, 0).float() * self.frequency
        return angles.cos().unsqueeze(1), angles.sin().unsqueeze(1)

    def forward(self, x, cos, sin, mask=None, caches=None, used=0):
        """Hidden states before the last norm."""
        for i, layer in enumerate(self.model.layers):
            x = layer(x, cos, sin, mask=mask, cache=caches and (*caches[i], used))
        return x

    def logits(self, state):
        return self.lm_head(state)


def image_features(checkpoint, config, patches, grid):
    """Merged features [n, tokens, D] of images of one grid [t, h, w]; patches [n, t·h·w, numbers]. transformers' own layers."""
    from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VLVisionConfig, Qwen2_5_VisionTransformerPretrainedModel

    vision = Qwen2_5_VLVisionConfig(**{k: v for k, v in config["vision_config"].items() if k != "model_type"})
    vision._attn_implementation = "sdpa"
    tower = Qwen2_5_VisionTransformerPretrainedModel(vision).eval()
    weights = {k.removeprefix("visual."): v for k, v in load_file(checkpoint / "model.safetensors").items() if k.startswith("visual.")}
    tower.load_state_dict(weights, strict=False)
    n, tokens, _ = patches.shape
    # One window is the whole of so small an image, so that images are a batch: no Python for each of them.
    x = tower.patch_embed(patches.reshape(n * tokens, -1)).view(n, tokens, -1)
    angles = tower.rot_pos_emb(torch.tensor([grid]))
    cos, sin = angles.cos(), angles.sin()
    for block in tower.blocks:
        y = block.norm1(x)
        heads = block.attn.num_heads
        q, k, v = block.attn.qkv(y).view(n, tokens, 3, heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v)
        x = x + block.attn.proj(y.transpose(1, 2).reshape(n, tokens, -1))
        x = x + block.mlp(block.norm2(x))
    return tower.merger(x.reshape(n * tokens, -1)).view(n, -1, config["hidden_size"])


def load_decoder(checkpoint):
    """A decoder with the weights of a checkpoint, and its configuration."""
    checkpoint = Path(checkpoint)
    config = json.loads((checkpoint / "config.json").read_text())
    decoder = Decoder(config)
    weights = load_file(checkpoint / "model.safetensors")
    missing = decoder.load_state_dict({k: v for k, v in weights.items() if not k.startswith("visual.")}, strict=False)
    assert not missing.missing_keys, missing
    return decoder, config
