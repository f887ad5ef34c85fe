"""LaViT: `generate` of its model class, over prompts that end with its tokens and over prompts without them."""

import torch
from modeling_lavit import LaViTConfig, LaViTQwen2VL

from lintel_reference.goldens.families import tiny
from lintel_reference.goldens.families.loops.covt import WEIGHTS, parts  # noqa: F401

FAMILY = "lavit"
REPOSITORY, COMMIT = "Svardfox/LaViT", "26bf182"
EXECUTED = ["training/src/modeling_lavit.py LaViTQwen2VL.generate, LaViTQwen2VL.forward, LaViTConfig"]
PATCHED = [
    "tokens at the end of a prompt are given in input_ids: `--force_lvr` of its evaluation assigns attributes of the "
    "processor's output, which `**inputs` does not pass on"
]
STATIC = [37, 240, 160, 71]
TOKENS = {f"<lvr{i + 1}>": id for i, id in enumerate(STATIC)}


def config():
    return tiny.flat_config(v_top_dim=8, use_trajectory_supervision=True, training_stage=0)


def load(directory):
    return LaViTQwen2VL.from_pretrained(
        directory, config=LaViTConfig.from_pretrained(directory), dtype=torch.float32, attn_implementation="eager"
    ).eval()


def generate(model, given, steps, **options):
    return model.generate(**given, max_new_tokens=steps, do_sample=False, **options)


def plain(got):
    return len(got.ids) == 64 and not any(id in STATIC for id in got.ids)


CASES = [
    {"name": "learned tokens", "tail": STATIC, "wanted": lambda got, ended: plain(got)},
    {"name": "image", "image": True, "tail": STATIC, "wanted": lambda got, ended: plain(got)},
    {
        "name": "repetition penalty",
        "tail": STATIC,
        "options": {"repetition_penalty": 1.05},
        "wanted": lambda got, ended: len(got.ids) == 64,
    },
    {
        "name": "learned tokens in the text",
        "tail": STATIC,
        "wanted": lambda got, ended: len(got.ids) == 64 and any(id in STATIC for id in got.ids),
    },
]
