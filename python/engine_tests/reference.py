"""What the engine is compared with: the model's own `generate`, with vectors fed by hooks."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from PIL import Image as Picture
from torch import Tensor

from lintel_engine.model import Engine, load
from lintel_engine.processors import load_processor
from lintel_reference.tiny import CASES, MODERN, write

torch.set_num_threads(1)
HOME = Path(os.environ.get("LINTEL_TINY") or tempfile.mkdtemp(prefix="lintel-tiny-"))
QUESTIONS = ["Which piece fits the wall?", "Turn the shape to the left: A B C D", "Which?"]


@cache
def checkpoint(name: str) -> Path:
    """A tiny checkpoint, written at first use."""
    path = HOME / name
    return path if (path / "config.json").is_file() else write(name, path)


@cache
def engine_of(name: str) -> Engine:
    engine = load(str(checkpoint(name)), dtype="float32", deviceMap="cpu")
    engine.processor = processor_of(name)
    return engine


@cache
def processor_of(name: str) -> Any:
    return load_processor(str(checkpoint(name)), text=CASES[name].image is None)


def picture(seed: int, width: int = 61, height: int = 45) -> Picture.Image:
    r = np.random.default_rng(seed)
    coarse = Picture.fromarray(r.integers(0, 256, (5, 7, 3), dtype=np.uint8))
    return coarse.resize((width, height), Picture.Resampling.BICUBIC)


def prompt(name: str, question: str, images: list[Picture.Image]) -> dict[str, Tensor]:
    """A prompt as the checkpoint's own processor makes it."""
    processor = processor_of(name)
    content = [{"type": "image"} for _ in images] + [{"type": "text", "text": question}]
    text = processor.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    made = processor(text=[text], images=images, return_tensors="pt") if images else _words(processor, text)
    unread = () if MODERN else ("mm_token_type_ids",)
    return {k: v for k, v in made.items() if isinstance(v, Tensor) and k not in unread}


def _words(processor: Any, text: str) -> Any:
    return getattr(processor, "tokenizer", processor)([text], return_tensors="pt")


@dataclass
class Generated:
    """Ids after the prompt, and the post-norm state [D] after each token read, that of the prompt first."""

    ids: list[int]
    states: list[Tensor]


@torch.no_grad()
def generate(
    model: Any, inputs: dict[str, Tensor], forced: list[tuple[int, Tensor | str | None]], words: int, **options: Any
) -> Generated:
    """Greedy text of the model's own `generate`. The first ids are forced, and with each goes what is fed in its place: a
    vector, "state" (what the model had last), or None for its embedding."""
    states: list[Tensor] = []
    calls = 0

    def keep(module: Any, arguments: tuple[Tensor, ...]) -> None:
        states.append(arguments[0][0, -1].clone())

    def replace(module: Any, arguments: Any, output: Tensor) -> Tensor | None:
        nonlocal calls
        calls += 1
        # The first call reads the prompt.
        at = calls - 2
        given = forced[at][1] if 0 <= at < len(forced) else None
        if given is None:
            return None
        return (states[-1] if isinstance(given, str) else given).reshape(output.shape).to(output.dtype)

    class Forced(transformers.LogitsProcessor):
        def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
            at = input_ids.shape[1] - inputs["input_ids"].shape[1]
            if at < len(forced):
                scores = torch.full_like(scores, -torch.inf)
                scores[:, forced[at][0]] = 0
            return scores

    hooks = [
        model.get_output_embeddings().register_forward_pre_hook(keep),
        model.get_input_embeddings().register_forward_hook(replace),
    ]
    try:
        out = model.generate(
            **inputs,
            max_new_tokens=len(forced) + words,
            do_sample=False,
            logits_processor=transformers.LogitsProcessorList([Forced()]),
            **options,
        )
    finally:
        for hook in hooks:
            hook.remove()
    return Generated(out[0, inputs["input_ids"].shape[1] :].tolist(), states)
