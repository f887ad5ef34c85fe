"""ReaLVR: `QwenWithLVR.generate` over its own forward."""

import math

import torch
from realvr.model.qwen_lvr import QwenWithLVR, QwenWithLVRForSFT

from lintel_reference.goldens.families import tiny, trace
from lintel_reference.goldens.families.taken import taken

FAMILY, WEIGHTS = "realvr", "qwen2_5-vl"
REPOSITORY, COMMIT = "xixiaouab/ReaLVR-code", "cc314b7"
EXECUTED = [
    "realvr/model/qwen_lvr.py QwenWithLVR.generate, lvr_forward",
    "realvr/model/qwen_lvr.py lvr_sft_forward (what training writes into the slots)",
    "realvr/dataset/sft_dataset.py roi_token_indices",
]
PATCHED: list[str] = []
TOKENS = {"<|lvr_start|>": tiny.START, "<|lvr|>": tiny.PAD, "<|lvr_end|>": tiny.END}


def config():
    return tiny.flat_config(lvr_start_id=tiny.START, lvr_id=tiny.PAD, lvr_end_id=tiny.END)


def load(directory):
    return QwenWithLVR.from_pretrained(directory, torch_dtype=torch.float32, attn_implementation="eager").eval()


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps, k, **options):
    return model.generate(**given, max_new_tokens=steps, do_sample=False, lvr_steps=k, **options)


def oracle(model, pixels, grid):
    """What the training forward writes into the slots, for two boxes of one image."""
    indices = taken("realvr/dataset/sft_dataset.py", "roi_token_indices", math=math)
    cells = [indices(box, *grid[0, 1:].tolist(), 2) for box in tiny.BOXES]
    blocks = [id for each in cells for id in [tiny.START, *[tiny.PAD] * len(each), tiny.END]]
    ids = torch.tensor([[5, *tiny.image_ids(grid[0].tolist()), 6, *blocks, 7]])
    seen = []
    hook = model.model.language_model.layers[0].register_forward_pre_hook(
        lambda m, args, kwargs: seen.append(args[0] if args else kwargs["hidden_states"]), with_kwargs=True
    )
    QwenWithLVRForSFT.forward(
        model,
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        pixel_values=pixels,
        image_grid_thw=grid,
        lvr_tokens=[torch.tensor([i for each in cells for i in each])],
    )
    hook.remove()
    return {"boxes": tiny.BOXES, "counts": [len(each) for each in cells]}, seen[0][ids == tiny.PAD]


def steps(k, **more):
    return {"rules": {"k": k}, "options": dict(k=k, **more)}


def closed(ended):
    return bool(ended) and "length" not in ended


def later(got):
    """Another start marker behind the block, with text behind it."""
    first, count = got.blocks()[0]
    return tiny.START in got.ids[first + count - got.length : -4]


CASES = [
    dict(name="steps 4", **steps(4), wanted=lambda got, ended: ended == ["free"]),
    dict(
        name="steps 8, a later start marker",
        **steps(8),
        wanted=lambda got, ended: ended == ["free"] and later(got),
    ),
    dict(name="repetition penalty", **steps(4, repetition_penalty=1.05), wanted=lambda got, ended: closed(ended)),
    dict(name="image", image=True, **steps(4), wanted=lambda got, ended: closed(ended)),
    trace.eos_within(**steps(4)),
    dict(
        name="START ends the prompt",
        tail=[tiny.START],
        **steps(4),
        wanted=lambda got, ended: ended == ["free"] and got.blocks()[0][0] == got.length,
    ),
]
