"""Handles: rows with their keys and values, and what the next token of each needs to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from .apart import Apart
from .attention import Reading, Segment, Step, StepCache, no_places
from .errors import need
from .layers import inspected, standing
from .memory import halving
from .model import Engine, accepted, shared
from .picks import Gallery, look


@dataclass
class Handle:
    """R rows."""

    readings: list[Reading]
    own: Segment
    # [R]: position of the next token, its index within the row's text, and that index when the handle was made.
    next: Tensor
    count: Tensor
    since: Tensor
    # [R, D]: the last post-norm state of each row.
    state: Tensor
    # Ids of prompt and text of each row.
    seen: list[list[int]]
    # Vectors of blocks that rows had not been fed whole when a run ended, by the row's number.
    pending: dict[int, list[Tensor]] = field(default_factory=dict)
    # Of a fork: the numbers of the rows that are still there. Its rows are dropped when they are done.
    numbers: list[int] | None = None
    frozen: bool = False
    # By row, where features of its prompt's image may be chosen.
    galleries: list[Gallery | None] = field(default_factory=list)
    # By row, where its prompt is read apart.
    aparts: list[Apart | None] = field(default_factory=list)

    def gallery(self, row: int) -> Gallery | None:
        return self.galleries[row] if self.galleries else None

    def apart(self, row: int) -> Apart | None:
        return self.aparts[row] if self.aparts else None

    def __len__(self) -> int:
        return len(self.seen)

    def shared_length(self) -> int:
        """Columns of the segments that are not its own."""
        return sum(r.segment.valid.shape[1] for r in self.readings)

    def length(self) -> int:
        """Columns of its cache."""
        return self.shared_length() + self.own.valid.shape[1]

    def rows(self, which: list[int]) -> Handle:
        """Copies of rows, which go on by themselves."""
        at = torch.tensor(which, device=self.next.device)
        return Handle(
            [r.rows(at) for r in self.readings],
            self.own.rows(at),
            self.next[at],
            self.count[at],
            self.since[at],
            self.state[at.to(self.state.device)],
            [list(self.seen[r]) for r in which],
            self.pending,
            None if self.numbers is None else [self.numbers[r] for r in which],
            galleries=[self.gallery(r) for r in which],
            aparts=[self.apart(r) for r in which],
        )

    def picked(self, which: list[int]) -> Handle:
        """Rows `which` on the same segments, for something that only reads them."""
        if which == list(range(len(self))):
            return self
        at = torch.tensor(which, device=self.next.device)
        readings = [Reading(r.segment, r.owner[at]) for r in self.readings]
        own, state = self.own.rows(at), self.state[at.to(self.state.device)]
        seen = [self.seen[r] for r in which]
        return Handle(readings, own, self.next[at], self.count[at], self.since[at], state, seen)

    def part(self, part: slice) -> Handle:
        """Some of the rows, on the same segments."""
        own = self.own
        keys, values = ([x[part] for x in tensors] for tensors in (own.keys, own.values))
        return Handle(
            [Reading(r.segment, r.owner[part]) for r in self.readings],
            Segment(keys, values, own.valid[part], own.index[part]),
            self.next[part],
            self.count[part],
            self.since[part],
            self.state[part],
            self.seen[part],
            galleries=self.galleries[part],
            aparts=self.aparts[part],
        )


def fork(handle: Handle, which: list[int]) -> Handle:
    """Rows that share the keys and values of `handle`'s rows, which is frozen by it."""
    handle.frozen = True
    at = torch.tensor(which, device=handle.next.device)
    readings = [Reading(r.segment, r.owner[at]) for r in handle.readings]
    if handle.own.keys:
        readings.append(Reading(handle.own, at))
    count = handle.count[at]
    return Handle(
        readings,
        no_places(len(which), handle.next.device),
        handle.next[at].clone(),
        count.clone(),
        count,
        handle.state[at.to(handle.state.device)],
        [list(handle.seen[r]) for r in which],
        {},
        list(range(len(which))),
        galleries=[None if (gallery := handle.gallery(r)) is None else gallery.copy() for r in which],
        aparts=[handle.apart(r) for r in which],
    )


def merged_segments(parts: list[Segment], left: bool) -> Segment:
    """Segments one under the other, the shorter ones padded on the left or the right."""
    if len(parts) == 1:
        return parts[0]
    length = max(p.valid.shape[1] for p in parts)
    layers = max(len(p.keys) for p in parts)
    like = next((p for p in parts if p.keys), parts[0])

    def padded(x: Tensor, axis: int) -> Tensor:
        missing = length - x.shape[axis]
        pads = [0, 0] * (x.dim() - axis - 1) + ([missing, 0] if left else [0, missing])
        return torch.nn.functional.pad(x, pads) if missing else x

    def layer(part: Segment, tensors: str, i: int) -> Tensor:
        have = getattr(part, tensors)
        if have:
            return padded(have[i], 2)
        model = getattr(like, tensors)[i]
        return model.new_zeros(part.valid.shape[0], model.shape[1], length, model.shape[3])

    return Segment(
        [torch.cat([layer(p, "keys", i) for p in parts]) for i in range(layers)],
        [torch.cat([layer(p, "values", i) for p in parts]) for i in range(layers)],
        torch.cat([padded(p.valid, 1) for p in parts]),
        torch.cat([padded(p.index, 1) for p in parts]),
    )


def step(
    engine: Engine,
    handle: Handle,
    vectors: Tensor,
    valid: Tensor,
    blocked: Tensor | None = None,
    kept: list[Tensor] | None = None,
) -> tuple[Tensor, Segment]:
    """Feeds vectors [R, T, D], of which `valid` [R, T] are tokens (padding behind them): post-norm states [R, T, D], and the
    own segment with them. The handle stays as it is."""
    steps = torch.arange(vectors.shape[1], device=handle.next.device)
    index = handle.count[:, None] + steps
    now = Step(handle.readings, handle.own, valid, index, blocked, kept=kept)
    cache = StepCache(now)
    with shared(engine):
        out = engine.base(
            inputs_embeds=vectors,
            position_ids=handle.next[:, None] + steps,
            past_key_values=cache,
            use_cache=True,
            return_dict=True,
            **accepted(engine.base.forward, cache_position=steps + cache.get_seq_length()),
        )
    return out.last_hidden_state, cache.segment()


def feed(
    engine: Engine,
    handle: Handle,
    vectors: Tensor,
    active: Tensor,
    blocked: Tensor | None,
    note: Callable[[str], None],
    looking: list[bool] | None = None,
    inner: set[int] | None = None,
    placed: list[tuple[int, int, Tensor]] | None = None,
) -> dict[int, Tensor]:
    """Feeds vectors [R, T, D] to the rows `active` [R]; the others wait. As many rows at once as the engine's `rows` allow.
    Galleries of rows that are `looking` get the attention of the last token. Returns the states [R, D] of the last token
    after the layers `inner` (1: the first). `placed`: row, index and state [D] that stands there behind `Engine.behind`."""
    steps = vectors.shape[1]
    valid = active[:, None].expand(-1, steps)
    parts: list[tuple[Tensor, Segment]] = []
    between: dict[int, list[Tensor]] = {}

    def some(which: list[int]) -> None:
        kept: list[Tensor] | None = None if looking is None else []
        part = slice(which[0], which[-1] + 1)
        here = [(r - which[0], t, x) for r, t, x in placed or [] if r in which]
        with inspected(engine, [] if inner else None) as layers, standing(engine, here):
            if len(which) == len(handle):
                states, own = step(engine, handle, vectors, valid, blocked, kept)
            else:
                hidden = None if blocked is None else blocked[part]
                states, own = step(engine, handle.part(part), vectors[part], valid[part], hidden, kept)
        for layer in inner or ():
            need(layers is not None and 1 <= layer <= len(layers), f"a layer from 1 on that is there; got {layer}")
            between.setdefault(layer, []).append((layers or [])[layer - 1][:, -1])
        if kept and looking is not None:
            look([handle.gallery(i) for i in which], [looking[i] for i in which], kept)
        parts.append((states[:, -1].clone(), own))

    halving(engine, "rows", list(range(len(handle))), 1, some, note)
    last = torch.cat([states for states, _ in parts])
    handle.own = merged_segments([own for _, own in parts], left=False)
    handle.next = handle.next + steps * active
    handle.count = handle.count + steps * active
    handle.state = torch.where(active[:, None].to(last.device), last, handle.state.to(last.device))
    return {layer: torch.cat([x.to(last.device) for x in states]) for layer, states in between.items()}


def handle_of(engine: Engine, number: Any) -> Handle:
    """The handle of a number."""
    need(number in engine.handles, f"handle {number} is not known or has been released")
    return engine.handles[number]
