"""SkiLa: `SkiLa._sample` over its own forward."""

import torch
from src.model.skila import SkiLa
from src.train.monkey_patch_forward_skila import replace_qwen2_5_with_skila_forward

import tiny

FAMILY, WEIGHTS = "skila", "qwen2_5-vl"
REPOSITORY, COMMIT = "TungChintao/SkiLa", "98f5563"
EXECUTED = ["src/model/skila.py SkiLa._sample", "src/train/monkey_patch_forward_skila.py qwen2_5_skila_forward"]
PATCHED = []
TOKENS = {"<|skila|>": tiny.PAD, "<|sketch_start|>": tiny.START, "<|sketch_end|>": tiny.END}
QUOTA = 6


def config():
    return tiny.flat_config(
        skila_id=tiny.PAD, sketch_start_id=tiny.START, sketch_end_id=tiny.END, sketch_token_num=QUOTA // 2,
        compress_strategy="average",
    )


def load(directory):
    replace_qwen2_5_with_skila_forward()
    return SkiLa.from_pretrained(directory, torch_dtype=torch.float32, attn_implementation="eager").eval()


def parts(model):
    return model.model, model.lm_head


def generate(model, given, steps, **options):
    return model.generate(**given, max_new_tokens=steps, do_sample=False, **options)


CASES = [
    dict(name="sampled end", wanted=lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < QUOTA),
    dict(name="forced ends", wanted=lambda got, ended: len(ended) >= 2 and set(ended) == {"forced"}),
    dict(name="blocks", wanted=lambda got, ended: len(ended) >= 3 and set(ended) == {"forced", "sampled"}),
    dict(name="image", image=True, wanted=lambda got, ended: len(ended) >= 2 and "length" not in ended),
    dict(
        name="end of text inside", eos_inside=True,
        wanted=lambda got, ended: got.eos is not None and len(got.ids) > got.blocks()[0][0] - got.length + 12,
    ),
    dict(
        name="START ends the prompt", tail=[tiny.START],
        wanted=lambda got, ended: ended[:1] == ["forced"] and got.blocks()[0][0] == got.length,
    ),
]
