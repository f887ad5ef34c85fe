"""Prompts that nothing behind them sees: what an adapter makes a block of, and where its vectors stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor


@dataclass
class Apart:
    """A prompt behind the layer `Engine.behind`. Its words, which are all tokens but those of images and the marks around them,
    are read again from position 0, and see themselves alone; vectors that are fed stand in the place of their states behind that
    layer."""

    # [length, D] behind the layer, and [axes, length].
    states: Tensor
    positions: Tensor
    # Places of words in the prompt.
    words: Tensor
    # What the network's block was after each step so far [words, D].
    steps: list[Tensor] = field(default_factory=list)


def apart_of(engine: Any, ids: list[int], states: Tensor, positions: Tensor) -> Apart:
    """Of a prompt's `ids`: states [length, D] and positions [axes, length], without what pads it."""
    config = engine.model.config
    names = ("vision_start_token_id", "vision_end_token_id", "image_token_id", "video_token_id")
    marks = {getattr(config, name, None) for name in names}
    words = torch.tensor([i for i, id in enumerate(ids) if id not in marks], device=states.device)
    return Apart(states, positions, words)
