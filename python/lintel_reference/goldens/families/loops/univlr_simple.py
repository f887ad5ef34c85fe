"""UniVLR with its simple head."""

from lintel_reference.goldens.families import tiny
from lintel_reference.goldens.families.loops import univlr
from lintel_reference.goldens.families.loops.univlr import (  # noqa: F401
    COMMIT,
    FAMILY,
    REPOSITORY,
    TOKENS,
    WEIGHTS,
    closed,
    generate,
    parts,
)
from lintel_reference.goldens.families.loops.univlr import PATCHED as NO_HEAD

HEAD = "simple"
EXECUTED = [
    "src/model/qwen_univlr_model.py QwenWithUniVLR.generate",
    "src/model/univlr_heads.py",
    "src/train/monkey_patch_forward_univlr_inference.py qwen2_5_mixed_modality_forward_univlr_with_head_inference",
]
PATCHED = [
    *NO_HEAD,
    "the vision tower answers the blank picture (patches of 14) that the forward makes with zeros: it is multiplied by 0",
]


def config():
    return univlr.config(univlr_head=True, univlr_head_type=HEAD, univlr_vae_prior_type="standard")


def head_of(kind):
    from src.model.univlr_heads import UniVLRHead, UniVLRHeadGLU, UniVLRHeadVAE

    return {
        "simple": lambda: UniVLRHead(32),
        "glu": lambda: UniVLRHeadGLU(32, 48, "silu"),
        "vae": lambda: UniVLRHeadVAE(32),
    }[kind]()


def more_weights(folder):
    norms = ("ln_q.weight", "input_ln.weight", "hidden_ln.weight")
    return tiny.write_head(head_of(HEAD), "univlr_head", folder, norms)


def load(directory):
    return tiny.answering_blank_pictures(univlr.load(directory))


def few(ended):
    return 0 < len(ended) <= 2 and closed(ended)


CASES = [
    dict(name="steps 4", **univlr.steps(4), wanted=lambda got, ended: few(ended)),
    dict(name="image", image=True, **univlr.steps(4), wanted=lambda got, ended: few(ended)),
]
