"""Features of images, by the model's own tower."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .errors import EngineError, need
from .memory import halving
from .model import Engine, accepted


@dataclass
class Image:
    """What the decoder reads of an image."""

    # [tokens, D]
    rows: Tensor
    # DeepStack: [layers, tokens, D]
    deep: Tensor | None
    # t, h, w in patches, where the tower has such grids.
    grid: list[int] | None
    # [H, W, 3] uint8, where the model's own processor read it.
    pixels: Tensor | None = None
    # Rows and columns, where its tokens are the whole picture's in raster order and there is no grid.
    raster: list[int] | None = None


def kept(image: Image) -> Image:
    """An image as it is kept until it is read: in main memory."""
    deep = None if image.deep is None else image.deep.cpu()
    return Image(image.rows.cpu(), deep, image.grid, image.pixels, image.raster)


def square_raster(engine: Engine, tokens: int) -> list[int] | None:
    """Rows and columns of an image's tokens in architectures that squeeze a whole picture into a square: Gemma 3 without pan
    and scan, InternVL where the picture is one tile. None elsewhere."""
    config = engine.model.config
    if config.model_type == "gemma3":
        whole = config.mm_tokens_per_image
    elif config.model_type == "internvl":
        sides = zip(config.vision_config.image_size, config.vision_config.patch_size, strict=True)
        whole = math.prod(int(size // patch * config.downsample_ratio) for size, patch in sides)
    else:
        return None
    side = math.isqrt(whole)
    return [side, side] if tokens == whole == side * side else None


def features_of_patches(
    engine: Engine, patches: Tensor, grids: list[list[int]], note: Callable[[str], None] = print
) -> list[Image]:
    """Images from patches [sum of t * h * w, numbers of a patch], one after the other (`pixel_values` of Qwen's processors)."""
    counts = [t * h * w for t, h, w in grids]
    need(patches.shape[0] == sum(counts), f"{patches.shape[0]} patches for grids of {sum(counts)}")
    parts = patches.split(counts)
    images: dict[int, Image] = {}

    def some(which: list[int]) -> None:
        out = image_features(
            engine,
            pixel_values=torch.cat([parts[i] for i in which]),
            image_grid_thw=torch.tensor([grids[i] for i in which]),
        )
        for i, (rows, deep) in zip(which, out, strict=True):
            images[i] = Image(rows.clone(), deep if deep is None else deep.clone(), list(grids[i]))

    halving(engine, "tokens", list(range(len(grids))), max(counts), some, note)
    return [images[i] for i in range(len(grids))]


def image_features(engine: Engine, **inputs: Tensor) -> list[tuple[Tensor, Tensor | None]]:
    """Rows [tokens, D] and DeepStack's [layers, tokens, D] of each image, from what the model's processor made of it."""
    function = getattr(engine.base, "get_image_features", None)
    if function is None:
        raise EngineError(
            "unsupported",
            f"{type(engine.model).__name__} has no get_image_features: it reads no images, or in a way of its own",
        )
    moved = {name: value.to(engine.device) for name, value in inputs.items()}
    if "pixel_values" in moved:
        moved["pixel_values"] = moved["pixel_values"].to(engine.dtype)
    out = function(**accepted(function, **moved))
    deep: Any = None
    # transformers 5 gives an output with named parts.
    if hasattr(out, "pooler_output"):
        out, deep = out.pooler_output, getattr(out, "deepstack_features", None)
    elif isinstance(out, tuple) and len(out) == 2 and isinstance(out[1], list):
        out, deep = out
    rows = [x.reshape(-1, x.shape[-1]) for x in out]
    if deep is None:
        return [(x, None) for x in rows]
    whole = [layer if isinstance(layer, Tensor) else torch.cat(tuple(layer)) for layer in deep]
    layers = torch.stack(whole).split([len(x) for x in rows], 1)
    return list(zip(rows, layers, strict=True))
