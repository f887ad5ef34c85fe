"""LanteRn: its generate loop as `custom_generate`, over its own forward."""

import types

import src.lantern_generate.generate as written
import torch
from src.models.qwen2_5VL.forward import qwen2_5_mixed_modality_forward_lantern
from src.models.utils import apply_latent_compression
from transformers import Qwen2_5_VLForConditionalGeneration

from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "lantern", "qwen2_5-vl"
REPOSITORY, COMMIT = "GuilhermeViveiros/LanteRn", "65f64b2"
EXECUTED = [
    "src/lantern_generate/generate.py generate",
    "src/models/qwen2_5VL/forward.py qwen2_5_mixed_modality_forward_lantern",
    "src/models/utils.py apply_latent_compression",
]
PATCHED = ["the loop's torch.bfloat16 is float32: it rounds the fed vector, and this model is float32"]
TOKENS = {"<|lvr_start|>": tiny.START, "<|lvr_sep|>": tiny.PAD, "<|lvr_end|>": tiny.END}


def config():
    return tiny.flat_config(latent_size=4, lvr_start_id=tiny.START, lvr_sep_id=tiny.PAD, lvr_end_id=tiny.END)


class Float32Torch(types.ModuleType):
    """torch, but for the type that the loop casts to."""

    bfloat16 = torch.float32

    def __getattr__(self, name):
        return getattr(torch, name)


def load(directory):
    written.torch = Float32Torch("torch")
    Qwen2_5_VLForConditionalGeneration.forward = qwen2_5_mixed_modality_forward_lantern
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps, **options):
    return model.generate(
        **given, custom_generate=written.generate, max_new_tokens=steps, do_sample=False, use_cache=True, **options
    )


def oracle(model, pixels, grid):
    return {"k": 4}, apply_latent_compression(model, pixels, grid, 4)[0]


CASES = [
    {"name": "one block", "wanted": lambda got, ended: ended == ["forced"]},
    {"name": "blocks", "wanted": lambda got, ended: len(ended) >= 3 and set(ended) == {"forced"}},
    {
        "name": "repetition penalty",
        "options": {"repetition_penalty": 1.05},
        "wanted": lambda got, ended: len(ended) >= 1 and set(ended) == {"forced"},
    },
    {"name": "image", "image": True, "wanted": lambda got, ended: len(ended) >= 1 and set(ended) == {"forced"}},
    trace.eos_within(),
    {
        "name": "START ends the prompt",
        "tail": [tiny.START],
        "wanted": lambda got, ended: bool(ended) and got.blocks()[0][0] > got.length + 1,
    },
]
