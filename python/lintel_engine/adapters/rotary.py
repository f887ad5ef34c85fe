"""Rotary positions of Qwen2.5-VL, whose functions have other names in versions 4 and 5 of transformers."""

from __future__ import annotations

from typing import Any

from torch import Tensor


def turned(attention: Any, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Queries or keys [R, heads, T, d] of an attention module at their positions; `cos` and `sin` as its decoder has them."""
    from transformers.models.qwen2_5_vl import modeling_qwen2_5_vl as module

    # Until version 5, the axes are put together here; since then, where cosines are made.
    by_axis = getattr(module, "apply_multimodal_rotary_pos_emb", None)
    if by_axis is None:
        return module.apply_rotary_pos_emb(x, x, cos, sin)[0]
    scaling = getattr(attention, "rope_scaling", None) or attention.config.rope_parameters
    return by_axis(x, x, cos, sin, scaling["mrope_section"])[0]
