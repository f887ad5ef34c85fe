"""Features of a prompt's image that a row reads again, chosen by the attention of what it read last."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from .errors import EngineError, need


@dataclass
class Gallery:
    """The last image of a row's prompt."""

    # Columns of its tokens in the prompt's segment, and their features [tokens, D].
    columns: Tensor
    features: Tensor
    # [tokens]: which have been chosen before.
    taken: Tensor
    # [tokens]: attention of what the row read last, mean over layers and heads; None before any was kept.
    attention: Tensor | None = None
    # Chosen, and not read yet.
    waiting: list[Tensor] = field(default_factory=list)

    def copy(self) -> Gallery:
        """The same image for a row that goes on by itself."""
        return Gallery(self.columns, self.features, self.taken.clone(), self.attention, list(self.waiting))


def choose(gallery: Gallery | None, count: int) -> None:
    """Chooses the `count` features that attention is largest on, of those that were not chosen before."""
    if gallery is None:
        raise EngineError("input", "features of an image are to be chosen, and the prompt has none that can be seen")
    if gallery.attention is None:
        raise EngineError("input", "features of an image are to be chosen before a run has read anything")
    have = len(gallery.features)
    need(count <= have, f"{count} features to be chosen of an image that has {have}")
    at = in_order(gallery.attention.masked_fill(gallery.taken, float("-inf")), count)
    gallery.taken[at] = True
    gallery.waiting = list(gallery.features[at.to(gallery.features.device)])


def in_order(scores: Tensor, count: int) -> Tensor:
    """Indices of the `count` largest scores in the order in which torch's kernel for CUDA writes them when nothing has to be
    sorted (aten/src/ATen/native/cuda/TensorTopK.cu): those above the least of them by index, then those equal to it."""
    least = scores.topk(count).values[-1]
    above = (scores > least).nonzero().flatten()
    equal = (scores == least).nonzero().flatten()
    return torch.cat([above, equal[: count - len(above)]])


def look(galleries: list[Gallery | None], wanted: list[bool], kept: list[Tensor]) -> None:
    """Notes what the last token of each row that is `wanted` attends to: `kept` has the attention of each layer
    [rows, heads, T, places]."""
    last = torch.cat([layer[:, :, -1].to(kept[0].device) for layer in kept], 1).mean(1).cpu()
    for row, gallery, wants in zip(last, galleries, wanted, strict=True):
        if wants and gallery is not None:
            gallery.attention = row[gallery.columns]
