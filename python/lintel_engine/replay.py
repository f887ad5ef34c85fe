"""Given continuations read again at once: states, attention and gradients at every position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .errors import need
from .handles import Handle, step
from .layers import Exchange, inspected
from .memory import halving
from .model import Engine, embed, logits


@dataclass
class Replayed:
    """Of one row; tensors as the protocol names them."""

    tensors: dict[str, Tensor]
    log_odds: float | None


def replay(
    engine: Engine,
    handle: Handle,
    rows: list[dict[str, Any]],
    latents: Tensor,
    gradient: bool = False,
    attention: bool = False,
    inspect: bool = False,
    exchanged: Tensor | None = None,
    note: Callable[[str], None] = print,
) -> list[Replayed]:
    """Reads rows that continue rows of `handle`. Attention and what is made of it have the columns of the handle's cache and
    as many more as the longest row has ids. With `inspect` also the heads one by one, the states after each layer, and rows
    of `exchanged` in the places that the rows name."""
    need(not (inspect and gradient), "layers that are inspected, or a gradient: one of them")
    length = max(len(row["ids"]) for row in rows)
    counts = [len(row["slots"]) for row in rows]
    need(sum(counts) == len(latents), f"{sum(counts)} slots, {len(latents)} latents")
    parts = latents.split(counts)
    exchanges = _exchanges(rows, exchanged, inspect)
    out: dict[int, Replayed] = {}

    def some(which: list[int]) -> None:
        chosen, given = ([of[i] for i in which] for of in (rows, parts))
        places = [e.of(which.index(e.row)) for e in exchanges if e.row in which] if inspect else None
        read = _replay(engine, handle, chosen, given, length, gradient, attention, places)
        out.update(zip(which, read, strict=True))

    halving(engine, "tokens", list(range(len(rows))), length, some, note)
    return [out[i] for i in range(len(rows))]


def _exchanges(rows: list[dict[str, Any]], states: Tensor | None, inspect: bool) -> list[Exchange]:
    """Places [layer, index in the row's ids] of the rows, with the states that stand there."""
    places = [(r, int(layer), int(at)) for r, row in enumerate(rows) for layer, at in row.get("exchange") or []]
    have = 0 if states is None else len(states)
    need(len(places) == have, f"{len(places)} states are exchanged by the rows, {have} were given")
    need(inspect or not places, "`inspect` where states are exchanged")
    for r, _, at in places:
        need(
            0 <= at < len(rows[r]["ids"]),
            f"an exchanged place below {len(rows[r]['ids'])}, the ids of its row; got {at}",
        )
    return [Exchange(r, layer, at, states[n]) for n, (r, layer, at) in enumerate(places) if states is not None]


def _replay(
    engine: Engine,
    handle: Handle,
    rows: list[dict[str, Any]],
    latents: list[Tensor],
    length: int,
    gradient: bool,
    attention: bool,
    exchanges: list[Exchange] | None,
) -> list[Replayed]:
    work = handle.rows([row["row"] for row in rows])
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    valid = torch.zeros(len(rows), length, dtype=torch.bool)
    for i, row in enumerate(rows):
        ids[i, : len(row["ids"])] = torch.tensor(row["ids"])
        valid[i, : len(row["ids"])] = True
    places = torch.tensor([(i, t) for i, row in enumerate(rows) for t in row["slots"]], dtype=torch.long).reshape(-1, 2)
    with torch.set_grad_enabled(gradient):
        given = torch.cat(latents).to(engine.device, engine.dtype).requires_grad_(gradient)
        at, t = places.to(engine.device).T
        vectors = embed(engine, ids).index_put((at, t), given)
        kept: list[Tensor] | None = [] if attention or gradient else None
        with inspected(engine, exchanges) as layers:
            states, _ = step(engine, work, vectors, valid.to(work.next.device), kept=kept)
        last = torch.tensor([len(row["ids"]) - 1 for row in rows], device=states.device)
        final = logits(engine, states[torch.arange(len(rows), device=states.device), last])
        odds = [log_odds(final[i], row) for i, row in enumerate(rows)]
        if gradient:
            torch.stack([o for o in odds if o is not None]).sum().backward()
    return [
        Replayed(
            _of_row(i, row, states[i], final[i], kept, given, at, gradient, attention, layers),
            None if (value := odds[i]) is None else float(value.detach()),
        )
        for i, row in enumerate(rows)
    ]


def log_odds(scores: Tensor, row: dict[str, Any]) -> Tensor | None:
    """log p(chosen) - log p(another option)."""
    if row["options"] == "all":
        return None
    named = scores[torch.tensor(row["options"], device=scores.device)]
    others = [i for i in range(len(row["options"])) if i != row["chosen"]]
    return named[row["chosen"]] - named[others].logsumexp(0)


def _of_row(
    i: int,
    row: dict[str, Any],
    states: Tensor,
    scores: Tensor,
    kept: list[Tensor] | None,
    given: Tensor,
    at: Tensor,
    gradient: bool,
    attention: bool,
    layers: list[Tensor] | None,
) -> dict[str, Tensor]:
    read = row.get("read")
    reads = [len(row["ids"]) - 1] if read is None else list(read)
    out = {"hidden": states[: len(row["ids"])].detach()}
    if row["options"] == "all":
        out["top"] = scores.argmax().reshape(1).int()
        out["topProbability"] = scores.softmax(0).max().reshape(1).detach()
    else:
        out["scores"] = scores[torch.tensor(row["options"], device=scores.device)].detach()
    if attention:
        out["attention"] = torch.stack([w[i][:, reads].detach().float().mean(0).cpu() for w in kept or []])
    if layers is not None:
        out["states"] = torch.stack([x[i, : len(row["ids"])].detach().float().cpu() for x in layers])
        if attention:
            out["heads"] = torch.stack([w[i][:, reads].detach().float().transpose(0, 1).cpu() for w in kept or []])
    if gradient:
        need(given.grad is not None, "a gradient that depends on the latents")
        products = [(w[i].detach() * w.grad[i])[:, reads].float().cpu() for w in kept or [] if w.grad is not None]
        out["gradient"] = given.grad[at == i] if given.grad is not None else given
        out["attribution"] = torch.stack([p.sum(0) for p in products])
        out["saliency"] = torch.stack([p.abs().sum(0) for p in products])
    return out
