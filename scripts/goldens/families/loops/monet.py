"""Monet: the lines of its patched vLLM runner that switch the latent mode and feed hidden states.

vLLM itself does not run here. The two passages are cut out of the runner's source as they stand and executed, for a
batch of one request, around the forward of transformers; the loop around them is a restatement of what vLLM does.
"""

import os
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional

import torch
from transformers import Qwen2_5_VLForConditionalGeneration

import tiny

FAMILY, WEIGHTS = "monet", "qwen2_5-vl"
REPOSITORY, COMMIT = "NOVAglow646/Monet", "0893999"
EXECUTED = ["inference/vllm/monet_gpu_model_runner.py, the two passages marked ABS-VIS of execute_model"]
PATCHED = ["restated, not executed: vLLM's own loop around the two passages (sampling, cache, positions)"]
TOKENS = {"<abs_vis_token_pad>": tiny.PAD, "<abs_vis_token>": tiny.START, "</abs_vis_token>": tiny.END}


def config():
    return tiny.flat_config(
        latent_token_id=tiny.PAD, latent_start_id=tiny.START, latent_end_id=tiny.END, answer_start_pattern=[1], stage="avt_stage2"
    )


def passage(source, first, past):
    start = source.index(first)
    start = source.rindex("\n", 0, start) + 1
    return compile(textwrap.dedent(source[start : source.rindex("\n", 0, source.index(past, start)) + 1]), first, "exec")


def load(directory):
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps, k):
    source = (Path(os.environ["FAMILY_FOLDER"]) / "inference" / "vllm" / "monet_gpu_model_runner.py").read_text()
    override = passage(source, "# ABS-VIS: override next-step inputs", "inputs_embeds = self.inputs_embeds[:num_input_tokens]")
    update = passage(source, "# ABS-VIS: update per-request state", "# Cache the sampled tokens in the model runner")
    group = SimpleNamespace(ranks=[0], is_first_rank=True, is_last_rank=True)
    runner = SimpleNamespace(
        latent_enabled=True, latent_start_id=tiny.START, latent_end_id=tiny.END, latent_size=k, latent_state={},
        speculative_config=None, input_batch=SimpleNamespace(req_ids=["one"], num_reqs=1), device="cpu", dtype=torch.float32,
        query_start_loc=torch.tensor([0, 1]), inputs_embeds=None,
    )
    scope = dict(self=runner, get_pp_group=lambda: group, torch=torch, Optional=Optional, Any=Any)
    seen = []
    hook = model.model.language_model.register_forward_hook(lambda m, i, o: seen.append(o.last_hidden_state[:, -1]))
    ids = given["input_ids"]
    length = ids.shape[1]
    out = model(**given, use_cache=True, cache_position=torch.arange(length))
    while True:
        scope |= dict(sample_hidden_states=seen[-1], valid_sampled_token_ids=[[int(out.logits[0, -1].argmax())]])
        exec(update, scope)
        [[token]] = scope["valid_sampled_token_ids"]
        ids = torch.cat([ids, torch.tensor([[token]])], dim=1)
        if ids.shape[1] - length == steps:
            break
        runner.inputs_embeds = model.get_input_embeddings()(torch.tensor([token])).clone()
        exec(override, scope)
        out = model(
            inputs_embeds=runner.inputs_embeds[None], attention_mask=torch.ones(1, ids.shape[1], dtype=torch.long),
            past_key_values=out.past_key_values, use_cache=True, cache_position=torch.tensor([ids.shape[1] - 1]),
        )
    hook.remove()
    return ids


HOW = dict(dialect="monet-vllm", rules=dict(k=4), options=dict(k=4))
ONE = dict(dialect="monet-vllm", rules=dict(k=1), options=dict(k=1))
CASES = [
    dict(name="sampled end", **HOW, wanted=lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < 4),
    dict(name="forced ends", **HOW, wanted=lambda got, ended: len(ended) >= 2 and set(ended) == {"forced"}),
    dict(name="blocks", **HOW, wanted=lambda got, ended: len(ended) >= 3 and set(ended) == {"forced", "sampled"}),
    dict(name="one position", **ONE, wanted=lambda got, ended: len(ended) >= 1 and got.blocks()[0][1] == 1),
    dict(name="image", image=True, **HOW, wanted=lambda got, ended: len(ended) >= 2 and "length" not in ended),
]
