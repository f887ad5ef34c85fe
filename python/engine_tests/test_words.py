"""Prompts from pixels and messages: what the checkpoint's own processor and forward pass make of them."""

from __future__ import annotations

import os
import unittest
from typing import Any

import numpy as np
import torch

from lintel_engine.features import Image
from lintel_engine.prefill import Prompt, prefill
from lintel_engine.words import encode, features_of_pixels, tokenizer_of
from lintel_reference.tiny import CASES

from . import reference as r


def pixels(*seeds: int) -> list[torch.Tensor]:
    return [torch.from_numpy(np.array(r.picture(seed, 40 + 9 * seed, 50))) for seed in seeds]


class Words(unittest.TestCase):
    @torch.no_grad()
    def test_pixels(self) -> None:
        """Messages and images are read as the model's own forward pass reads what its processor makes of them."""
        names = os.environ.get("CASES", " ".join(CASES)).split()
        for name in names:
            if CASES[name].image is None:
                continue
            engine = r.engine_of(name)
            for seeds in ((1,), (2, 3)):
                with self.subTest(name, images=len(seeds)):
                    shown = pixels(*seeds)
                    inputs = r.prompt(name, r.QUESTIONS[1], [r.picture(seed, 40 + 9 * seed, 50) for seed in seeds])
                    content: list[dict[str, Any]] = [
                        *[{"type": "image"}] * len(seeds),
                        {"type": "text", "text": r.QUESTIONS[1]},
                    ]
                    images = [features_of_pixels(engine, p) for p in shown]
                    ids, images = encode(engine, [{"role": "user", "content": content}], images, True, "")
                    self.assertEqual(ids, inputs["input_ids"][0].tolist())
                    read = prefill(engine, [Prompt(ids, images)])
                    plain = engine.base(**inputs).last_hidden_state[0, -1]
                    self.assertLess(float((read.handle.state[0] - plain).abs().max()), 1e-5)

    def test_text(self) -> None:
        engine = r.engine_of("llama")
        ids, images = encode(engine, [{"role": "user", "content": "Which piece?"}], [], True, "<|lvr_start|>")
        start = tokenizer_of(engine).get_vocab()["<|lvr_start|>"]
        self.assertEqual((ids[-1], images), (start, []))
        text = "<|im_start|>user\nWhich piece?<|im_end|>\n<|im_start|>assistant\n<|lvr_start|>"
        self.assertEqual(tokenizer_of(engine).decode(ids), text)

    def test_patches(self) -> None:
        """Of images that came as patches, a token of the template stands for as many as they have features."""
        engine = r.engine_of("qwen2_5_vl")
        image = Image(torch.zeros(6, 32), None, [1, 4, 6])
        ids, _ = encode(engine, [{"role": "user", "content": [{"type": "image"}]}], [image], False, "")
        self.assertEqual(ids.count(engine.model.config.image_token_id), 6)


if __name__ == "__main__":
    unittest.main()
