"""Every architecture: features, prefix, fed vectors, continuation and text equal the model's own `generate`."""

from __future__ import annotations

import os
import unittest
from typing import Any

import torch
from torch import Tensor

from lintel_engine.features import Image, image_features
from lintel_engine.handles import Handle, fork
from lintel_engine.model import Engine, image_token
from lintel_engine.prefill import Prompt, positions_of, prefill
from lintel_engine.run import run
from lintel_engine.words import OF_WORDS
from lintel_reference.tiny import CASES

from . import reference as r

WORDS = 12
TOLERANCE = 1e-5


def prompt_of(engine: Engine, inputs: dict[str, Tensor]) -> Prompt:
    """A prompt from what the processor made."""
    if "pixel_values" not in inputs:
        return Prompt(inputs["input_ids"][0].tolist(), [])
    others = {k: v for k, v in inputs.items() if k not in OF_WORDS}
    grids = inputs.get("image_grid_thw")
    made = image_features(engine, **others)
    images = [Image(rows, deep, None if grids is None else grids[i].tolist()) for i, (rows, deep) in enumerate(made)]
    return Prompt(inputs["input_ids"][0].tolist(), images)


def inputs_of(name: str) -> list[dict[str, Tensor]]:
    """Three prompts of different lengths; the last has two images, or where a model reads none, more words."""
    if CASES[name].image is None:
        return [r.prompt(name, question, []) for question in r.QUESTIONS]
    images = [[r.picture(1)], [r.picture(2, 40, 70)], [r.picture(3, 50, 50), r.picture(4)]]
    return [r.prompt(name, question, shown) for question, shown in zip(r.QUESTIONS, images, strict=True)]


def markers(engine: Engine) -> tuple[int, int, int]:
    size = engine.model.get_input_embeddings().weight.shape[0]
    return size - 3, size - 2, size - 1


def program(engine: Engine, given: int, own: int, words: int = WORDS, **more: object) -> dict[str, object]:
    """A block of own states and given vectors between its markers, and text."""
    start, pad, end = markers(engine)
    feed = [[0, start], *[[1, pad]] * own, *[[2, pad]] * given, [0, end]]
    return {"feed": feed, "text": {"forbid": [], "stop": [], "limit": words}, "state": True} | more


def forced(engine: Engine, vectors: Tensor, own: int) -> list[tuple[int, Tensor | str | None]]:
    """The same for `generate`."""
    start, pad, end = markers(engine)
    return [(start, None), *[(pad, "state")] * own, *[(pad, v) for v in vectors], (end, None)]


def masked(engine: Engine, inputs: dict[str, Tensor], prompt: Prompt) -> dict[str, Any]:
    """What transformers' own forward pass takes to hide places of a prompt: masks [1, 1, length, length], and positions."""
    length = len(prompt.ids)
    sees = torch.ones(length, length, dtype=torch.bool).tril()
    masks = {"full_attention": sees}
    ids = inputs["input_ids"]
    if engine.model.config.model_type == "gemma3":
        at = ids[0] == image_token(engine)
        number = (at & ~torch.cat([torch.tensor([False]), at[:-1]])).cumsum(0)
        near = torch.arange(length)[:, None] - torch.arange(length) < engine.config.sliding_window
        both = at[:, None] & at & (number[:, None] == number)
        masks = {"full_attention": sees | both, "sliding_attention": (sees & near) | both}
    hides = torch.zeros(length, dtype=torch.bool)
    hides[prompt.hidden] = True
    least = torch.finfo(torch.float32).min
    for kind, mask in masks.items():
        allowed = (mask & ~hides) | torch.eye(length, dtype=torch.bool)
        masks[kind] = torch.zeros(length, length).masked_fill(~allowed, least)[None, None]
    grids = [image.grid for image in prompt.images]
    positions = positions_of(engine, ids, torch.ones_like(ids).bool(), ids == image_token(engine), grids)
    given: Any = masks if len(masks) > 1 else masks["full_attention"]
    return {"attention_mask": given, "position_ids": positions}


class Architectures(unittest.TestCase):
    def each(self) -> list[str]:
        """All cases, or those that CASES in the environment names."""
        return os.environ.get("CASES", " ".join(CASES)).split()

    def close(self, got: Tensor, want: Tensor, tolerance: float = TOLERANCE) -> None:
        scale = max(1.0, float(want.abs().max()))
        self.assertEqual(got.shape, want.shape)
        self.assertLess(float((got - want).abs().max()) / scale, tolerance)

    @torch.no_grad()
    def test_generate(self) -> None:
        """Ids are equal and states agree, at the end of the prompt, of the block and of the text."""
        for name in self.each():
            engine = r.engine_of(name)
            vectors = torch.randn(3, engine.config.hidden_size, generator=torch.Generator().manual_seed(7))
            written: set[int] = set()
            for inputs in inputs_of(name):
                with self.subTest(name, length=inputs["input_ids"].shape[1]):
                    theirs = r.generate(engine.model, inputs, forced(engine, vectors, 2), WORDS + 1)
                    read = prefill(engine, [prompt_of(engine, inputs)], states=True)
                    self.close(read.handle.state[0], theirs.states[0])
                    handle = fork(read.handle, [0])
                    row = run(engine, handle, [program(engine, 3, 2)], vectors).rows[0]
                    assert row is not None
                    self.assertEqual([*row.written, row.id], theirs.ids[7:])
                    written.update(row.written)
                    self.close(torch.stack(row.fed), torch.stack(theirs.states[1:3]))
                    self.close(handle.state[0], theirs.states[7 + WORDS])
            with self.subTest(name, texts="worth comparing"):
                self.assertGreater(len(written), 5)

    @torch.no_grad()
    def test_hidden(self) -> None:
        """A prompt that hides tokens is read as by the model's own forward pass under such a mask, in a batch as well."""
        for name in self.each():
            if CASES[name].image is None:
                continue
            engine = r.engine_of(name)
            every = inputs_of(name)
            prompts = [prompt_of(engine, inputs) for inputs in every]
            token = image_token(engine)
            for prompt in prompts:
                # Every other token of images, and a word.
                images = [i for i, id in enumerate(prompt.ids) if id == token]
                prompt.hidden = [*images[::2], len(prompt.ids) - 2]
            together = prefill(engine, prompts, states=True)
            assert together.states is not None
            for b, (inputs, prompt) in enumerate(zip(every, prompts, strict=True)):
                with self.subTest(name, length=len(prompt.ids)):
                    length = len(prompt.ids)
                    want = engine.base(**inputs | masked(engine, inputs, prompt)).last_hidden_state[0]
                    self.close(together.states[b, -length:], want, 3 * TOLERANCE)
                    plain = engine.base(**inputs).last_hidden_state[0]
                    self.assertGreater(float((want[-1] - plain[-1]).abs().max()), 1e-3)

    @torch.no_grad()
    def test_batch(self) -> None:
        """Prompts of different lengths at once equal one by one, and N continuations of each equal recomputation."""
        for name in self.each():
            with self.subTest(name):
                engine = r.engine_of(name)
                vectors = torch.randn(2, engine.config.hidden_size, generator=torch.Generator().manual_seed(8))
                prompts = [prompt_of(engine, inputs) for inputs in inputs_of(name)]
                together = prefill(engine, prompts, states=True)
                # Rows in no order, of different numbers of slots and words, so that some end early and the batch gets smaller.
                owners = [2, 0, 1, 0, 2, 0]
                plans = [(0, 3), (2, 0), (0, 0), (0, 1), (0, 5), (0, 0)]
                lengths = [9, 2, 12, 1, 7, 3]
                programs = [program(engine, *p, words=w) for p, w in zip(plans, lengths, strict=True)]
                handle = fork(together.handle, owners)
                ran = run(engine, handle, programs, vectors)
                self.assertLess(len(handle), len(owners), "rows that have ended are dropped")
                for i, owner in enumerate(owners):
                    alone = prefill(engine, [prompts[owner]])
                    self.close(together.handle.state[owner], alone.handle.state[0], 3 * TOLERANCE)
                    # The continuation with keys and values of its own.
                    one: Handle = alone.handle
                    want = run(engine, one, [programs[i]], vectors if plans[i][0] else None).rows[0]
                    got = ran.rows[i]
                    assert want is not None and got is not None
                    self.assertEqual((got.written, got.id, got.end), (want.written, want.id, want.end))
                    self.close(ran.states[i], one.state[0], 3 * TOLERANCE)


if __name__ == "__main__":
    unittest.main()
