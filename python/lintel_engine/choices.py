"""Greedy choices, with the repetition penalty of transformers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .model import Engine, logits


def ends_with(ids: list[int], cue: list[int]) -> bool:
    """Whether ids end with a cue that is not empty."""
    return len(cue) > 0 and ids[-len(cue) :] == cue


def rows_at(x: Tensor, which: list[int]) -> Tensor:
    """Rows `which` of x; x itself where these are all of them in order."""
    return x if which == list(range(len(x))) else x[torch.tensor(which, device=x.device)]


@dataclass
class Scores:
    """Logits [n, V] of some rows, as they are and after the penalty."""

    raw: Tensor
    penalized: Tensor
    finite: Tensor

    def greedy(self, which: list[int], forbidden: list[list[int]]) -> tuple[list[int], list[bool]]:
        """The id with the largest score of rows `which`, forbidden ones left out, the first of equals; and whether the row's
        values are finite."""
        pairs = [(i, id) for i, ids in enumerate(forbidden) for id in ids if 0 <= id < self.raw.shape[1]]
        scores = rows_at(self.penalized, which)
        if not pairs:
            return scores.argmax(-1).tolist(), rows_at(self.finite, which).tolist()
        rows, ids = torch.tensor(pairs, device=self.raw.device).T
        # In place: whole rows of a vocabulary are not copied for a few ids.
        before = scores[rows, ids]
        scores[rows, ids] = -torch.inf
        best = scores.argmax(-1)
        scores[rows, ids] = before
        return best.tolist(), rows_at(self.finite, which).tolist()


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
        state = rows_at(states, which)
        raw = logits(self.engine, state)
        # A sum is finite where all of its terms are, and takes one pass.
        finite = state.float().sum(-1).isfinite().to(raw.device) & raw.sum(-1).isfinite()
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
