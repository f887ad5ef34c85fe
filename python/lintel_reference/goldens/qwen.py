"""Goldens of the Qwen room (Qwen2.5-VL, Qwen3-VL): tiny random checkpoints and what `transformers` computes with them.

    python -m lintel_reference.goldens.qwen [part ...]        parts: models shapes rope rope3 layout pixels forward train

Needs torch and transformers 4.57.1 (CPU). Every file is described in test/goldens/qwen/README.md.
Weights and inputs come from seeded generators, so a second run changes nothing on the same versions.
"""

import hashlib
import json
import os
import sys
from functools import partial

from lintel_reference.common import GOLDENS, released_name, write_json

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import PIL
import safetensors
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from transformers import (
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessor,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VLModel
from transformers.models.qwen3_vl.modeling_qwen3_vl import Qwen3VLModel, Qwen3VLTextRotaryEmbedding

torch.set_num_threads(1)
OUT = GOLDENS / "qwen"
write_compact = partial(write_json, compact=True)
write_indented = partial(write_json, indent=2, ascii_only=True)
TOKENS = {
    "vision_start": 289,
    "vision_end": 290,
    "image": 291,
    "video": 292,
    "lvr_start": 293,
    "lvr_sep": 294,
    "lvr_end": 295,
    "eos": 296,
}


def save(path, tensors, metadata=None):
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path, metadata=metadata)
    path.chmod(0o644)


# ------------------------------------------------------------------ models


def flat_config():
    """The published form: text fields at the top level."""
    return {
        "architectures": ["Qwen2_5_VLForConditionalGeneration"],
        "model_type": "qwen2_5_vl",
        "attention_dropout": 0.0,
        "bos_token_id": 1,
        "eos_token_id": TOKENS["eos"],
        "vision_start_token_id": TOKENS["vision_start"],
        "vision_end_token_id": TOKENS["vision_end"],
        "image_token_id": TOKENS["image"],
        "video_token_id": TOKENS["video"],
        "hidden_act": "silu",
        "hidden_size": 64,
        "initializer_range": 0.02,
        "intermediate_size": 48,
        "max_position_embeddings": 4096,
        "max_window_layers": 2,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_theta": 1000000.0,
        "sliding_window": 4096,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "use_sliding_window": False,
        "vision_config": {
            "depth": 2,
            "hidden_act": "silu",
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_heads": 2,
            "in_chans": 3,
            "out_hidden_size": 64,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "spatial_patch_size": 14,
            "window_size": 56,
            "fullatt_block_indexes": [1],
            "tokens_per_second": 2,
            "temporal_patch_size": 2,
        },
        "rope_scaling": {"type": "mrope", "mrope_section": [2, 3, 3]},
        "vocab_size": 300,
        "latent_size": 2,
        "lvr_start_id": TOKENS["lvr_start"],
    }


def nested_config():
    """What transformers 4.57 writes: a `text_config` beside `vision_config`."""
    return Qwen2_5_VLConfig(
        text_config={
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 1,
            "vocab_size": 300,
            "rms_norm_eps": 1e-5,
            "rope_theta": 100.0,
            "tie_word_embeddings": False,
            "max_position_embeddings": 512,
            "rope_scaling": {"type": "mrope", "mrope_section": [2, 1, 1]},
        },
        vision_config={
            "depth": 2,
            "hidden_size": 16,
            "intermediate_size": 24,
            "num_heads": 2,
            "in_channels": 3,
            "out_hidden_size": 32,
            "patch_size": 6,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "window_size": 36,
            "fullatt_block_indexes": [0],
            "tokens_per_second": 2,
        },
        tie_word_embeddings=False,
        image_token_id=TOKENS["image"],
        video_token_id=TOKENS["video"],
        vision_start_token_id=TOKENS["vision_start"],
        vision_end_token_id=TOKENS["vision_end"],
        architectures=["Qwen2_5_VLForConditionalGeneration"],
    )


def qwen3_config():
    """Qwen3-VL with the keys that SwimBird adds; heads wider than hidden size / heads, DeepStack from two blocks."""
    return Qwen3VLConfig(
        text_config={
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 16,
            "vocab_size": 300,
            "rms_norm_eps": 1e-6,
            "rope_theta": 5000000.0,
            "tie_word_embeddings": False,
            "max_position_embeddings": 512,
            "rope_scaling": {"rope_type": "default", "mrope_interleaved": True, "mrope_section": [4, 2, 2]},
        },
        vision_config={
            "depth": 3,
            "hidden_size": 16,
            "intermediate_size": 24,
            "num_heads": 2,
            "in_channels": 3,
            "out_hidden_size": 32,
            "patch_size": 8,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "num_position_embeddings": 25,
            "deepstack_visual_indexes": [0, 2],
        },
        tie_word_embeddings=False,
        image_token_id=TOKENS["image"],
        video_token_id=TOKENS["video"],
        vision_start_token_id=TOKENS["vision_start"],
        vision_end_token_id=TOKENS["vision_end"],
        architectures=["Qwen3VLForConditionalGeneration"],
        latent_id=TOKENS["lvr_sep"],
        latent_start_id=TOKENS["lvr_start"],
        latent_end_id=TOKENS["lvr_end"],
        max_latent_token=2,
    )


def random_weights(model, seed):
    """Sizes at which every term matters: the default 0.02 would leave attention uniform and hide mistakes."""
    g = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=g)
        if ("norm" in name or "ln_q" in name) and not name.endswith("bias"):
            p.data = 1 + 0.2 * noise
        elif p.ndim == 1:
            p.data = 0.2 * noise
        elif "embed_tokens" in name:
            p.data = noise
        elif "lm_head" in name:
            p.data = noise / p.shape[1] ** 0.5
        else:
            p.data = 1.5 * noise / (p[0].numel() ** 0.5)


MODELS = {"qwen2_5_vl": Qwen2_5_VLForConditionalGeneration, "qwen3_vl": Qwen3VLForConditionalGeneration}


def make_models():
    for kind, seed in (("tied", 0), ("untied", 1), ("qwen3", 7)):
        folder = OUT / f"tiny-{kind}"
        folder.mkdir(parents=True, exist_ok=True)
        if kind == "tied":
            config = Qwen2_5_VLConfig.from_dict(json.loads(json.dumps(flat_config())))
        else:
            config = qwen3_config() if kind == "qwen3" else nested_config()
        model = MODELS[config.model_type](config).eval()
        random_weights(model, seed)
        model.tie_weights()
        weights = {n: p.data for n, p in model.named_parameters()}
        if kind == "tied":
            # bfloat16 and old names, like most released checkpoints; no lm_head
            tensors = {released_name(n): w.to(torch.bfloat16).contiguous() for n, w in weights.items()}
            write_indented(folder / "config.json", flat_config())
        else:
            # bfloat16, as Qwen3-VL is published
            tensors = {n: (w.to(torch.bfloat16) if kind == "qwen3" else w).contiguous() for n, w in weights.items()}
            config.save_pretrained(folder)
        save(folder / "model.safetensors", tensors, {"format": "pt"})
        write_indented(
            folder / "generation_config.json", {"eos_token_id": [TOKENS["eos"]], "pad_token_id": 0, "do_sample": False}
        )


def load(kind):
    model, info = MODELS["qwen3_vl" if kind == "qwen3" else "qwen2_5_vl"].from_pretrained(
        OUT / f"tiny-{kind}", dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert model.dtype == torch.float32 and not any(info.values()), info
    return model.eval()


def published():
    """The sizes of published models, as their config.json has them."""

    def old(vision, **text):
        return dict(
            model_type="qwen2_5_vl",
            rms_norm_eps=1e-6,
            rope_theta=1e6,
            rope_scaling={"type": "mrope", "mrope_section": [16, 24, 24]},
            **text,
            vision_config=dict(
                depth=32,
                hidden_act="silu",
                hidden_size=1280,
                intermediate_size=3420,
                num_heads=16,
                in_chans=3,
                patch_size=14,
                spatial_merge_size=2,
                window_size=112,
                fullatt_block_indexes=[7, 15, 23, 31],
                tokens_per_second=2,
                temporal_patch_size=2,
                **vision,
            ),
        )

    def new(vision, tied, **text):
        return {
            "model_type": "qwen3_vl",
            "tie_word_embeddings": tied,
            "text_config": dict(
                vocab_size=151936,
                head_dim=128,
                num_key_value_heads=8,
                rope_theta=5000000,
                tie_word_embeddings=tied,
                rope_scaling={"rope_type": "default", "mrope_interleaved": True, "mrope_section": [24, 20, 20]},
                **text,
            ),
            "vision_config": dict(num_heads=16, patch_size=16, num_position_embeddings=2304, **vision),
        }

    small = {"depth": 24, "hidden_size": 1024, "intermediate_size": 4096, "deepstack_visual_indexes": [5, 11, 17]}
    large = {"depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "deepstack_visual_indexes": [8, 16, 24]}
    return {
        "Qwen2.5-VL-3B": old(
            {"out_hidden_size": 2048},
            hidden_size=2048,
            intermediate_size=11008,
            num_hidden_layers=36,
            num_attention_heads=16,
            num_key_value_heads=2,
            vocab_size=151936,
            tie_word_embeddings=True,
        ),
        "Qwen2.5-VL-7B": old(
            {"out_hidden_size": 3584},
            hidden_size=3584,
            intermediate_size=18944,
            num_hidden_layers=28,
            num_attention_heads=28,
            num_key_value_heads=4,
            vocab_size=152064,
            tie_word_embeddings=False,
        ),
        "Qwen3-VL-2B": new(
            dict(small, out_hidden_size=2048),
            True,
            hidden_size=2048,
            intermediate_size=6144,
            num_hidden_layers=28,
            num_attention_heads=16,
        ),
        "Qwen3-VL-4B": new(
            dict(small, out_hidden_size=2560),
            True,
            hidden_size=2560,
            intermediate_size=9728,
            num_hidden_layers=36,
            num_attention_heads=32,
        ),
        "Qwen3-VL-8B": new(
            dict(large, out_hidden_size=4096),
            False,
            hidden_size=4096,
            intermediate_size=12288,
            num_hidden_layers=36,
            num_attention_heads=32,
        ),
    }


def make_shapes():
    """Names and shapes of all parameters of published models, from models without weights."""
    cases = []
    for name, config in published().items():
        kind = MODELS[config["model_type"]]
        with torch.device("meta"):
            model = kind(kind.config_class.from_dict(json.loads(json.dumps(config))))
        shapes = {released_name(n): list(p.shape) for n, p in model.named_parameters()}
        lines = "".join(f"{n}{shape}\n".replace(" ", "") for n, shape in sorted(shapes.items()))
        cases.append(
            {
                "name": name,
                "config": config,
                "tensors": len(shapes),
                "parameters": sum(int(np.prod(s)) for s in shapes.values()),
                "sha256": hashlib.sha256(lines.encode()).hexdigest(),
            }
        )
        print(name, cases[-1]["tensors"], cases[-1]["parameters"])
    write_compact(OUT / "shapes.json", cases)


# ------------------------------------------------------------------ inputs


def text(rng, n):
    return rng.integers(2, 280, n).tolist()


def image(grid, merge=2, end=True):
    n = grid[0] * (grid[1] // merge) * (grid[2] // merge)
    return [TOKENS["vision_start"]] + [TOKENS["image"]] * n + ([TOKENS["vision_end"]] if end else [])


def pad(rows, side="left"):
    width = max(map(len, rows))
    ids, mask = [], []
    for r in rows:
        fill = width - len(r)
        ids.append([0] * fill + r if side == "left" else r + [0] * fill)
        mask.append([0] * fill + [1] * len(r) if side == "left" else [1] * len(r) + [0] * fill)
    return ids, mask


def rope_cases(model, rng):
    def t(n):
        return text(rng, n)

    layouts = {
        "text only, no mask": ([t(6)], [], None),
        "text only, left padded": ([t(6), t(3)], [], "left"),
        "text only, right padded": ([t(2), t(5)], [], "right"),
        "one square image": ([t(2) + image((1, 4, 4)) + t(3)], [(1, 4, 4)], None),
        "image first": ([image((1, 6, 4)) + t(4)], [(1, 6, 4)], None),
        "image last": ([t(3) + image((1, 2, 10), end=False)], [(1, 2, 10)], None),
        "one token image without an end marker": ([t(2) + image((1, 2, 2), end=False) + t(2)], [(1, 2, 2)], None),
        "two odd images": (
            [t(1) + image((1, 6, 10)) + t(2) + image((1, 10, 2)) + t(1)],
            [(1, 6, 10), (1, 10, 2)],
            None,
        ),
        "three adjacent images": (
            [image((1, 2, 6)) + image((1, 6, 2)) + image((1, 4, 6)) + t(2)],
            [(1, 2, 6), (1, 6, 2), (1, 4, 6)],
            None,
        ),
        "batch with 0 to 3 images, left padded": (
            [
                t(4),
                t(2) + image((1, 4, 6)) + t(1),
                t(1) + image((1, 2, 2)) + t(1) + image((1, 6, 6)) + image((1, 2, 4)) + t(3),
            ],
            [(1, 4, 6), (1, 2, 2), (1, 6, 6), (1, 2, 4)],
            "left",
        ),
        "batch, right padded": (
            [t(2) + image((1, 6, 4)) + t(1), image((1, 2, 14)) + t(5), t(3)],
            [(1, 6, 4), (1, 2, 14)],
            "right",
        ),
        "batch without mask": (
            [t(2) + image((1, 4, 4)) + t(2), t(1) + image((1, 2, 8)) + t(3)],
            [(1, 4, 4), (1, 2, 8)],
            None,
        ),
        "text after a wide image": ([t(1) + image((1, 2, 30)) + t(4)], [(1, 2, 30)], None),
        "stray image token in the text": (
            [t(2) + image((1, 4, 2)) + t(1) + [TOKENS["image"]] + t(2)],
            [(1, 4, 2)],
            None,
        ),
        "latent slots after the image": (
            [t(2) + image((1, 4, 4)) + [TOKENS["lvr_start"]] + [TOKENS["lvr_sep"]] * 4 + [TOKENS["lvr_end"]] + t(2)],
            [(1, 4, 4)],
            None,
        ),
        "images of different rows, heavy left padding": (
            [image((1, 2, 2), end=False) * 3 + t(2), t(9) + image((1, 8, 6)) + t(9)],
            [(1, 2, 2)] * 3 + [(1, 8, 6)],
            "left",
        ),
        "two temporal steps": ([t(2) + image((2, 4, 6)) + t(2)], [(2, 4, 6)], None),
    }
    cases = []
    for name, (rows, grids, side) in layouts.items():
        ids, mask = pad(rows, side) if side else (rows, None)
        assert len({len(r) for r in ids}) == 1, name
        positions, deltas = model.get_rope_index(
            torch.tensor(ids),
            torch.tensor(grids) if grids else None,
            attention_mask=torch.tensor(mask) if mask else None,
        )
        cases.append(
            {
                "name": name,
                "ids": ids,
                "mask": mask,
                "grids": grids,
                "positions": positions.tolist(),
                "deltas": deltas.flatten().tolist(),
            }
        )
    return cases


def make_rope():
    rng = np.random.default_rng(2)
    cases = rope_cases(Qwen2_5_VLModel(nested_config()).eval(), rng)
    tables = []
    for theta, dim, section in ((1e6, 16, [2, 3, 3]), (100.0, 8, [2, 1, 1]), (1e6, 128, [16, 24, 24])):
        positions = np.stack([rng.integers(0, 5000 if dim == 128 else 300, 6) for _ in range(3)]).tolist()
        inv = 1.0 / (theta ** (torch.arange(0, dim, 2, dtype=torch.int64).float() / dim))
        p = torch.tensor(positions).float()  # [3, n]
        freqs = p[:, :, None] * inv
        emb = torch.cat((freqs, freqs), -1)

        def mix(x):
            return torch.cat([m[i % 3] for i, m in enumerate(x.split(section * 2, dim=-1))], dim=-1)

        tables.append(
            {
                "theta": theta,
                "headDim": dim,
                "section": section,
                "positions": positions,
                "cos": mix(emb.cos()).tolist(),
                "sin": mix(emb.sin()).tolist(),
            }
        )
    tokens = {k: TOKENS[k] for k in ("image", "video", "vision_start")}
    write_compact(
        OUT / "rope.json", {"tokens": tokens, "mergeSize": 2, "tokensPerSecond": 2, "cases": cases, "tables": tables}
    )


def make_rope3():
    """Qwen3-VL: positions, interleaved rotary tables, and where patches lie in the table of learned positions."""
    rng = np.random.default_rng(2)
    model = Qwen3VLModel(qwen3_config()).eval()
    cases = rope_cases(model, rng)
    tables = []
    for theta, dim, section in ((5e6, 16, [4, 2, 2]), (5e6, 16, [2, 3, 3]), (5e6, 128, [24, 20, 20])):
        config = qwen3_config().text_config
        config.rope_theta, config.head_dim, config.rope_scaling["mrope_section"] = theta, dim, section
        positions = np.stack([rng.integers(0, 5000 if dim == 128 else 300, 6) for _ in range(3)]).tolist()
        cos, sin = Qwen3VLTextRotaryEmbedding(config)(torch.zeros(1), torch.tensor(positions)[:, None])
        tables.append(
            {
                "theta": theta,
                "headDim": dim,
                "section": section,
                "positions": positions,
                "cos": cos[0].tolist(),
                "sin": sin[0].tolist(),
            }
        )
    learned = []
    visual = model.visual
    for side, merge, grid in (
        (48, 2, (1, 8, 10)),
        (5, 2, (1, 6, 4)),
        (5, 2, (1, 2, 14)),
        (4, 1, (1, 3, 1)),
        (48, 2, (1, 12, 6)),
        (3, 2, (2, 4, 4)),
        (48, 2, (1, 48, 2)),
    ):
        # the table says where it stands, so that the interpolated rows are coordinates
        y, x = torch.meshgrid(torch.arange(side).float(), torch.arange(side).float(), indexing="ij")
        visual.num_grid_per_side, visual.config.spatial_merge_size = side, merge
        visual.pos_embed.weight = torch.nn.Parameter(torch.stack([y, x, y * x / side], -1).reshape(side * side, 3))
        found = visual.fast_pos_embed_interpolate(torch.tensor([grid])).detach()
        learned.append(
            {"side": side, "mergeSize": merge, "grid": grid, "places": [round(v, 5) for v in found.flatten().tolist()]}
        )
    write_compact(OUT / "rope-qwen3.json", {"cases": cases, "tables": tables, "learned": learned})


def make_layout():
    """Window order, attention segments and 2-D rotary angles of the vision tower."""
    cases, tensors = [], {}
    for patch, window, merge, head, grids in (
        (14, 112, 2, 80, [(1, 16, 16)]),
        (14, 112, 2, 16, [(1, 18, 10)]),
        (14, 112, 2, 16, [(1, 8, 8), (1, 2, 2), (1, 6, 20)]),
        (14, 56, 2, 16, [(1, 6, 6), (1, 4, 6), (1, 2, 2)]),
        (6, 36, 2, 8, [(1, 10, 14), (1, 4, 4), (1, 6, 2)]),
        (6, 12, 2, 8, [(1, 2, 2), (1, 4, 2)]),
        (14, 112, 2, 16, [(2, 6, 10), (1, 4, 4)]),
        (8, 64, 1, 16, [(1, 3, 5), (1, 9, 8)]),
    ):
        config = nested_config()
        v = config.vision_config
        v.patch_size, v.window_size, v.spatial_merge_size, v.num_heads, v.hidden_size = patch, window, merge, 1, head
        tower = Qwen2_5_VLModel(config).visual
        thw = torch.tensor(grids)
        index, cu_window = tower.get_window_index(thw)
        cu_window = torch.unique_consecutive(torch.tensor(cu_window))
        cu = torch.cat(
            [torch.zeros(1, dtype=torch.long), torch.repeat_interleave(thw[:, 1] * thw[:, 2], thw[:, 0]).cumsum(0)]
        )
        angles = tower.rot_pos_emb(thw)
        unit = merge * merge
        ordered = angles.reshape(angles.shape[0] // unit, unit, -1)[index].reshape(angles.shape[0], -1)
        emb = torch.cat((ordered, ordered), -1)
        case = {
            "patchSize": patch,
            "windowSize": window,
            "mergeSize": merge,
            "headDim": head,
            "grids": grids,
            "windowIndex": index.tolist(),
            "windowSegments": cu_window.tolist(),
            "imageSegments": cu.tolist(),
            "reverse": torch.argsort(index).tolist(),
        }
        if angles.numel() < 1500:
            tensors[f"cos.{len(cases)}"], tensors[f"sin.{len(cases)}"] = emb.cos(), emb.sin()
        cases.append(case)
    save(OUT / "layout.safetensors", tensors)
    write_compact(OUT / "layout.json", cases)


# ------------------------------------------------------------------ pixels


def picture(kind, width, height, seed):
    """Integer formulas, repeated in src/qwen/processor/image-processor.test.ts, so that no picture has to be stored."""
    y, x, c = np.meshgrid(
        np.arange(height, dtype=np.int64), np.arange(width, dtype=np.int64), np.arange(3), indexing="ij"
    )
    if kind == "noise":
        v = (
            (x * x * 3 + y * y * 5 + x * y * 7 + x * 31 + y * 17 + c * 67 + seed * 13)
            * 2654435761
            % 4294967296
            // 65536
            % 256
        )
    elif kind == "ramp":
        v = (x * 255 // max(1, width - 1) * (c + 1) + y * 255 // max(1, height - 1) * (3 - c) + seed) // 4 % 256
    else:  # "tiles": flat cells with hard edges, like a rendered panel
        v = np.where(
            (x // 8 + y // 8 * 2 + seed) % 3 == 0, 255 - c * 60, np.where((x // 8 * y // 8) % 2 == 0, 20 + c * 90, 250)
        )
    return v.astype(np.uint8)


def make_pixels():
    resize_cases, patch_cases, tensors = [], [], {}
    for i, (kind, w, h, tw, th) in enumerate(
        [
            ("tiles", 96, 96, 12, 12),
            ("noise", 96, 96, 12, 12),
            ("noise", 40, 30, 56, 42),
            ("ramp", 17, 23, 64, 12),
            ("noise", 100, 75, 98, 70),
            ("tiles", 200, 61, 56, 28),
            ("noise", 5, 3, 28, 28),
            ("noise", 1, 1, 8, 8),
            ("noise", 64, 64, 64, 16),
            ("noise", 64, 48, 16, 48),
            ("ramp", 333, 7, 28, 28),
            ("noise", 28, 28, 84, 56),
            ("noise", 2, 200, 12, 36),
            ("noise", 150, 100, 7, 5),
            ("tiles", 96, 96, 24, 24),
            ("ramp", 31, 37, 32, 36),
        ]
    ):
        source = picture(kind, w, h, i)
        cubic = {"resample": Image.Resampling.BICUBIC}
        got = np.array(Image.fromarray(source).resize((tw, th), **cubic))
        # Pillow <= 12 always resampled the horizontal axis first (checked with 12.0.0); 13 does not
        across_first = np.array(Image.fromarray(source).resize((tw, h), **cubic).resize((tw, th), **cubic))
        tensors[f"resize.{i}"] = torch.from_numpy(got)
        resize_cases.append(
            {
                "kind": kind,
                "width": w,
                "height": h,
                "seed": i,
                "toWidth": tw,
                "toHeight": th,
                "sha256": hashlib.sha256(got.tobytes()).hexdigest(),
                "sha256_pillow12": hashlib.sha256(across_first.tobytes()).hexdigest(),
            }
        )
    default = {"patch_size": 14, "merge_size": 2, "temporal_patch_size": 2, "min_pixels": 3136, "max_pixels": 12845056}
    pocket = {"patch_size": 6, "merge_size": 2, "temporal_patch_size": 2, "min_pixels": 144, "max_pixels": 144}
    half = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    qwen3 = dict(patch_size=16, merge_size=2, temporal_patch_size=2, min_pixels=1024, max_pixels=16777216, **half)
    for i, (kind, w, h, config) in enumerate(
        [
            ("noise", 56, 56, default),
            ("noise", 84, 56, default),
            ("tiles", 28, 112, default),
            ("noise", 12, 12, pocket),
            ("noise", 24, 12, {**pocket, "max_pixels": 1000, **half}),
            ("noise", 12, 24, {**pocket, "max_pixels": 1000, "temporal_patch_size": 1}),
            ("noise", 18, 12, {**pocket, "max_pixels": 1000, "merge_size": 1}),
            # with resize
            ("tiles", 96, 96, pocket),
            ("noise", 96, 96, pocket),
            ("noise", 70, 50, default),
            ("ramp", 300, 200, {**default, "max_pixels": 28 * 28 * 20}),
            ("noise", 20, 30, default),
            ("noise", 41, 97, {**default, "min_pixels": 100000}),
            ("tiles", 96, 96, {**pocket, "min_pixels": 576, "max_pixels": 576}),
            # Qwen3-VL: patches of 16, cells of 32; without resize, then with
            ("noise", 64, 96, qwen3),
            ("tiles", 32, 32, qwen3),
            ("noise", 100, 75, qwen3),
            ("ramp", 300, 200, {**qwen3, "max_pixels": 32 * 32 * 20}),
            ("noise", 20, 30, {**qwen3, "min_pixels": 65536}),
        ]
    ):
        processor = Qwen2VLImageProcessor(**config)
        out = processor(images=Image.fromarray(picture(kind, w, h, i)), return_tensors="np")
        patches = out["pixel_values"].astype(np.float32)
        assert out["pixel_values"].dtype == np.float32
        case = {
            "kind": kind,
            "width": w,
            "height": h,
            "seed": i,
            "config": processor.to_dict(),
            "grid": out["image_grid_thw"][0].tolist(),
            "shape": list(patches.shape),
            "sha256": hashlib.sha256(patches.tobytes()).hexdigest(),
        }
        if patches.size <= 1000:
            tensors[f"patches.{i}"] = torch.from_numpy(patches)
        patch_cases.append(case)
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize

    smart = []
    for h, w, factor, low, high in [
        (70, 98, 28, 3136, 12845056),
        (42, 42, 28, 3136, 12845056),
        (14, 14, 28, 3136, 12845056),
        (126, 210, 28, 3136, 12845056),
        (4000, 6000, 28, 200704, 2744000),
        (100, 19999, 28, 3136, 12845056),
        (1, 199, 28, 3136, 12845056),
        (30, 18, 12, 144, 144),
        (96, 96, 12, 144, 144),
        (96, 96, 12, 576, 576),
        (1080, 1920, 28, 200704, 1003520),
        (27, 5000, 28, 3136, 50176),
        (7, 9, 28, 3136, 12845056),
        (350, 294, 28, 3136, 12845056),
    ]:
        smart.append(
            {
                "height": h,
                "width": w,
                "factor": factor,
                "min": low,
                "max": high,
                "result": list(smart_resize(h, w, factor, low, high)),
            }
        )
    save(OUT / "pixels.safetensors", tensors)
    write_compact(
        OUT / "pixels.json",
        {"pillow": PIL.__version__, "resize": resize_cases, "patches": patch_cases, "smartResize": smart},
    )


# ------------------------------------------------------------------ forward

GRIDS = {
    "tied": [(1, 6, 6), (1, 4, 6), (1, 2, 2)],
    "untied": [(1, 6, 10), (1, 4, 4), (1, 8, 2)],
    "qwen3": [(1, 4, 6), (1, 6, 4), (1, 2, 8)],
}


def patches_i8(rng, grids, config):
    v = config.vision_config
    n = sum(t * h * w for t, h, w in grids)
    return rng.integers(-64, 65, (n, v.in_channels * v.temporal_patch_size * v.patch_size**2)).astype(np.int8)


def rows_of(rng, grids):
    a = text(rng, 3) + image(grids[0]) + text(rng, 4)
    b = text(rng, 2) + image(grids[1]) + text(rng, 1) + image(grids[2], end=False) + text(rng, 3)
    b += [TOKENS["lvr_start"], TOKENS["lvr_sep"], TOKENS["lvr_end"]] + text(rng, 2)
    return [a, b, text(rng, 7)]


@torch.no_grad()
def make_forward():
    for kind in GRIDS:
        model = load(kind)
        rng = np.random.default_rng(3)
        grids = GRIDS[kind]
        raw = patches_i8(rng, grids, model.config)
        pixels = torch.from_numpy(raw).float() / 32
        thw = torch.tensor(grids)
        ids, mask = pad(rows_of(rng, grids))
        ids_t, mask_t = torch.tensor(ids), torch.tensor(mask)
        tensors = {"pixels_i8": torch.from_numpy(raw)}

        visual = model.model.visual
        seen = {}
        hooks = [visual.patch_embed.register_forward_hook(lambda m, i, o: seen.__setitem__("vision.patch_embed", o))]
        for n, block in enumerate(visual.blocks):
            hooks.append(block.register_forward_hook(lambda m, i, o, n=n: seen.__setitem__(f"vision.block.{n}", o)))
        features = visual(pixels, grid_thw=thw)
        [h.remove() for h in hooks]
        if kind == "qwen3":
            features, deep = features
            tensors |= {f"vision.deep.{n}": d for n, d in enumerate(deep)}
        tensors |= seen
        tensors["vision.features"] = features

        grabbed = {}
        hook = model.model.language_model.rotary_emb.register_forward_hook(
            lambda m, i, o: grabbed.update(cos=o[0], sin=o[1])
        )
        normed = model.model.language_model.norm.register_forward_hook(lambda m, i, o: grabbed.update(normed=o))
        out = model(
            input_ids=ids_t,
            attention_mask=mask_t,
            pixel_values=pixels,
            image_grid_thw=thw,
            output_hidden_states=True,
            use_cache=False,
        )
        hook.remove()
        normed.remove()
        positions, deltas = model.model.get_rope_index(ids_t, thw, attention_mask=mask_t)
        # of Qwen3-VL transformers 4.57.1 leaves the last state as it is before the norm
        states = [*out.hidden_states[:-1], grabbed["normed"]]
        for n, h in enumerate(states):
            tensors[f"hidden.{n}"] = h
        tensors["logits"] = out.logits[:, -8:]
        greedy = []
        at = 0
        unpadded = [[t for t, m in zip(r, mm, strict=False) if m] for r, mm in zip(ids, mask, strict=False)]
        for row, n_images in zip(unpadded, (1, 2, 0), strict=False):
            part = grids[at : at + n_images]
            first = sum(t * h * w for t, h, w in grids[:at])
            count = sum(t * h * w for t, h, w in part)
            at += n_images
            extra = (
                {"pixel_values": pixels[first : first + count], "image_grid_thw": torch.tensor(part)} if part else {}
            )
            g = model.generate(
                input_ids=torch.tensor([row]),
                attention_mask=torch.ones(1, len(row), dtype=torch.long),
                **extra,
                do_sample=False,
                max_new_tokens=6,
                eos_token_id=None,
                pad_token_id=0,
                return_dict_in_generate=True,
                output_logits=True,
            )
            tensors[f"greedy.{len(greedy)}.logits"] = torch.cat(g.logits)
            top = torch.cat(g.logits).topk(2).values
            assert (top[:, 0] - top[:, 1]).min() > 1e-2, "a near tie would make the golden fragile"
            greedy.append(g.sequences[0, len(row) :].tolist())
            assert not {TOKENS["image"], TOKENS["video"], TOKENS["vision_start"]} & set(greedy[-1]), (
                "a reply with an image in it"
            )
        save(OUT / f"forward-{kind}.safetensors", tensors)
        write_compact(
            OUT / f"forward-{kind}.json",
            {
                "model": f"tiny-{kind}",
                "grids": grids,
                "ids": ids,
                "mask": mask,
                "positions": positions.tolist(),
                "deltas": deltas.flatten().tolist(),
                "pixelScale": 1 / 32,
                "imagesOfRow": [1, 2, 0],
                "greedy": greedy,
            },
        )


# ------------------------------------------------------------------ one training step


def make_train():
    for kind in ("tied", "untied", "qwen3"):
        model = load(kind)
        config = model.config
        rng = np.random.default_rng(4)
        width = config.text_config.hidden_size
        grids = [(1, 4, 4), (1, 2, 6), (1, 2, 2)]

        def block(k):
            return [TOKENS["lvr_start"]] + [TOKENS["lvr_sep"]] * k + [TOKENS["lvr_end"]]

        ids, mask = pad(
            [
                text(rng, 3) + image(grids[0]) + text(rng, 2) + block(2) + text(rng, 3),
                text(rng, 1) + image(grids[1]) + image(grids[2], end=False) + text(rng, 3) + block(1) + text(rng, 2),
            ]
        )
        raw = patches_i8(rng, grids, config)
        thw = torch.tensor(grids)
        with torch.no_grad():
            features = model.model.visual(torch.from_numpy(raw).float() / 32, grid_thw=thw)
        features, deep = features if kind == "qwen3" else (features, [])
        ids_t, mask_t = torch.tensor(ids), torch.tensor(mask)
        positions, _ = model.model.get_rope_index(ids_t, thw, attention_mask=mask_t)
        g = torch.Generator().manual_seed(5)
        slots = [[r, p] for r, row in enumerate(ids) for p, t in enumerate(row) if t == TOKENS["lvr_sep"]]
        latents = torch.randn(len(slots), width, generator=g)
        # shifted alignment: the position before a slot predicts what stands in the slot
        hidden_at = [[r, p - 1] for r, p in slots]
        targets = latents + 0.1 * torch.randn(len(slots), width, generator=g)
        labels = []
        for r, row in enumerate(ids):
            end = row.index(TOKENS["lvr_end"])
            # every token after the block, END itself, and START: logits at p predict row[p + 1]
            for p in [row.index(TOKENS["lvr_start"]) - 1, end - 1, *range(end, len(row) - 1)]:
                labels.append([r, p, row[p + 1]])

        for p in model.model.visual.parameters():
            p.requires_grad_(False)
        embeds = model.get_input_embeddings()(ids_t)
        where_image = ids_t == TOKENS["image"]
        embeds = embeds.masked_scatter(where_image.unsqueeze(-1).expand_as(embeds), features)
        rows, cols = torch.tensor(slots).T
        embeds = embeds.index_put((rows, cols), latents)
        more = {"visual_pos_masks": where_image, "deepstack_visual_embeds": deep} if deep else {}
        out = model.model.language_model(
            inputs_embeds=embeds, attention_mask=mask_t, position_ids=positions, use_cache=False, **more
        )
        hidden = out.last_hidden_state
        lr_, lc, lt = torch.tensor(labels).T
        logits = model.lm_head(hidden[lr_, lc])
        ce = torch.nn.functional.cross_entropy(logits, lt)
        hr, hc = torch.tensor(hidden_at).T
        mse = torch.nn.functional.mse_loss(hidden[hr, hc], targets)
        loss = ce + 0.1 * mse
        loss.backward()
        tensors = {
            "image_features": features,
            "latents": latents,
            "hidden_targets": targets,
            "label_logits": logits,
            "hidden": hidden,
        } | {f"image_deep.{n}": d for n, d in enumerate(deep)}
        for name, p in model.named_parameters():
            if p.requires_grad:
                assert p.grad is not None, name
                tensors[f"grad.{released_name(name)}"] = p.grad
        save(OUT / f"train-{kind}.safetensors", tensors)
        write_compact(
            OUT / f"train-{kind}.json",
            {
                "model": f"tiny-{kind}",
                "grids": grids,
                "ids": ids,
                "mask": mask,
                "positions": positions.tolist(),
                "imageAt": where_image.nonzero().tolist(),
                "latentAt": slots,
                "hiddenAt": hidden_at,
                "labels": labels,
                "gamma": 0.1,
                "loss": loss.item(),
                "crossEntropy": ce.item(),
                "mse": mse.item(),
            },
        )


PARTS = {
    "models": make_models,
    "shapes": make_shapes,
    "rope": make_rope,
    "rope3": make_rope3,
    "layout": make_layout,
    "pixels": make_pixels,
    "forward": make_forward,
    "train": make_train,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
    write_indented(
        OUT / "README.json",
        {
            "made_by": "python/lintel_reference/goldens/qwen.py",
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "numpy": np.__version__,
            "pillow": PIL.__version__,
            "safetensors": safetensors.__version__,
            "python": sys.version.split()[0],
        },
    )
