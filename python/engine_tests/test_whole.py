"""Whole sequences: the readings of replay, and gradients that finite differences confirm, down to the patches of images."""

from __future__ import annotations

import unittest
from typing import Any

import torch
from torch import Tensor

from lintel_engine.features import Image, features_of_patches
from lintel_engine.model import Engine
from lintel_engine.prefill import Prompt, prefill
from lintel_engine.replay import replay
from lintel_engine.whole import patch_gradient, whole

from . import reference as r

NAMES = ("qwen2_5_vl", "qwen3_vl")


class Wholes(unittest.TestCase):
    def close(self, got: Tensor, want: Tensor, tolerance: float = 1e-4) -> None:
        self.assertEqual(got.shape, want.shape)
        self.assertLess(float((got - want).abs().max()) / max(1e-3, float(want.abs().max())), tolerance)

    def given(self, name: str) -> tuple[Engine, dict[str, Tensor], dict[str, Any], Tensor, Tensor]:
        engine = r.engine_of(name)
        inputs = r.prompt(name, r.QUESTIONS[0], [r.picture(1), r.picture(2, 40, 40)])
        grids = inputs["image_grid_thw"].tolist()
        # A slot that is recorded as the id of images is none.
        token = engine.model.config.image_token_id
        row = {"ids": [10, token, 12, 13], "slots": [1, 2], "options": [70, 71, 72], "chosen": 2}
        prompt = {"ids": inputs["input_ids"][0].tolist(), "grids": grids}
        g = torch.Generator().manual_seed(3)
        latents, cotangent = (torch.randn(2, engine.config.hidden_size, generator=g) for _ in range(2))
        return engine, inputs, {"prompt": prompt, **row}, latents, cotangent

    def image(self, engine: Engine, inputs: dict[str, Tensor]) -> Image:
        """Both images as one."""
        with torch.no_grad():
            made = features_of_patches(engine, inputs["pixel_values"], inputs["image_grid_thw"].tolist())
        deep = [i.deep for i in made if i.deep is not None]
        return Image(torch.cat([i.rows for i in made]), torch.cat(deep, 1) if deep else None, None)

    def test_as_replay(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                engine, inputs, row, latents, _ = self.given(name)
                got = whole(engine, self.image(engine, inputs), row, latents, torch.zeros_like(latents))
                with torch.no_grad():
                    grids = inputs["image_grid_thw"].tolist()
                    images = features_of_patches(engine, inputs["pixel_values"], grids)
                    handle = prefill(engine, [Prompt(row["prompt"]["ids"], images)]).handle
                [want] = replay(engine, handle, [{**row, "row": 0}], latents, gradient=True)
                self.close(got.tensors["states"], want.tensors["hidden"][[0, 1]])
                self.close(got.tensors["scores"], want.tensors["scores"])
                self.assertAlmostEqual(got.log_odds, want.log_odds or 0, 4)
                self.close(got.tensors["latents"], want.tensors["gradient"], 1e-3)

    def test_patches(self) -> None:
        """A step along random directions in patches and latents changes the goal as the gradients say."""
        for name in NAMES:
            with self.subTest(name):
                engine, inputs, row, latents, cotangent = self.given(name)
                grids = row["prompt"]["grids"]
                counts = [t * h * w for t, h, w in grids]
                got = whole(engine, self.image(engine, inputs), row, latents, cotangent)
                sizes = [n // 4 for n in counts]
                rows = got.tensors["visuals"].split(sizes)
                deeps = got.tensors["deep"].split(sizes, 1) if "deep" in got.tensors else [None] * len(sizes)
                self.assertEqual(name == "qwen3_vl", "deep" in got.tensors)
                parts = inputs["pixel_values"].split(counts)
                gradient = torch.cat(
                    [patch_gradient(engine, *each) for each in zip(parts, grids, rows, deeps, strict=True)]
                )
                g = torch.Generator().manual_seed(9)
                along = torch.randn(inputs["pixel_values"].shape, generator=g)
                beside = torch.randn(latents.shape, generator=g)

                def goal(
                    step: float, of: tuple[Any, ...] = (engine, inputs, row, latents, cotangent, along, beside)
                ) -> float:
                    engine, inputs, row, latents, cotangent, along, beside = of
                    moved = {**inputs, "pixel_values": inputs["pixel_values"] + step * along}
                    read = whole(engine, self.image(engine, moved), row, latents + step * beside, None)
                    return read.log_odds + float((cotangent * read.tensors["states"]).sum())

                step = 2e-3
                want = (goal(step) - goal(-step)) / (2 * step)
                said = float((gradient * along).sum() + (got.tensors["latents"] * beside).sum())
                self.assertLess(abs(said - want) / max(1.0, abs(want)), 2e-2, (said, want))


if __name__ == "__main__":
    unittest.main()
