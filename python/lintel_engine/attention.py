"""Attention of continuations to keys and values that they share.

A continuation reads *segments*: keys and values [rows of the segment, kv heads, places, d] with the row of each that it
belongs to. The segment of a prompt is kept once however many continuations read it. Queries of all continuations of a
segment's row are rows of one matrix product; scores on all segments meet in one softmax.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

NAME = "lintel_shared"


@dataclass
class Segment:
    """Keys and values of some places, per layer [rows, kv heads, places, d]; none yet where there are no places."""

    keys: list[Tensor]
    values: list[Tensor]
    # [rows, places]: whether a place holds a token of the row, and the index of that token within the row's text.
    valid: Tensor
    index: Tensor

    def rows(self, which: Tensor) -> Segment:
        """Rows `which`, in their order."""
        keys, values = ([x[which.to(x.device)] for x in part] for part in (self.keys, self.values))
        return Segment(keys, values, self.valid[which], self.index[which])

    def bytes(self) -> int:
        return sum(x.numel() * x.element_size() for part in (self.keys, self.values) for x in part)


def no_places(rows: int, device: torch.device) -> Segment:
    """The segment of rows that nothing has been fed yet."""
    return Segment(
        [],
        [],
        torch.zeros(rows, 0, dtype=torch.bool, device=device),
        torch.zeros(rows, 0, dtype=torch.long, device=device),
    )


@dataclass
class Reading:
    """A segment as R continuations read it: `owner` [R] is the segment's row of each."""

    segment: Segment
    owner: Tensor
    # Continuations by the segment's row, as many of each: (rows [U * n], place of each row there, n); (None, None, n)
    # where they are in that order already.
    groups: tuple[Tensor | None, Tensor | None, int] = field(init=False)

    def __post_init__(self) -> None:
        self.groups = _groups(self.owner, self.segment.valid.shape[0])

    def rows(self, which: Tensor) -> Reading:
        """As continuations `which` read it. What none of them reads is dropped where that is half of it or more."""
        owner = self.owner[which]
        used, place = torch.unique(owner, return_inverse=True)
        if 2 * len(used) > len(self.segment.valid):
            return Reading(self.segment, owner)
        return Reading(self.segment.rows(used), place)


def _groups(owner: Tensor, rows: int) -> tuple[Tensor | None, Tensor | None, int]:
    count = torch.bincount(owner, minlength=rows)
    n = int(count.max())
    every = torch.arange(len(owner), device=owner.device)
    if len(owner) == rows * n and torch.equal(owner, every // n):
        return None, None, n
    order = torch.argsort(owner, stable=True)
    first = torch.cumsum(count, 0) - count
    place = torch.empty_like(owner)
    place[order] = owner[order] * n + every - first[owner[order]]
    # Places without a continuation hold the first one; what comes out there is not read.
    at = torch.zeros(rows * n, dtype=torch.long, device=owner.device)
    at[place] = every
    return at, place, n


@dataclass
class Step:
    """What the tokens [R, T] of a step may look at: other segments, own places before it, and the step itself."""

    readings: list[Reading]
    own: Segment
    # [R, T]: whether it is a token or padding, and its index within the text of its row.
    valid: Tensor
    index: Tensor
    # [R, T, all places]: places that must not be looked at.
    blocked: Tensor | None = None
    # The tokens of the step look at each other in both directions.
    together: bool = False
    # [R, T]: tokens of the same group look at each other in both directions, whatever the window; -1: those of none.
    groups: Tensor | None = None
    # Attention of each layer [R, heads, T, all places] is kept here where this is a list.
    kept: list[Tensor] | None = None
    masks: dict[tuple[int | None, torch.device], Tensor] = field(default_factory=dict)

    def mask(self, window: int | None, device: torch.device) -> Tensor:
        """[R, 1, T, all places]: what a token may look at, among its last `window` tokens."""
        known = self.masks.get((window, device))
        if known is not None:
            return known
        index = [*(r.segment.index[r.owner] for r in self.readings), self.own.index, self.index]
        valid = [*(r.segment.valid[r.owner] for r in self.readings), self.own.valid, self.valid]
        key, query = torch.cat(index, 1)[:, None], self.index[..., None]
        mask = torch.cat(valid, 1)[:, None] & (key <= query)
        if window is not None:
            mask &= query - key < window
        steps = self.index.shape[1]
        if self.groups is not None:
            mask[:, :, -steps:] |= (self.groups[..., None] == self.groups[:, None]) & (self.groups >= 0)[..., None]
        if self.blocked is not None:
            mask &= ~self.blocked
        # A token always sees itself: padding has nothing else, and a softmax over nothing is no number.
        itself = torch.eye(steps, dtype=torch.bool, device=mask.device)
        mask[:, :, -steps:] |= self.valid[:, None] if self.together else itself
        self.masks[window, device] = mask[:, None].to(device)
        return self.masks[window, device]


class StepCache(DynamicCache):
    """The cache that a step's forward pass updates: own keys and values grow, and carry the step to `shared_attention`."""

    def __init__(self, step: Step) -> None:
        super().__init__()
        self.step = step
        self.grown: dict[int, tuple[Tensor, Tensor]] = {}

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        own = self.step.own
        if own.keys:
            key_states = torch.cat([own.keys[layer_idx], key_states], -2)
            value_states = torch.cat([own.values[layer_idx], value_states], -2)
        self.grown[layer_idx] = key_states, value_states
        # An alias of its own: the attribute must not outlive the step.
        keys = key_states.view_as(key_states)
        keys.lintel = (self.step, layer_idx)  # type: ignore[attr-defined]
        return keys, value_states

    def get_seq_length(self, layer_idx: int | None = 0) -> int:
        return self.step.own.valid.shape[1] + sum(r.segment.valid.shape[1] for r in self.step.readings)

    def segment(self) -> Segment:
        """Own places, those of the step included."""
        layers = [self.grown[i] for i in range(len(self.grown))]
        valid, index = (
            torch.cat(pair, 1)
            for pair in ((self.step.own.valid, self.step.valid), (self.step.own.index, self.step.index))
        )
        return Segment([k for k, _ in layers], [v for _, v in layers], valid, index)


def shared_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    **kwargs: Any,
) -> tuple[Tensor, Tensor | None]:
    """An attention function of transformers: `query` [R, heads, T, d]; `key` and `value` [R, kv heads, own places, d]."""
    carried: tuple[Step, int] | None = getattr(key, "lintel", None)
    if carried is None or s_aux is not None:
        raise NotImplementedError(f"{type(module).__name__} changes keys between cache and attention, or has sinks")
    step, layer = carried
    rows, heads, steps, d = query.shape
    kv = key.shape[1]
    q = (query * (d**-0.5 if scaling is None else scaling)).reshape(rows, kv, heads // kv * steps, d)
    scores = [_shared_product(q, r, r.segment.keys[layer].transpose(-1, -2)) for r in step.readings]
    joint = torch.cat([*scores, q @ key.transpose(-1, -2)], -1).view(rows, heads, steps, -1)
    if softcap is not None:
        joint = torch.tanh(joint / softcap) * softcap
    joint = joint.masked_fill(~step.mask(sliding_window, joint.device), torch.finfo(joint.dtype).min)
    weights = torch.softmax(joint, -1, dtype=torch.float32).to(query.dtype)
    if step.kept is not None:
        if weights.requires_grad:
            weights.retain_grad()
        step.kept.append(weights)
    *parts, own = weights.view(rows, kv, -1, weights.shape[-1]).split(
        [*(s.shape[-1] for s in scores), key.shape[-2]], -1
    )
    out = own @ value
    for part, r in zip(parts, step.readings, strict=True):
        out = out + _shared_product(part, r, r.segment.values[layer])
    return out.view(rows, heads, steps, d).transpose(1, 2).contiguous(), None


def _shared_product(x: Tensor, reading: Reading, of: Tensor) -> Tensor:
    """x [R, kv heads, m, a] times `of` [segment's rows, kv heads, a, b], each by its own row of it: [R, kv heads, m, b]."""
    at, place, n = reading.groups
    _, heads, m, a = x.shape
    rows = of.shape[0]
    if at is not None:
        x = x[at.to(x.device)]
    x = x.view(rows, n, heads, m, a).transpose(1, 2).reshape(rows, heads, n * m, a)
    y = (x @ of).view(rows, heads, n, m, -1).transpose(1, 2).reshape(rows * n, heads, m, -1)
    return y if place is None else y[place.to(y.device)]
