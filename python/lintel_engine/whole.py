"""Whole sequences, prompts included, and gradients of answers by latents, by features of images and by their patches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .errors import need
from .features import Image, image_features
from .model import Engine, decoder, embed, image_token, logits
from .prefill import Prompt, check, positions_of
from .replay import log_odds


@dataclass
class Whole:
    """Of one row: tensors as the protocol names them."""

    tensors: dict[str, Tensor]
    log_odds: float


def whole(engine: Engine, image: Image | None, row: dict[str, Any], latents: Tensor, cotangent: Tensor | None) -> Whole:
    """A prompt, whose images are `image` one after the other, and the ids behind it, with latents [slots, D] at their places. With
    `cotangent` [slots, D] also the gradient of log-odds + Σ cotangent · states, the states being those before each slot."""
    prompt, ids = row["prompt"]["ids"], row["ids"]
    grids = row["prompt"].get("grids") or []
    need(row["options"] != "all", "named options")
    images = [] if image is None else [image]
    check(engine, Prompt(prompt, images))
    device, token = engine.device, image_token(engine)
    # Only the prompt's image tokens are images: a slot may be recorded as any id.
    known = torch.tensor([[*prompt, *(0 if id == token else id for id in ids)]], device=device)
    at = known == token if token is not None else torch.zeros_like(known, dtype=torch.bool)
    every = torch.ones_like(known, dtype=torch.bool)
    slots = torch.tensor([len(prompt) + slot for slot in row["slots"]], dtype=torch.long, device=device)
    with torch.set_grad_enabled(cotangent is not None):
        leaves = [
            x.detach().to(device, engine.dtype).requires_grad_(cotangent is not None)
            for x in (latents, *(i.rows for i in images), *(i.deep for i in images if i.deep is not None))
        ]
        vectors = embed(engine, torch.tensor([[*prompt, *ids]], device=device).masked_fill(at, 0))
        if images:
            vectors = vectors.masked_scatter(at[..., None].expand_as(vectors), leaves[1])
        vectors = vectors.index_put((torch.zeros_like(slots), slots), leaves[0])
        # Without a mask, jumps of positions are taken for the ends of packed texts.
        options = {"inputs_embeds": vectors, "attention_mask": every.long()}
        options["position_ids"] = positions_of(engine, known, every, at, grids)
        deep = len(leaves) > 2
        if deep:
            options |= {"visual_pos_masks": at, "deepstack_visual_embeds": list(leaves[2])}
        read: Any = decoder(engine) if deep else engine.base
        states = read(**options, use_cache=False, return_dict=True).last_hidden_state[0]
        scores = logits(engine, states[-1:])[0]
        odds = log_odds(scores, row)
        assert odds is not None
        out = {
            "states": states[slots - 1].detach(),
            "scores": scores[torch.tensor(row["options"], device=device)].detach(),
        }
        if cotangent is not None:
            goal = odds + (cotangent.to(device, torch.float32) * states[slots - 1].float()).sum()
            names = ("latents", "visuals", "deep")
            found = torch.autograd.grad(goal, leaves, allow_unused=True)
            for name, leaf, gradient in zip(names, leaves, found, strict=False):
                out[name] = torch.zeros_like(leaf) if gradient is None else gradient
    return Whole(out, float(odds.detach()))


def patch_gradient(engine: Engine, patches: Tensor, grid: list[int], rows: Tensor, deep: Tensor | None) -> Tensor:
    """The gradient by the patches [t · h · w, numbers of a patch] of an image, of which `rows` and `deep` are those by what it is
    read as."""
    with torch.enable_grad():
        given = patches.detach().to(engine.device, torch.float32).requires_grad_()
        [(made, layers)] = image_features(engine, pixel_values=given, image_grid_thw=torch.tensor([grid]))
        goal = (made.float() * rows.to(made.device)).sum()
        if deep is not None and layers is not None:
            goal = goal + (layers.float() * deep.to(layers.device)).sum()
        return torch.autograd.grad(goal, given)[0]
