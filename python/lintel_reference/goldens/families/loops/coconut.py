"""Coconut: its `Coconut.generate` over the tiny checkpoint's text decoder, which takes the place of GPT-2."""

from types import SimpleNamespace

import numpy as np
import torch
from coconut import Coconut
from transformers import DynamicCache, Qwen2_5_VLForConditionalGeneration

from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "coconut", "qwen2_5-vl"
REPOSITORY, COMMIT = "facebookresearch/coconut", "27273cb"
EXECUTED = ["coconut.py Coconut.generate, Coconut.forward"]
PATCHED = [
    "the language model given to Coconut is the text decoder of a Qwen2.5-VL behind GPT-2's signature (caches as tuples)"
]
TOKENS = {"<|start-latent|>": tiny.START, "<|end-latent|>": tiny.END, "<|latent|>": tiny.PAD}
LATENTS = 3


def config():
    return tiny.flat_config(
        coconut_start_id=tiny.START, coconut_latent_id=tiny.PAD, coconut_end_id=tiny.END, coconut_latents=LATENTS
    )


class Base(torch.nn.Module):
    """What Coconut asks of a language model."""

    def __init__(self, model):
        super().__init__()
        self.model, self.logits = model, []

    def get_input_embeddings(self):
        return self.model.get_input_embeddings()

    def forward(
        self, inputs_embeds, attention_mask=None, position_ids=None, past_key_values=None, output_hidden_states=False
    ):
        cache = DynamicCache() if past_key_values is None else DynamicCache.from_legacy_cache(past_key_values)
        out = self.model.model(
            inputs_embeds=inputs_embeds,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=cache,
            use_cache=True,
            output_hidden_states=True,
        )
        logits = self.model.lm_head(out.last_hidden_state)
        self.logits.append(logits[0, -1])
        return SimpleNamespace(
            logits=logits, hidden_states=out.hidden_states, past_key_values=out.past_key_values.to_legacy_cache()
        )


def load(directory):
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(
        directory, torch_dtype=torch.float32, attn_implementation="eager"
    ).eval()


def parts(model):
    return model.model, model.lm_head


def prompt(seed, case):
    rng = np.random.default_rng(seed)
    words = rng.integers(2, 280, int(rng.integers(4, 12))).tolist()
    return {"ids": [*words, tiny.START, *[tiny.PAD] * LATENTS, tiny.END], "grid": None, "patches": None}


def run(model, given):
    base = Base(model)
    ids = given["input_ids"]
    length = ids.shape[1]
    loop = Coconut(base, tiny.PAD, tiny.START, tiny.END, tiny.EOS)
    with torch.no_grad():
        all_ids, fed = loop.generate(**given, max_new_tokens=trace.STEPS, output_embedding=True)
        words = model.get_input_embeddings()(all_ids)[0]
    # The forwards that fill the placeholders come before the one from which the first id is taken.
    logits = torch.stack(base.logits[-trace.STEPS :])
    new = all_ids[0, length:].tolist()
    return trace.Trace(
        length, new, logits.argmax(-1).tolist(), trace.clearness(logits), 0, fed[0], trace.is_latent(fed[0], words)
    )


CASES = [
    {"name": "placeholders", "wanted": lambda got, ended: ended == ["prompt"] and tiny.START not in got.ids},
    {
        "name": "placeholders, START in the text",
        "wanted": lambda got, ended: ended == ["prompt"] and tiny.START in got.ids,
    },
]
