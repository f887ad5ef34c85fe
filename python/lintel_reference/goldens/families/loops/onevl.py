"""OneVL: transformers' own `generate`, as its inference calls it, over prompts that end with its prefix."""

import numpy as np
import torch
from transformers import Qwen3VLForConditionalGeneration

from lintel_reference.goldens.families import tiny
from lintel_reference.goldens.families.taken import taken

FAMILY, WEIGHTS = "onevl", "qwen3-vl"
REPOSITORY, COMMIT = "xiaomi-research/onevl", "f4e6f05"
EXECUTED = [
    "transformers' Qwen3VLForConditionalGeneration.generate, which infer_onevl.py main calls unchanged",
    "infer_onevl.py compute_inference_latent_positions and what it calls (which places are latents)",
]
PATCHED = ["the tokenizer of compute_inference_latent_positions has the ids of the tiny vocabulary"]
PIECES = ["<", "|", "start", "-lat", "ent", "-vis", "><", "latent", "end", "answer", ">"]
TOKENS = {piece: 40 + 7 * i for i, piece in enumerate(PIECES)}
# The prefix of 4 visual and 2 other latents, as the tokenizer of Qwen3-VL cuts it; and what its code takes for latents.
SPELLED = (
    ["<", "|", "start", "-lat", "ent", "-vis", "|"]
    + ["><", "|", "latent", "-vis", "|"] * 4
    + ["><", "|", "end", "-lat", "ent", "-vis", "|", "><", "|", "start", "-lat", "ent", "|"]
    + ["><", "|", "latent", "|"] * 2
    + ["><", "|", "end", "-lat", "ent", "|", "><"]
)
TAIL = [TOKENS[piece] for piece in [*SPELLED, "answer", ">"]]


class Words:
    def encode(self, text, add_special_tokens):
        return [TOKENS[text]]


def places(ids):
    """Latents among the ids, by its own functions."""
    scope = {}
    for name in (
        "_get_latent_pattern_ids",
        "_get_marker_component_ids",
        "_find_latent_keyword_positions",
        "_find_visual_latent_keyword_positions",
        "_find_text_latent_block_start",
        "_expand_keyword_positions_with_stop",
        "compute_inference_latent_positions",
    ):
        scope[name] = taken("infer_onevl.py", name, **scope)
    words = Words()
    text, visual = scope["compute_inference_latent_positions"](
        ids, words, scope["_get_latent_pattern_ids"](words), scope["_get_marker_component_ids"](words)
    )
    return sorted(visual) + sorted(text)


def config():
    return tiny.qwen3_config()


def load(directory):
    return Qwen3VLForConditionalGeneration.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def parts(model):
    return model.model.language_model, model.lm_head


def prompt(seed, case):
    """A question that has some of the pieces, too."""
    made = tiny.prompt(seed, {**case, "tail": []})
    extra = np.random.default_rng(seed).choice([TOKENS[piece] for piece in PIECES], 3).tolist()
    ids = [*made["ids"], *extra, 5, *TAIL]
    first = len(ids) - len(TAIL)
    assert places(ids) == list(range(first, first + len(SPELLED)))
    return {**made, "ids": ids}


def generate(model, given, steps):
    return model.generate(**given, max_new_tokens=steps, do_sample=False)


CASES = [
    {"name": "spelled latents", "wanted": lambda got, ended: not ended and len(got.ids) == 64},
    {"name": "image", "image": True, "wanted": lambda got, ended: not ended and len(got.ids) == 64},
]
