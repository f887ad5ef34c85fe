"""Prompts by the checkpoint's own processor, for architectures that the client has no tokenizer or image processor of."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .errors import EngineError, need
from .features import Image, image_features, square_raster
from .model import Engine, image_token
from .processors import load_processor

# What a processor makes that is about words.
OF_WORDS = ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids")


def processor_of(engine: Engine) -> Any:
    """The processor of the loaded checkpoint, or its tokenizer where it reads no images."""
    if engine.processor is None:
        engine.processor = load_processor(engine.path, engine.trusts, text=not reads_images(engine))
    return engine.processor


def tokenizer_of(engine: Engine) -> Any:
    """The tokenizer of the loaded checkpoint."""
    processor = processor_of(engine)
    return getattr(processor, "tokenizer", processor)


def features_of_pixels(engine: Engine, pixels: Tensor) -> Image:
    """The image of pixels [H, W, 3] uint8, as the processor presents one image in a prompt."""
    text = chat(engine, [{"role": "user", "content": [{"type": "image"}]}], False)
    made = _read(engine, text, [pixels])
    parts = image_features(engine, **_of_images(made))
    rows = torch.cat([rows for rows, _ in parts])
    deep = torch.cat([d for _, d in parts if d is not None], 1) if parts[0][1] is not None else None
    places = made["input_ids"][0].tolist().count(image_token(engine))
    if places != len(rows):
        kind = type(engine.model).__name__
        raise EngineError(
            "unsupported", f"{kind}: {len(rows)} features of an image for which its processor writes {places} tokens"
        )
    grid = made["image_grid_thw"][0].tolist() if "image_grid_thw" in made else None
    return Image(rows, deep, grid, pixels, None if grid else square_raster(engine, len(rows)))


def chat(engine: Engine, messages: list[dict[str, Any]], generation_prompt: bool) -> str:
    """Messages as text, by the checkpoint's chat template."""
    owner = templated(engine)
    if owner is None:
        raise EngineError("checkpoint", f"{engine.path} has no chat template")
    if not reads_images(engine):
        # Templates of models of words know no parts of a turn.
        messages = [{**message, "content": plain([message])} for message in messages]
    return owner.apply_chat_template(messages, tokenize=False, add_generation_prompt=generation_prompt)


def plain(messages: list[dict[str, Any]]) -> str:
    """The words of messages, one after the other."""
    parts = [m["content"] if isinstance(m["content"], list) else [{"text": m["content"]}] for m in messages]
    return "".join(part.get("text", "") for turn in parts for part in turn)


def templated(engine: Engine) -> Any:
    """What has the checkpoint's chat template: its processor or its tokenizer; None without one."""
    owners = (processor_of(engine), tokenizer_of(engine))
    return next((owner for owner in owners if getattr(owner, "chat_template", None)), None)


def reads_images(engine: Engine) -> bool:
    return hasattr(engine.base, "get_image_features")


def image_tokens(engine: Engine) -> list[int]:
    """Ids that a processor puts where an image stands, or that ask it for one: no text may have them."""
    processor = processor_of(engine)
    names = {"boi_token", "eoi_token", *(name for name in vars(processor) if name.endswith("image_token"))}
    texts = [text for name in names if isinstance(text := getattr(processor, name, None), str)]
    known = tokenizer_of(engine).get_vocab()
    own = image_token(engine)
    return sorted({*(known[text] for text in texts if text in known), *([] if own is None else [own])})


def encode(
    engine: Engine,
    messages: list[dict[str, Any]],
    images: list[Image],
    generation_prompt: bool,
    tail: str,
    template: bool = True,
) -> tuple[list[int], list[Image]]:
    """Ids with image tokens expanded, and the images whose features stand there: those given, or where the processor presents
    several images in another way than one alone, those that it presents. Without `template` the prompt is the messages'
    words alone, begun as the tokenizer begins texts."""
    if not template:
        need(not images, "prompts without images, where no chat template says how they are shown")
        return tokenizer_of(engine)(plain(messages) + tail)["input_ids"], []
    text = chat(engine, messages, generation_prompt) + tail
    if not images:
        return _words(engine, text), []
    token = image_token(engine)
    pixels = [image.pixels for image in images]
    known = [p for p in pixels if p is not None]
    if len(known) < len(pixels):
        need(not known, "images that were all given as pixels, or all as patches")
        return _expanded(_words(engine, text), token, images), images
    made = _read(engine, text, known)
    ids = made["input_ids"][0].tolist()
    if sum(id == token for id in ids) != sum(len(image.rows) for image in images):
        parts = image_features(engine, **_of_images(made))
        need(len(parts) == len(images), f"{len(parts)} groups of features for {len(images)} images")
        images = [Image(rows, deep, i.grid, i.pixels) for (rows, deep), i in zip(parts, images, strict=True)]
        places, rows = sum(id == token for id in ids), sum(len(image.rows) for image in images)
        need(places == rows, f"{places} image tokens in a prompt whose images have {rows} features")
    return ids, images


def shown(
    engine: Engine, messages: list[dict[str, Any]], pixels: list[Tensor], generation_prompt: bool, tail: str
) -> list[int]:
    """The ids of a prompt with these images, of which nothing is computed."""
    text = chat(engine, messages, generation_prompt) + tail
    return _read(engine, text, pixels)["input_ids"][0].tolist() if pixels else _words(engine, text)


def _words(engine: Engine, text: str) -> list[int]:
    return tokenizer_of(engine)(text, add_special_tokens=False)["input_ids"]


def _expanded(ids: list[int], token: int | None, images: list[Image]) -> list[int]:
    places = sum(id == token for id in ids)
    need(places == len(images), f"{len(images)} images for {places} image tokens")
    rest = iter(images)
    return [x for id in ids for x in ([id] * len(next(rest).rows) if id == token else [id])]


def _read(engine: Engine, text: str, pixels: list[Tensor]) -> Any:
    from PIL import Image as Picture

    pictures = [Picture.fromarray(p.numpy()) for p in pixels]
    tokenizer = tokenizer_of(engine)
    # What the template wrote already is not written again.
    begun = tokenizer.bos_token is not None and text.startswith(tokenizer.bos_token)
    options = {"add_special_tokens": False} if begun or tokenizer.bos_token is None else {}
    try:
        return processor_of(engine)(text=[text], images=pictures, return_tensors="pt", **options)
    except (ValueError, IndexError) as cause:
        raise EngineError("input", f"{type(processor_of(engine)).__name__}: {cause}") from cause


def _of_images(made: Any) -> dict[str, Tensor]:
    return {name: value for name, value in made.items() if name not in OF_WORDS and isinstance(value, Tensor)}
