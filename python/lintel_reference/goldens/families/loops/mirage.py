"""Mirage: `generate` of the transformers fork that its repository bundles."""

import os
import types
from pathlib import Path

import torch
import transformers
from transformers import Qwen2_5_VLForConditionalGeneration

from lintel_reference.goldens.families import tiny

assert str(Path(os.environ["FAMILY_FOLDER"])) in transformers.__file__, (
    "the bundled fork of transformers is what is meant"
)

FAMILY, WEIGHTS = "mirage", "qwen2_5-vl"
REPOSITORY, COMMIT = "UMass-Embodied-AGI/Mirage", "53f26de"
EXECUTED = [
    "transformers/src/transformers/generation/utils.py _sample",
    "transformers/src/transformers/models/qwen2_5_vl/modeling_qwen2_5_vl.py",
]
PATCHED = ["the ids 151665-151667, which _sample holds as constants, are those of the tiny vocabulary"]
TOKENS = {"<|latent_pad|>": tiny.PAD, "<|latent_start|>": tiny.START, "<|latent_end|>": tiny.END}
IDS = {151665: tiny.PAD, 151666: tiny.START, 151667: tiny.END}
SIZE = 4


def config():
    return tiny.flat_config(
        compress_strategy="average",
        latent_size=SIZE,
        stage="stage2",
        latent_token_id=tiny.PAD,
        latent_start_id=tiny.START,
        latent_end_id=tiny.END,
    )


def load(directory):
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        directory, torch_dtype=torch.float32, attn_implementation="eager"
    ).eval()
    sample = type(model)._sample
    code = sample.__code__
    assert set(IDS) <= set(code.co_consts)
    ours = code.replace(co_consts=tuple(IDS.get(c, c) if type(c) is int else c for c in code.co_consts))
    model._sample = types.MethodType(
        types.FunctionType(ours, sample.__globals__, sample.__name__, sample.__defaults__), model
    )
    return model


def parts(model):
    return model.model, model.lm_head


def generate(model, given, steps, **options):
    return model.generate(**given, max_new_tokens=steps, do_sample=False, **options)


def oracle(model, pixels, grid):
    """What the training forward of stage 1 writes into the slots."""
    model.config.stage = "stage1"
    ids = torch.tensor([[5, tiny.START, *[tiny.PAD] * SIZE, tiny.END, 6]])
    out = model(
        input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values_latent=pixels, image_grid_thw_latent=grid
    )
    return {"k": SIZE}, out.inputs_embeds[0, 2 : 2 + SIZE]


def short(got):
    """Feeding back is chaotic in a random model: after some thirty latents in a row float32 says nothing certain any more."""
    return sum(got.latent) <= 20


CASES = [
    {"name": "sampled end", "wanted": lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < 8},
    {"name": "forced end", "wanted": lambda got, ended: ended == ["forced"] and got.blocks()[0][1] == 8},
    {
        "name": "image",
        "image": True,
        "wanted": lambda got, ended: bool(ended) and ended[0] in ("sampled", "forced") and short(got),
    },
    {
        "name": "second block after a forced end",
        "wanted": lambda got, ended: ended[:1] == ["forced"] and len(ended) > 1 and short(got),
    },
    {
        "name": "second block after a sampled end",
        "wanted": lambda got, ended: ended[:1] == ["sampled"]
        and len(ended) > 1
        and got.blocks()[1][1] > 8
        and short(got),
    },
]
