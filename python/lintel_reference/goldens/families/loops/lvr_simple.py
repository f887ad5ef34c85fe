"""LVR with its simple head."""

import torch
from safetensors.torch import save_file

from lintel_reference.goldens.families.loops import lvr
from lintel_reference.goldens.families.loops.lvr import (  # noqa: F401
    COMMIT,
    FAMILY,
    REPOSITORY,
    TOKENS,
    WEIGHTS,
    closed,
    generate,
    parts,
)
from lintel_reference.goldens.families.loops.lvr import PATCHED as NO_HEAD

HEAD = "simple"
EXECUTED = [
    "src/model/qwen_lvr_model.py QwenWithLVR.generate",
    "src/model/lvr_heads.py",
    "src/train/monkey_patch_forward_lvr.py qwen2_5_mixed_modality_forward_lvr_with_head_inference",
]
PATCHED = [
    *NO_HEAD,
    "the vision tower answers the blank picture (patches of 14) that the forward makes with zeros: it is multiplied by 0",
]


def config():
    return lvr.config(lvr_head=True, lvr_head_type=HEAD)


def head_of(kind):
    from src.model.lvr_heads import LVRHead, LVRHeadGLU

    return LVRHead(32) if kind == "simple" else LVRHeadGLU(32, 48, "silu")


def more_weights(folder):
    head = head_of(HEAD)
    g = torch.Generator().manual_seed(21)
    tensors = {}
    for name, p in head.named_parameters():
        noise = torch.randn(p.shape, generator=g)
        wide = noise * 1.5 / p.shape[-1] ** 0.5 if p.ndim == 2 else 0.2 * noise
        tensors[f"lvr_head.{name}"] = (1 + wide if name == "ln_q.weight" else wide).to(torch.bfloat16)
    save_file(tensors, folder / "head.safetensors", metadata={"format": "pt"})
    (folder / "head.safetensors").chmod(0o644)
    return ["head.safetensors"]


def load(directory):
    model = lvr.load(directory)
    tower = model.model.visual
    forward = tower.forward

    def answer(pixels, grid_thw, **rest):
        if pixels.shape == (784, 1176):
            return torch.zeros(1, 32)
        return forward(pixels, grid_thw=grid_thw, **rest)

    tower.forward = answer
    return model


CASES = [
    dict(name="steps 4", **lvr.steps(4), wanted=lambda got, ended: len(ended) >= 2 and closed(ended)),
    dict(name="steps image", image=True, **lvr.steps(4), wanted=lambda got, ended: closed(ended)),
]
