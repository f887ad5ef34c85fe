"""SwimBird: `SwimBird_Qwen3VL._sample` over its own forwards."""

import torch
from src.model.swimbird import SwimBird_Qwen3VL
from src.train.monkey_patch_forward import (
    replace_qwen3_vl_generation_forward,
    replace_qwen3_with_mixed_modality_forward,
)

from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "swimbird", "qwen3-vl"
REPOSITORY, COMMIT = "Accio-Lab/SwimBird", "6aa2cc3"
EXECUTED = [
    "src/model/swimbird.py SwimBird_Qwen3VL._sample",
    "src/train/monkey_patch_forward.py qwen3_vl_mixed_modality_forward, qwen3_vl_generation_forward",
]
PATCHED: list[str] = []
TOKENS = {"<|latent|>": tiny.PAD, "<|latent_start|>": tiny.START, "<|latent_end|>": tiny.END}
QUOTA = 6


def config():
    return tiny.qwen3_config(
        latent_id=tiny.PAD,
        latent_start_id=tiny.START,
        latent_end_id=tiny.END,
        max_latent_token=QUOTA // 2,
        latent_loss="mse",
        latent_lambda=0.2,
    )


def load(directory):
    replace_qwen3_with_mixed_modality_forward()
    replace_qwen3_vl_generation_forward()
    return SwimBird_Qwen3VL.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").eval()


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps, **options):
    return model.generate(**given, max_new_tokens=steps, do_sample=False, **options)


def oracle(model, pixels, grid):
    """What the training forward writes into the slots: every merged token, none averaged."""
    n = int(grid[0].prod()) // 4
    ids = torch.tensor([[5, tiny.START, *[tiny.PAD] * n, tiny.END, 6]])
    out = model.model(
        input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values_latent=pixels, image_grid_thw_latent=grid
    )
    return {"k": n}, out.inputs_embeds[0, 2 : 2 + n]


CASES = [
    {"name": "sampled end", "wanted": lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < QUOTA},
    {"name": "forced ends", "wanted": lambda got, ended: len(ended) >= 2 and set(ended) == {"forced"}},
    {"name": "blocks", "wanted": lambda got, ended: len(ended) >= 3 and set(ended) == {"forced", "sampled"}},
    {"name": "image", "image": True, "wanted": lambda got, ended: len(ended) >= 2 and "length" not in ended},
    trace.eos_within(8),
    {
        "name": "START ends the prompt",
        "tail": [tiny.START],
        "wanted": lambda got, ended: ended[:1] in (["forced"], ["sampled"]) and got.blocks()[0][0] == got.length,
    },
]
