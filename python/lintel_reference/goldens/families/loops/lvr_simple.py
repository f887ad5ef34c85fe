"""LVR with its simple head."""

from lintel_reference.goldens.families import tiny
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
    return tiny.write_head(head_of(HEAD), "lvr_head", folder)


def load(directory):
    return tiny.answering_blank_pictures(lvr.load(directory))


CASES = [
    dict(name="steps 4", **lvr.steps(4), wanted=lambda got, ended: len(ended) >= 2 and closed(ended)),
    dict(name="steps image", image=True, **lvr.steps(4), wanted=lambda got, ended: closed(ended)),
]
