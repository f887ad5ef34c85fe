"""Greedy choices, with the repetition penalty of transformers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .model import Engine, logits


def ends_with(ids: list[int], cue: list[int]) -> bool:
    """Whether ids end with a cue that is not empty."""
    return len(cue) > 0 and ids[-len(cue) :] == cue


@dataclass
class Scores:
    """Logits [n, V] of some rows, as they are and after the penalty."""

    raw: Tensor
    penalized: Tensor
    finite: Tensor

    def greedy(self, which: list[int], forbidden: list[list[int]]) -> tuple[list[int], list[bool]]:
        """The id with the largest score of rows `which`, forbidden ones left out, the first of equals; and whether the row's
        values are finite."""
        device = self.raw.device
        at = torch.tensor(which, device=device)
        pairs = [(i, id) for i, ids in enumerate(forbidden) for id in ids if 0 <= id < self.raw.shape[1]]
        scores = self.penalized[at]
        if pairs:
            rows, ids = torch.tensor(pairs, device=device).T
            scores[rows, ids] = -torch.inf
        best = scores.argmax(-1)
        return best.tolist(), self.finite[at].tolist()


@dataclass
class Chooser:
    """What choices of R rows depend on besides their states."""

    engine: Engine
    # [R, 1], and which ids each row has seen [R, V]; None where no row has a penalty.
    penalty: Tensor | None
    seen: Tensor | None

    def record(self, pairs: list[tuple[int, int]]) -> None:
        """Rows have seen ids."""
        if self.seen is not None and pairs:
            rows, ids = torch.tensor(pairs).T
            self.seen[rows, ids] = True

    def rows(self, which: list[int]) -> Chooser:
        """Of rows `which` alone."""
        if self.penalty is None or self.seen is None:
            return self
        return Chooser(self.engine, self.penalty[which], self.seen[which])

    def scores(self, states: Tensor, which: list[int]) -> Scores:
        """Of rows `which`, whose last states are in `states` [R, D]."""
        state = states[torch.tensor(which, device=states.device)]
        raw = logits(self.engine, state)
        finite = state.isfinite().all(-1).to(raw.device) & raw.isfinite().all(-1)
        if self.penalty is None or self.seen is None:
            return Scores(raw, raw, finite)
        penalty = self.penalty[which].to(raw.device)
        scaled = torch.where(raw < 0, raw * penalty, raw / penalty)
        return Scores(raw, torch.where(self.seen[which].to(raw.device), scaled, raw), finite)


def chooser_of(engine: Engine, penalties: list[float], seen: list[list[int]]) -> Chooser:
    """A chooser for rows with these penalties that have seen these ids."""
    if all(p == 1 for p in penalties):
        return Chooser(engine, None, None)
    vocabulary = engine.model.get_output_embeddings().weight.shape[0]
    table = torch.zeros(len(penalties), vocabulary, dtype=torch.bool)
    chooser = Chooser(engine, torch.tensor(penalties, dtype=torch.float32)[:, None], table)
    chooser.record([(r, id) for r, ids in enumerate(seen) for id in ids])
    return chooser
