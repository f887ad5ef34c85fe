"""WM-VLM (arXiv 2609.34826): Qwen2.5-VL with a branch of some layers that makes all latents of a block at once.

The branch has projections, MLP and norms of its own in `wm_vlm_num_layers` consecutive layers. Its tokens read the trunk's keys
and values of text and images in these layers and each other in both directions, and pass by all other layers. They begin as
fixed noise and move along the predicted velocity. Defaults are those of the family's launcher: one Euler step from noise of seed 0
that is drawn on the CPU (scripts/reproduce/evaluate_wm_vlm_parquet.sh, commit 7c61619 of yuh-zha/WM-VLM).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..attention import Step, StepCache, shared_attention
from ..checkpoint import tensors
from ..errors import EngineError, need
from ..handles import Handle
from .rotary import turned

STEPS, SEED = 1, 0
# Widest sinusoid of the time embedding.
FREQUENCIES = 256
PARTS = ("self_attn", "mlp", "input_layernorm", "post_attention_layernorm")


@dataclass
class Branch:
    """What a checkpoint has besides Qwen2.5-VL."""

    # Layer of the trunk -> the branch's layer there.
    layers: dict[int, Any]
    norm: nn.Module
    time: nn.Module
    velocity: nn.Module
    noise_scale: float
    latents: int


def raw_config(path: str) -> dict[str, Any]:
    """config.json."""
    return json.loads((Path(path) / "config.json").read_text("utf-8"))


def config(path: str) -> Any:
    """The trunk's configuration."""
    from transformers import Qwen2_5_VLConfig

    raw = raw_config(path)
    for key in ("model_type", "architectures", "auto_map"):
        raw.pop(key, None)
    return Qwen2_5_VLConfig(**raw)


def layer_numbers(raw: dict[str, Any], total: int) -> list[int]:
    """The layers that the branch has, from a checkpoint's config.json: consecutive ones at the bottom, middle or top, or named."""
    count = int(raw.get("wm_vlm_num_layers", 4))
    placement = str(raw.get("wm_vlm_layer_placement", "top"))
    named = [int(x) for x in placement.removeprefix("layers_").removeprefix("layer_").split("_") if x.isdigit()]
    if named:
        return list(range(named[0], named[-1] + 1))
    starts = {"bottom": 0, "middle": (total - count) // 2, "top": total - count}
    if placement not in starts:
        raise EngineError(
            "unsupported", f"wm_vlm_layer_placement {placement!r}: bottom, middle, top or layers by number"
        )
    return list(range(starts[placement], starts[placement] + count))


def block_of(engine: Any) -> Callable[[Any, Handle, list[int], int, list[int | None]], Tensor]:
    """What makes blocks of a loaded checkpoint."""
    raw = raw_config(engine.path)
    source = raw.get("wm_vlm_flow_source_mode", "gaussian_noise")
    consumer = raw.get("wm_vlm_ce_consumer_source", "oracle_target")
    if source != "gaussian_noise" or consumer == "generated_pixel":
        raise EngineError(
            "unsupported", f"WM-VLM with flow source {source!r}, read as {consumer!r}: noise, read as it was made"
        )
    branch = branch_of(engine)

    def block(of: Any, handle: Handle, rows: list[int], count: int, steps: list[int | None]) -> Tensor:
        need(not any(steps), "no number of steps for the blocks of a WM-VLM, whose flow takes one")
        need(count == branch.latents, f"blocks of {branch.latents} latents; got {count}")
        return make_block(of, branch, handle.picked(rows), count)

    return block


def branch_of(engine: Any) -> Branch:
    """The branch of a loaded checkpoint."""
    from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import Qwen2_5_VLDecoderLayer

    raw = raw_config(engine.path)
    language = engine.base.language_model
    numbers = layer_numbers(raw, len(language.layers))
    stored, _ = tensors(engine.path, [])
    own = [name for name in stored if "generation_" in name or name.startswith("flow_")]
    _, found = tensors(engine.path, own)

    def into(module: nn.Module, prefix: str, rename: dict[str, str] | None = None) -> nn.Module:
        names = {name: name for name in module.state_dict()}
        for name in names:
            for part, ours in (rename or {}).items():
                if name.startswith(part):
                    names[name] = ours + name.removeprefix(part)
        lacking = [prefix + name for name in names.values() if prefix + name not in found]
        if lacking:
            raise EngineError("checkpoint", f"{engine.path}: no tensor {lacking[0]}, which the branch of a WM-VLM has")
        module.load_state_dict({name: found[prefix + theirs] for name, theirs in names.items()})
        return module.to(engine.device, engine.dtype).eval().requires_grad_(False)

    def layer(number: int) -> nn.Module:
        empty = Qwen2_5_VLDecoderLayer(language.config, number)
        prefix = f"model.language_model.layers.{number}."
        return into(empty, prefix, {f"{part}.": f"generation_{part}." for part in PARTS})

    width = engine.config.hidden_size
    inner = min(FREQUENCIES, width) // 2 * 2
    return Branch(
        {number: layer(number) for number in numbers},
        into(type(language.norm)(width, eps=engine.config.rms_norm_eps), "generation_final_norm."),
        into(nn.Sequential(nn.Linear(inner, width), nn.SiLU(), nn.Linear(width, width)), "flow_time_embedding.mlp."),
        into(nn.Linear(width, width), "flow_velocity_head."),
        float(raw.get("wm_vlm_flow_noise_scale", 1.0)),
        int(raw["wm_vlm_latent_size"]),
    )


def make_block(engine: Any, branch: Branch, handle: Handle, count: int, steps: int = STEPS, seed: int = SEED) -> Tensor:
    """The latents [R, count, D] of a block that begins now in each row."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(1, count, engine.config.hidden_size, generator=generator) * branch.noise_scale
    states = noise.to(engine.device, engine.dtype).expand(len(handle), -1, -1)
    for n in range(steps):
        states = states + _velocity(engine, branch, handle, states, n / steps) / steps
    return states


def _velocity(engine: Any, branch: Branch, handle: Handle, states: Tensor, time: float) -> Tensor:
    rows, count, _ = states.shape
    places = torch.arange(count, device=handle.next.device)
    positions = (handle.next[:, None] + places).expand(3, -1, -1)
    index = handle.count[:, None] + places
    step = Step(handle.readings, handle.own, torch.ones_like(index, dtype=torch.bool), index, together=True)
    cache = StepCache(step)
    cos, sin = engine.base.language_model.rotary_emb(states, positions)
    moment = branch.time(_sinusoid(time, branch.time[0].in_features).to(states.device, states.dtype))
    x = states
    for number, layer in branch.layers.items():
        part = layer.self_attn
        read = layer.input_layernorm(x) + moment
        query, key, value = (
            project(read).view(rows, count, -1, part.head_dim).transpose(1, 2)
            for project in (part.q_proj, part.k_proj, part.v_proj)
        )
        query, key = (turned(part, x, cos, sin) for x in (query, key))
        keys, values = cache.update(key, value, number)
        out, _ = shared_attention(part, query, keys, values, None, part.scaling, part.sliding_window)
        x = x + part.o_proj(out.reshape(rows, count, -1))
        x = x + layer.mlp(layer.post_attention_layernorm(x))
    return branch.velocity(branch.norm(x))


def _sinusoid(time: float, width: int) -> Tensor:
    half = width // 2
    frequencies = torch.exp(-math.log(10_000.0) * torch.arange(half, dtype=torch.float32) / max(half - 1, 1))
    return torch.cat([torch.cos(time * frequencies), torch.sin(time * frequencies)])
