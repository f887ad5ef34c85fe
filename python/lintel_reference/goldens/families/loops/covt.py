"""CoVT: transformers' own `generate`, as its demo uses it; the tokens of a block are ordinary ones."""

import torch
from transformers import Qwen2_5_VLForConditionalGeneration

from lintel_reference.goldens.families import tiny

FAMILY, WEIGHTS = "covt", "qwen2_5-vl"
REPOSITORY, COMMIT = "Wakals/CoVT", "80a28bf"
EXECUTED = ["transformers' Qwen2_5_VLForConditionalGeneration.generate, which gradio/gradio_demo.py loads unchanged"]
PATCHED: list[str] = []
# Ids that this random model writes after START, so that blocks have static tokens in them.
STATIC = [37, 240, 160, 71]
TOKENS = {
    "<|anchor_start|>": tiny.START,
    "<|anchor_end|>": tiny.END,
    **dict(zip(["<|sam_pad|>", "<|dino_pad|>", "<|depth_pad|>", "<|pidinet_pad|>"], STATIC, strict=False)),
}


def config():
    return tiny.flat_config()


def load(directory):
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps):
    return model.generate(**given, max_new_tokens=steps, do_sample=False)


def anchored(got):
    """START, then static tokens."""
    ids = got.ids
    return any(a == tiny.START and b in STATIC for a, b in zip(ids, ids[1:], strict=False))


CASES = [
    {"name": "anchors", "wanted": lambda got, ended: anchored(got)},
    {"name": "image", "image": True, "wanted": lambda got, ended: anchored(got)},
]
