"""LVR: `QwenWithLVR.generate` over its own inference forwards; the strategies "steps" and the one by the end token."""

import sys
import types

import numpy as np
import torch

from lintel_reference.goldens.families import tiny, trace
from lintel_reference.goldens.families.taken import taken

sys.modules.setdefault("deepspeed", types.ModuleType("deepspeed"))
from src.model.qwen_lvr_model import QwenWithLVR
from src.train.monkey_patch_forward_lvr import (
    qwen2_5_mixed_modality_forward_lvr,
    replace_qwen2_5_with_mixed_modality_forward_lvr,
)

FAMILY, WEIGHTS = "lvr", "qwen2_5-vl"
REPOSITORY, COMMIT = "VincentLeebang/lvr", "637a9f7"
EXECUTED = [
    "src/model/qwen_lvr_model.py QwenWithLVR.generate",
    "src/train/monkey_patch_forward_lvr.py qwen2_5_mixed_modality_forward_lvr_inference",
    "src/train/monkey_patch_forward_lvr.py qwen2_5_mixed_modality_forward_lvr (what training writes into the slots)",
    "src/dataset/lvr_sft_dataset_packed.py bbox_to_token_idxs",
]
PATCHED = [
    "deepspeed, which the loop does not use, is an empty module where it is not installed",
    "_get_initial_cache_position also takes the arguments of transformers 4.51, which the loop by the end token passes",
]
TOKENS = {
    "<|lvr_start|>": tiny.START,
    "<|lvr|>": tiny.PAD,
    "<|lvr_latent_end|>": tiny.EXTRA,
    "<|lvr_end|>": tiny.END,
}
EXTRAS = {"lvr_head": False, "latent_end_token": False}


def config(**more):
    return tiny.flat_config(
        lvr_start_id=tiny.START,
        lvr_id=tiny.PAD,
        lvr_latent_end_id=tiny.EXTRA,
        lvr_end_id=tiny.END,
        loss_lvr_fct="mse",
        loss_mode_switch_fct="bce",
        **{**EXTRAS, **more},
    )


def load(directory):
    model_config = __import__("transformers").AutoConfig.from_pretrained(directory)
    replace_qwen2_5_with_mixed_modality_forward_lvr(inference_mode=True, lvr_head=model_config.lvr_head)
    model = QwenWithLVR.from_pretrained(
        directory, config=model_config, torch_dtype=torch.float32, attn_implementation="eager"
    ).eval()
    positions = model._get_initial_cache_position
    model._get_initial_cache_position = lambda *given: (
        positions(given[0].shape[1], given[0].device, given[1]) if len(given) == 2 else positions(*given)
    )
    return model


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps, strategy, k=None, **options):
    # The repository's dispatcher runs the loop by the end token for any name but "steps" and "latent".
    quota = [k] if strategy == "steps" else k
    return model.generate(
        **given, max_new_tokens=steps, do_sample=False, decoding_strategy=strategy, lvr_steps=quota, **options
    )


def token_indices(grid):
    """The dataset class's own method."""
    cells = taken("src/dataset/lvr_sft_dataset_packed.py", "bbox_to_token_idxs", np=np)
    return [torch.tensor(each, dtype=torch.int) for each in cells(None, tiny.BOXES, grid)]


def oracle(model, pixels, grid):
    """What the training forward writes into the slots, a box at a time: it takes a second box's cells as another image's."""
    seen = []
    hook = model.model.language_model.layers[0].register_forward_pre_hook(
        lambda m, args, kwargs: seen.append(args[0] if args else kwargs["hidden_states"]), with_kwargs=True
    )
    latents, counts = [], []
    for cells in token_indices(grid):
        block = [tiny.START, *[tiny.PAD] * len(cells), tiny.EXTRA, tiny.END]
        ids = torch.tensor([[5, *tiny.image_ids(grid[0].tolist()), 6, *block, 7]])
        qwen2_5_mixed_modality_forward_lvr(
            model,
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            pixel_values=pixels,
            image_grid_thw=grid,
            lvr_tokens=[cells],
        )
        latents.append(seen.pop()[ids == tiny.PAD])
        counts.append(len(cells))
    hook.remove()
    return {"boxes": tiny.BOXES, "counts": counts}, torch.cat(latents)


def steps(k, **more):
    return {"dialect": "lvr-steps", "rules": {"k": k}, "options": dict(strategy="steps", k=k, **more)}


def closed(ended):
    """There are blocks, and none is cut off by the limit."""
    return bool(ended) and "length" not in ended


BY_END = {"dialect": "lvr-none", "options": {"strategy": "end"}}
CASES = [
    dict(name="steps 4", **steps(4), wanted=lambda got, ended: ended[:1] == ["free"] and closed(ended)),
    dict(name="steps 8 blocks", **steps(8), wanted=lambda got, ended: len(ended) >= 2 and closed(ended)),
    dict(name="repetition penalty", **steps(4, repetition_penalty=1.05), wanted=lambda got, ended: closed(ended)),
    dict(name="steps image", image=True, **steps(4), wanted=lambda got, ended: closed(ended)),
    dict(name="end token", **BY_END, wanted=lambda got, ended: len(ended) >= 2 and set(ended) == {"sampled"}),
    dict(
        name="end token image",
        image=True,
        **BY_END,
        wanted=lambda got, ended: bool(ended) and set(ended) == {"sampled"},
    ),
    trace.eos_within(**steps(4)),
    dict(
        name="START ends the prompt",
        tail=[tiny.START],
        **steps(4),
        wanted=lambda got, ended: ended[:1] == ["free"] and got.blocks()[0][0] == got.length,
    ),
]
