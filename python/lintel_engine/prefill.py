"""Reading prompts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from .apart import Apart, apart_of
from .attention import Reading, Segment, Step, StepCache, no_places
from .errors import EngineError, need
from .features import Image
from .handles import Handle, merged_segments
from .layers import output_of
from .memory import halving
from .model import Engine, accepted, decoder, embed, image_token, shared
from .picks import Gallery


@dataclass
class Prompt:
    """Ids with image tokens expanded, the images that they stand for in order, and places that no later token can attend to.
    `plain`: positions count the tokens, those of images as well, whatever the architecture does, and features of the last
    image may be chosen later. `apart`: nothing behind the prompt sees it, and positions behind it begin at 0 (apart.py)."""

    ids: list[int]
    images: list[Image]
    hidden: list[int] = field(default_factory=list)
    plain: bool = False
    apart: bool = False


@dataclass
class Prefilled:
    handle: Handle
    # [rows]: whether the last state of a row is finite.
    finite: list[bool]
    # [rows, length, D]
    states: Tensor | None


def prefill(
    engine: Engine,
    prompts: list[Prompt],
    drop_images: bool = False,
    states: bool = False,
    note: Callable[[str], None] = print,
) -> Prefilled:
    """Reads prompts, padded on the left to the longest; as many at once as the engine's `tokens` allow."""
    for prompt in prompts:
        check(engine, prompt)
    together = {p.apart for p in prompts}
    need(len(together) == 1, "prompts of which all, or none, are read apart")
    if True in together and engine.behind is None:
        raise EngineError("unsupported", f"{type(engine.model).__name__} reads no prompts apart")
    longest = max(len(p.ids) for p in prompts)
    parts: list[tuple[Segment, Tensor, Tensor, Tensor | None]] = []
    aparts: list[Apart | None] = []

    def some(which: list[int]) -> None:
        parts.append(_read(engine, [prompts[b] for b in which], drop_images, states, aparts))

    halving(engine, "tokens", list(range(len(prompts))), longest, some, note)
    segment = merged_segments([p[0] for p in parts], left=True)
    state = torch.cat([p[1] for p in parts])
    rows = len(prompts)
    every = torch.arange(rows, device=segment.valid.device)
    count = torch.tensor([len(p.ids) for p in prompts], device=segment.valid.device)
    handle = Handle(
        [Reading(segment, every)],
        no_places(rows, segment.valid.device),
        torch.cat([p[2] for p in parts]),
        count,
        count,
        state,
        [list(p.ids) for p in prompts],
        galleries=[_gallery(engine, p, longest) if p.plain and not drop_images else None for p in prompts],
        aparts=aparts,
    )
    whole = [p[3] for p in parts if p[3] is not None]
    padded = [torch.nn.functional.pad(x, [0, 0, longest - x.shape[1], 0]) for x in whole]
    return Prefilled(handle, state.isfinite().all(-1).tolist(), torch.cat(padded) if padded else None)


def _gallery(engine: Engine, prompt: Prompt, length: int) -> Gallery | None:
    """The last image of a prompt that is padded to `length`; None where there is none, or no token can attend to it."""
    if not prompt.images:
        return None
    features = prompt.images[-1].rows
    token = image_token(engine)
    places = [i for i, id in enumerate(prompt.ids) if id == token][-len(features) :]
    if not set(places).isdisjoint(prompt.hidden):
        return None
    columns = torch.tensor(places) + length - len(prompt.ids)
    return Gallery(columns, features, torch.zeros(len(places), dtype=torch.bool))


def check(engine: Engine, prompt: Prompt) -> None:
    """That a prompt fits the model."""
    vocabulary = engine.model.get_input_embeddings().weight.shape[0]
    need(len(prompt.ids) > 0, "a prompt without ids")
    need(
        min(prompt.ids) >= 0 and max(prompt.ids) < vocabulary,
        f"ids below {vocabulary}, the rows of the embedding table; got {max(prompt.ids)}",
    )
    outside = [place for place in prompt.hidden if not 0 <= place < len(prompt.ids)]
    need(not outside, f"hidden places below {len(prompt.ids)}, the ids of the prompt; got {outside[:1]}")
    token = image_token(engine)
    places = 0 if token is None else prompt.ids.count(token)
    rows = sum(len(i.rows) for i in prompt.images)
    need(places == rows, f"{places} image tokens in a prompt whose images have {rows} features")


def _read(
    engine: Engine, prompts: list[Prompt], drop_images: bool, whole: bool, aparts: list[Apart | None]
) -> tuple[Segment, Tensor, Tensor, Tensor | None]:
    """Segment, last states, next positions and (`whole`) all states of prompts that are read at once; what is kept of those that
    are read apart is added to `aparts`."""
    length = max(len(p.ids) for p in prompts)
    device = engine.device
    ids = torch.zeros(len(prompts), length, dtype=torch.long)
    valid = torch.zeros(len(prompts), length, dtype=torch.bool)
    hidden = torch.zeros(len(prompts), length, dtype=torch.bool)
    for b, p in enumerate(prompts):
        hidden[b, [length - len(p.ids) + place for place in p.hidden]] = True
        ids[b, length - len(p.ids) :] = torch.tensor(p.ids)
        valid[b, length - len(p.ids) :] = True
    ids, valid, hidden = ids.to(device), valid.to(device), hidden.to(device)
    images = [i for p in prompts for i in p.images]
    token = image_token(engine)
    at = (ids == token) & valid if token is not None else torch.zeros_like(valid)
    vectors = embed(engine, ids.masked_fill(at, 0) if token is not None and token >= engine.config.vocab_size else ids)
    if images:
        rows = torch.cat([i.rows.to(device, vectors.dtype) for i in images])
        vectors = vectors.masked_scatter(at[..., None].expand_as(vectors), rows)
    index = (valid.long().cumsum(1) - 1).clamp(min=0)
    positions = positions_of(engine, ids, valid, at, [i.grid for i in images])
    plain = torch.tensor([p.plain for p in prompts], device=device)[:, None]
    positions = torch.where(plain, index, positions)
    cache: DynamicCache = DynamicCache()
    if hidden.any():
        # Masks by column are no architecture's own: these prompts are read by the attention of continuations.
        own = no_places(len(prompts), device)
        cache = StepCache(
            Step([], own, valid, index, hidden[:, None].expand(-1, length, -1), groups=_groups(engine, at))
        )
    options = {
        "inputs_embeds": vectors,
        "position_ids": positions,
        "past_key_values": cache,
        "use_cache": True,
        "return_dict": True,
    }
    if not isinstance(cache, StepCache):
        options["attention_mask"] = valid.long()
    read: Callable[..., Any] = engine.base
    if any(i.deep is not None for i in images):
        deep = torch.cat([i.deep for i in images if i.deep is not None], 1).to(device, vectors.dtype)
        options |= {"visual_pos_masks": at, "deepstack_visual_embeds": list(deep)}
        read = decoder(engine)
    elif images:
        # Gemma 3 lets the tokens of an image look at each other by these; elsewhere they mean other things.
        options |= accepted(engine.base.forward, token_type_ids=at.long())
    apart = engine.behind if prompts[0].apart else None
    with shared(engine) if isinstance(cache, StepCache) else nullcontext(), output_of(engine, apart) as kept:
        out = read(**options)
    keys, values = zip(*layers_of(cache), strict=True)
    visible = valid & ~hidden & ~at if drop_images else valid & ~hidden
    last = positions.amax(0) if positions.dim() == 3 else positions
    following = last.masked_fill(~valid, -1).amax(1) + 1
    if apart is not None:
        visible, following = torch.zeros_like(visible), torch.zeros_like(following)
        for b, prompt in enumerate(prompts):
            n = len(prompt.ids)
            aparts.append(apart_of(engine, prompt.ids, kept[0][b, -n:], positions[..., b, -n:].to(kept[0].device)))
    states = out.last_hidden_state
    return (
        Segment(list(keys), list(values), visible, index),
        states[:, -1],
        following,
        states * valid[..., None] if whole else None,
    )


def _groups(engine: Engine, at: Tensor) -> Tensor | None:
    """By token the number of its image where its tokens look at each other in both directions, as in Gemma 3, or -1; None for
    architectures in which they do not. `at`: [rows, length], image tokens."""
    if not engine.model.config.model_type.startswith("gemma3"):
        return None
    begins = at & ~torch.nn.functional.pad(at, [1, 0])[:, :-1]
    return begins.long().cumsum(1).masked_fill(~at, -1)


def layers_of(cache: DynamicCache) -> list[tuple[Tensor, Tensor]]:
    """Keys and values of each layer."""
    if isinstance(cache, StepCache):
        return [cache.grown[i] for i in range(len(cache.grown))]
    return [(layer.keys, layer.values) for layer in cache.layers]


def positions_of(engine: Engine, ids: Tensor, valid: Tensor, at: Tensor, grids: list[Any]) -> Tensor:
    """Positions of the tokens, by the architecture's own method where it has one: [rows, length] or [axes, rows, length]."""
    method = getattr(engine.base, "get_rope_index", None)
    if method is None:
        return (valid.long().cumsum(1) - 1).clamp(min=0)
    shapes = torch.tensor(grids, device=ids.device) if grids else None
    # Version 5 of transformers is told which tokens are images'.
    kinds = accepted(method, mm_token_type_ids=at.long())
    given = accepted(method, input_ids=ids, image_grid_thw=shapes, attention_mask=valid.long()) | kinds
    return method(**given)[0]
