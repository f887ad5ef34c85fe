"""The states between the layers of the decoder: read, replaced, and shown as words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from .errors import EngineError, need
from .model import Engine, decoder, logits

# Names of the normalization behind the last layer.
NORMS = ("norm", "ln_f", "final_layernorm", "final_layer_norm", "final_norm")


@dataclass
class Exchange:
    """A state [D] that stands in the place of a row's own after a layer, at an index in the row's ids."""

    row: int
    layer: int
    at: int
    state: Tensor

    def of(self, row: int) -> Exchange:
        """The same of a row with another number."""
        return replace(self, row=row)


def layers_of(engine: Engine) -> list[nn.Module]:
    """The layers of the decoder, in order."""
    count = engine.config.num_hidden_layers
    found = [m for m in decoder(engine).children() if isinstance(m, nn.ModuleList) and len(m) == count]
    if len(found) != 1:
        raise EngineError(
            "unsupported", f"{type(decoder(engine)).__name__} has no list of {count} layers that was found"
        )
    return list(found[0])


def norm_of(engine: Engine) -> nn.Module:
    """The normalization behind the last layer."""
    for name in NORMS:
        found = getattr(decoder(engine), name, None)
        if isinstance(found, nn.Module):
            return found
    raise EngineError("unsupported", f"{type(decoder(engine)).__name__} has no last normalization ({', '.join(NORMS)})")


@contextmanager
def inspected(engine: Engine, exchanges: list[Exchange] | None) -> Iterator[list[Tensor] | None]:
    """Within it, a forward pass leaves the states [R, T, D] after each layer in the list, those of `exchanges` in their
    places; None: nothing is looked at."""
    if exchanges is None:
        yield None
        return
    layers = layers_of(engine)
    for e in exchanges:
        need(0 <= e.layer < len(layers), f"layers below {len(layers)}; got {e.layer}")
    states: list[Tensor] = []

    def hook(number: int) -> Any:
        here = [e for e in exchanges if e.layer == number]

        def look(module: nn.Module, arguments: Any, output: Any) -> Any:
            x = output[0] if isinstance(output, tuple) else output
            if here:
                x = x.clone()
                for e in here:
                    x[e.row, e.at] = e.state.to(x)
            states.append(x)
            return (x, *output[1:]) if isinstance(output, tuple) else x

        return look

    hooks = [layer.register_forward_hook(hook(i)) for i, layer in enumerate(layers)]
    try:
        yield states
    finally:
        for each in hooks:
            each.remove()


@contextmanager
def output_of(engine: Engine, number: int | None) -> Iterator[list[Tensor]]:
    """Within it, a forward pass leaves the states behind a layer in the list; None: of none."""
    kept: list[Tensor] = []

    def look(module: nn.Module, arguments: Any, output: Any) -> None:
        kept.append(output[0] if isinstance(output, tuple) else output)

    hook = None if number is None else layers_of(engine)[number].register_forward_hook(look)
    try:
        yield kept
    finally:
        if hook is not None:
            hook.remove()


@contextmanager
def standing(engine: Engine, placed: list[tuple[int, int, Tensor]]) -> Iterator[None]:
    """Within it, states [D] stand in places (row, index) behind the layer `Engine.behind`."""
    if not placed:
        yield
        return
    need(engine.behind is not None, "a network with a layer behind which vectors stand")
    rows, at = torch.tensor([each[:2] for each in placed]).T
    given = torch.stack([state for _, _, state in placed])

    def put(module: nn.Module, arguments: Any, output: Any) -> Any:
        x = (output[0] if isinstance(output, tuple) else output).clone()
        x[rows.to(x.device), at.to(x.device)] = given.to(x)
        return (x, *output[1:]) if isinstance(output, tuple) else x

    hook = layers_of(engine)[engine.behind or 0].register_forward_hook(put)
    try:
        yield
    finally:
        hook.remove()


def likeliest(engine: Engine, states: Tensor, count: int, normed: bool) -> tuple[Tensor, Tensor]:
    """Ids and probabilities [n, count] of the likeliest tokens if the decoder ended at states [n, D], the first of equals
    before the others. `normed`: the states are behind the last normalization."""
    ids, shares = [], []
    norm = None if normed else norm_of(engine)
    # As many at once as hold 2**24 logits.
    together = max(1, 2**24 // engine.model.get_input_embeddings().weight.shape[0])
    for some in states.to(engine.device, engine.dtype).split(together):
        scores = logits(engine, some if norm is None else norm(some))
        best = scores.topk(min(count, scores.shape[-1]))
        order = torch.tensor(
            [
                sorted(range(len(values)), key=lambda i: (-values[i], places[i]))
                for values, places in zip(best.values.tolist(), best.indices.tolist(), strict=True)
            ],
            device=scores.device,
        )
        ids.append(best.indices.gather(1, order).int())
        shares.append((best.values.gather(1, order) - scores.logsumexp(-1, keepdim=True)).exp())
    return torch.cat(ids), torch.cat(shares)
