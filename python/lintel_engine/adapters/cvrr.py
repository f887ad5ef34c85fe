"""CVRR (arXiv 2609.06746): Qwen2.5-VL, one layer of which is applied again and again to the words of the prompt.

The states of the words behind layer `ell_star` + 1 (from 0) of the prompt with its image are the first state. That layer, now with
LoRA, then reads them and the rows of the image, which stay as they were, and the state moves by `beta` towards what comes out. The
words are read once more without image, and the last state stands in the place of their own behind that layer (`Engine.behind`).
Facts from cvrr/modeling_cvrr.py, commit 485639d of dmis-lab/CVRR.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..apart import Apart
from ..checkpoint import tensors, weights
from ..errors import EngineError, need
from ..handles import Handle
from ..layers import layers_of
from .rotary import turned
from .wm_vlm import config as trunk_config
from .wm_vlm import raw_config

PARTS = {"self_attn": ("q_proj", "k_proj", "v_proj", "o_proj"), "mlp": ("gate_proj", "up_proj", "down_proj")}
config = trunk_config


def state_dict(path: str) -> dict[str, Tensor]:
    """Tensors of an export by the names of Qwen2.5-VL, without LoRA."""
    from safetensors.torch import load_file

    stored = {name: x for file in weights(path) for name, x in load_file(file).items() if ".lora_" not in name}
    return {name.removeprefix("backbone.").replace(".base_layer.", "."): x for name, x in stored.items()}


def behind(path: str) -> int:
    """The layer that is repeated."""
    return int(raw_config(path).get("ell_star", 20)) + 1


def block_of(engine: Any) -> Callable[[Any, Handle, list[int], int, list[int | None]], Tensor]:
    """What makes the states of words."""
    raw = raw_config(engine.path)
    number = behind(engine.path)
    rank, beta = int(raw.get("lora_rank", 32)), float(raw.get("beta", 0.5))
    usual = int(raw.get("num_recurrent_steps", 4))
    layer = layers_of(engine)[number]
    lora = _lora(engine, number, layer) if rank > 0 else {}
    scale = float(raw.get("lora_alpha", 12)) / max(1, rank)

    def project(name: str, module: Any, x: Tensor) -> Tensor:
        out = module(x)
        if name in lora:
            down, up = lora[name]
            out = out + torch.nn.functional.linear(torch.nn.functional.linear(x, down), up) * scale
        return out

    def block(of: Any, handle: Handle, rows: list[int], count: int, steps: list[int | None]) -> Tensor:
        out = []
        for row, asked in zip(rows, steps, strict=True):
            prompt = handle.apart(row)
            if prompt is None:
                raise EngineError("input", "a block of a prompt that nothing behind it sees (`apart`)")
            need(
                count == len(prompt.words),
                f"blocks of {len(prompt.words)} latents, the words of the prompt; got {count}",
            )
            wanted = usual if asked is None else asked
            need(wanted >= 1, f"a state after 1 step or more; got {wanted}")
            _go_on(of, layer, project, prompt, wanted, beta)
            out.append(prompt.steps[wanted - 1])
        return torch.stack(out)

    return block


def _lora(engine: Any, number: int, layer: Any) -> dict[str, tuple[Tensor, Tensor]]:
    """By projection, the two matrices that are added to it."""
    prefix = f"backbone.model.language_model.layers.{number}."
    names = {
        name: [f"{prefix}{part}.{name}.lora_{side}.default.weight" for side in "AB"]
        for part, listed in PARTS.items()
        for name in listed
    }
    _, found = tensors(engine.path, [each for pair in names.values() for each in pair])
    like = layer.input_layernorm.weight
    return {name: (found[down].to(like), found[up].to(like)) for name, (down, up) in names.items()}


def _go_on(engine: Any, layer: Any, project: Callable[..., Tensor], prompt: Apart, wanted: int, beta: float) -> None:
    """States up to the one after `wanted` steps; the first is that of the network without LoRA."""
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    whole, words = prompt.states[None], prompt.words
    if not prompt.steps:
        prompt.steps.append(prompt.states[words])
    if len(prompt.steps) >= wanted:
        return
    part = layer.self_attn
    cos, sin = engine.base.language_model.rotary_emb(whole, prompt.positions[:, None])
    mask = torch.arange(whole.shape[1], device=words.device)[None] <= words[:, None]

    def heads(name: str, x: Tensor) -> Tensor:
        return project(name, getattr(part, name), x).view(1, x.shape[1], -1, part.head_dim).transpose(1, 2)

    while len(prompt.steps) < wanted:
        state = prompt.steps[-1][None]
        full = whole.clone()
        full[:, words] = state
        read = layer.input_layernorm(full)
        query = turned(part, heads("q_proj", read[:, words]), cos[..., words, :], sin[..., words, :])
        key, value = turned(part, heads("k_proj", read), cos, sin), heads("v_proj", read)
        seen, _ = sdpa_attention_forward(part, query, key, value, mask[None, None], scaling=part.scaling)
        x = state + project("o_proj", part.o_proj, seen.reshape(1, len(words), -1))
        normed = layer.post_attention_layernorm(x)
        gate, up = (project(name, getattr(layer.mlp, name), normed) for name in ("gate_proj", "up_proj"))
        x = x + project("down_proj", layer.mlp.down_proj, layer.mlp.act_fn(gate) * up)
        prompt.steps.append(torch.lerp(state, x, beta)[0])
