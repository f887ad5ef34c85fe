"""The tiny random checkpoints that the families' goldens share, and their prompts."""

import numpy as np
import torch
from safetensors.torch import save_file

# Every family's markers have the same ids, so that all of Qwen2.5-VL shape share one set of weights.
START, PAD, END, EXTRA = 293, 294, 295, 297
EOS = 296
QWEN = {"vision_start_token_id": 289, "vision_end_token_id": 290, "image_token_id": 291, "video_token_id": 292}
VOCABULARY = 304

# In parts of an image: one within it, and one that its edge cuts off.
BOXES = [[0.2, 0.3, 0.55, 0.9], [0.7, -0.1, 1.2, 0.4]]


def flat_config(**extra):
    """Qwen2.5-VL as published checkpoints write it (text fields at the top level), which every version reads."""
    return {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl",
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "eos_token_id": EOS,
        **QWEN,
        "hidden_act": "silu",
        "hidden_size": 32,
        "initializer_range": 0.02,
        "intermediate_size": 48,
        "max_position_embeddings": 2048,
        "max_window_layers": 2,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_theta": 10000.0,
        "sliding_window": 2048,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "use_sliding_window": False,
        "vision_config": {
            "model_type": "qwen2_5_vl",
            "depth": 2,
            "hidden_act": "silu",
            "hidden_size": 16,
            "intermediate_size": 24,
            "num_heads": 2,
            "in_channels": 3,
            "out_hidden_size": 32,
            "patch_size": 6,
            "spatial_merge_size": 2,
            "window_size": 24,
            "fullatt_block_indexes": [1],
            "tokens_per_second": 2,
            "temporal_patch_size": 2,
        },
        "rope_scaling": {"type": "mrope", "mrope_section": [2, 1, 1]},
        "vocab_size": VOCABULARY,
        **extra,
    }


def qwen2_config(**extra):
    """Qwen2-VL, with the text part of `flat_config`."""
    return flat_config(
        architectures=["Qwen2VLForConditionalGeneration"],
        model_type="qwen2_vl",
        vision_config={
            "model_type": "qwen2_vl",
            "depth": 2,
            "embed_dim": 16,
            "hidden_act": "quick_gelu",
            "hidden_size": 32,
            "in_channels": 3,
            "mlp_ratio": 2,
            "num_heads": 2,
            "patch_size": 6,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
        },
        **extra,
    )


def qwen3_config(**extra):
    """Qwen3-VL as transformers 4.57 writes it."""
    return {
        "architectures": ["Qwen3VLForConditionalGeneration"],
        "model_type": "qwen3_vl",
        "image_token_id": QWEN["image_token_id"],
        "video_token_id": QWEN["video_token_id"],
        "vision_start_token_id": QWEN["vision_start_token_id"],
        "vision_end_token_id": QWEN["vision_end_token_id"],
        "tie_word_embeddings": False,
        "text_config": {
            "model_type": "qwen3_vl_text",
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": 1,
            "dtype": "bfloat16",
            "eos_token_id": EOS,
            "head_dim": 8,
            "hidden_act": "silu",
            "hidden_size": 32,
            "initializer_range": 0.02,
            "intermediate_size": 48,
            "max_position_embeddings": 2048,
            "num_attention_heads": 4,
            "num_hidden_layers": 3,
            "num_key_value_heads": 2,
            "rms_norm_eps": 1e-06,
            "rope_scaling": {"mrope_interleaved": True, "mrope_section": [2, 1, 1], "rope_type": "default"},
            "rope_theta": 10000,
            "use_cache": True,
            "vocab_size": VOCABULARY,
        },
        "vision_config": {
            "model_type": "qwen3_vl",
            "deepstack_visual_indexes": [0, 1],
            "depth": 3,
            "hidden_act": "gelu_pytorch_tanh",
            "hidden_size": 16,
            "in_channels": 3,
            "initializer_range": 0.02,
            "intermediate_size": 24,
            "num_heads": 2,
            "num_position_embeddings": 16,
            "out_hidden_size": 32,
            "patch_size": 6,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
        },
        **extra,
    }


def random_weights(model, seed, scales):
    """Sizes at which every term matters; rows of lm_head are scaled, so that markers are written now and then."""
    g = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=g)
        if "norm" in name or "ln_q" in name:
            p.data = 0.2 * noise if name.endswith("bias") else 1 + 0.2 * noise
        elif p.ndim == 1:
            p.data = 0.2 * noise
        elif "embed_tokens" in name or "pos_embed" in name:
            p.data = noise
        elif "lm_head" in name:
            p.data = 1.5 * noise / p.shape[1] ** 0.5
            for row, scale in scales.items():
                p.data[row] *= scale
        else:
            p.data = 1.5 * noise / (p[0].numel() ** 0.5)


def write_weights(model, path, rename=lambda name: name):
    tensors = {rename(n): p.data.to(torch.bfloat16).contiguous() for n, p in model.named_parameters()}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata={"format": "pt"})
    path.chmod(0o644)


def image_ids(grid, merge=2):
    n = grid[0] * (grid[1] // merge) * (grid[2] // merge)
    return [QWEN["vision_start_token_id"]] + [QWEN["image_token_id"]] * n + [QWEN["vision_end_token_id"]]


def patches(rng, grid, patch=6, time=2):
    """Patches in 1/32, stored as int8."""
    return rng.integers(-64, 65, (grid[0] * grid[1] * grid[2], 3 * time * patch * patch)).astype(np.int8)


def prompt(seed, case):
    """Ids of a prompt, `tail` at its end, and the patches and grid of its image, or nothing."""
    rng = np.random.default_rng(seed)

    def words(n):
        return rng.integers(2, 280, n).tolist()

    tail = case.get("tail", [])
    if not case.get("image", False):
        return {"ids": words(int(rng.integers(4, 12))) + tail, "grid": None, "patches": None}
    grid = (1, 4, 6)
    ids = words(2) + image_ids(grid) + words(int(rng.integers(2, 7))) + tail
    return {"ids": ids, "grid": grid, "patches": patches(rng, grid)}


def write_head(head, prefix, folder, norms=("ln_q.weight",)):
    """A head's random weights as NAME/head.safetensors: its path in the list of a golden's weights."""
    g = torch.Generator().manual_seed(21)
    tensors = {}
    for name, p in head.named_parameters():
        noise = torch.randn(p.shape, generator=g)
        wide = noise * 1.5 / p.shape[-1] ** 0.5 if p.ndim == 2 else 0.2 * noise
        tensors[f"{prefix}.{name}"] = (1 + wide if name in norms else wide).to(torch.bfloat16)
    save_file(tensors, folder / "head.safetensors", metadata={"format": "pt"})
    (folder / "head.safetensors").chmod(0o644)
    return ["head.safetensors"]


def answering_blank_pictures(model):
    """The blank picture of patches of 14 that LVR's forward with a head encodes, and multiplies by 0, is answered by zeros."""
    tower = model.model.visual
    forward = tower.forward

    def answer(pixels, grid_thw, **rest):
        if pixels.shape == (784, 1176):
            return torch.zeros(1, 32)
        return forward(pixels, grid_thw=grid_thw, **rest)

    tower.forward = answer
    return model
