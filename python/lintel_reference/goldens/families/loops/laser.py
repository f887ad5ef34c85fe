"""Laser: `QwenWithLaser.generate`; the forward for inference is LVR's, of which Laser's code is a copy."""

import functools
import importlib
import os
import sys
from pathlib import Path

import torch
from src.model.qwen_laser_model import QwenWithLaser

from lintel_reference.goldens.families import tiny

FAMILY, WEIGHTS = "laser", "qwen2_5-vl"
REPOSITORY, COMMIT = "ybb6/laser", "204163e"
EXECUTED = ["src/model/qwen_laser_model.py QwenWithLaser.generate, _laser_deocding, _laser_deocding_by_steps"]
PATCHED = [
    "the forward that its evaluation asks for, replace_qwen2_5_with_mixed_modality_forward_laser(inference_mode=True), is not in the "
    "repository, at no commit (the function takes no such argument, and its training forwards read no latent); "
    "executed in its place: VincentLeebang/lvr 637a9f7, src/train/monkey_patch_forward_lvr.py "
    "qwen2_5_mixed_modality_forward_lvr_inference, with laser_mode_switch passed as lvr_mode_switch, and config.loss_lvr_fct, "
    "which it reads",
    "config.answer_start_id is the id of <answer>, which evaluation/evaluation_local.py takes from the tokenizer",
]
TOKENS = {"<|laser_start|>": tiny.START, "<|laser|>": tiny.PAD, "<|laser_end|>": tiny.END, "<answer>": tiny.EXTRA}


def config():
    return tiny.flat_config(laser_start_id=tiny.START, laser_id=tiny.PAD, laser_end_id=tiny.END)


def lvr_forward():
    """LVR's forward, from its checkout beside Laser's: both call their packages `src`."""
    own = {name: sys.modules.pop(name) for name in list(sys.modules) if name == "src" or name.startswith("src.")}
    sys.path.insert(0, str(Path(os.environ["FAMILY_FOLDER"]).parent / "lvr"))
    try:
        return importlib.import_module(
            "src.train.monkey_patch_forward_lvr"
        ).qwen2_5_mixed_modality_forward_lvr_inference
    finally:
        sys.path.pop(0)
        for name in list(sys.modules):
            if name == "src" or name.startswith("src."):
                del sys.modules[name]
        sys.modules.update(own)


def load(directory):
    model = QwenWithLaser.from_pretrained(directory, torch_dtype=torch.float32, attn_implementation="eager").eval()
    model.config.answer_start_id = tiny.EXTRA
    model.config.loss_lvr_fct = "mse"
    forward = lvr_forward()

    # transformers reads the signature for what a forward takes.
    @functools.wraps(forward)
    def renamed(self, *, laser_mode_switch=None, **given):
        return forward(self, lvr_mode_switch=laser_mode_switch, **given)

    QwenWithLaser.forward = renamed
    return model


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps, k, strategy=None, **options):
    begun = strategy is None
    if begun:
        # The loop writes the start marker itself; a case has it at the end of its prompt.
        given = {**given, "input_ids": given["input_ids"][:, :-1], "attention_mask": given["attention_mask"][:, :-1]}
    return model.generate(
        **given,
        max_new_tokens=steps + begun,
        do_sample=False,
        decoding_strategy=strategy,
        laser_steps=[k],
        **options,
    )


def dynamic(k, **more):
    return {
        "dialect": "laser-dynamic",
        "before": 1,
        "tail": [tiny.START],
        "rules": {"k": k},
        "options": dict(k=k, **more),
    }


def steps(k):
    return {"dialect": "laser-steps", "rules": {"k": k}, "options": {"k": k, "strategy": "steps"}}


def cut(got, k):
    """Every block of k latents is followed by END and <answer>."""
    after = [first + count - got.length for first, count in got.blocks() if count == k]
    return bool(after) and all(got.ids[at : at + 2] == [tiny.END, tiny.EXTRA] for at in after if at < 62)


def few(ended):
    """One block or two, none cut off by the limit: later ones of a random model repeat rounding."""
    return 0 < len(ended) <= 2 and "length" not in ended


CASES = [
    dict(
        name="forced end",
        **dynamic(4),
        wanted=lambda got, ended: few(ended) and ended[0] == "forced" and cut(got, 4),
    ),
    dict(
        name="sampled end",
        **dynamic(8),
        wanted=lambda got, ended: few(ended) and ended[0] == "sampled" and got.blocks()[0][1] < 8,
    ),
    dict(
        name="blocks",
        **dynamic(8),
        wanted=lambda got, ended: few(ended) and set(ended) == {"forced", "sampled"},
    ),
    dict(name="repetition penalty", **dynamic(4, repetition_penalty=1.05), wanted=lambda got, ended: few(ended)),
    dict(name="image", image=True, **dynamic(4), wanted=lambda got, ended: few(ended) and ended[0] == "forced"),
    dict(
        name="end of text inside",
        eos_inside=True,
        **dynamic(8),
        wanted=lambda got, ended: (got.eos is not None and few(ended) and len(got.ids) > got.blocks()[0][1] + 4),
    ),
    dict(name="steps", **steps(4), wanted=lambda got, ended: ended == ["free", "free"]),
]
