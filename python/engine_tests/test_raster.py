"""Rows and columns of image tokens: what changes in one part of a picture changes the features of that cell alone."""

from __future__ import annotations

import unittest
from typing import Any

import numpy as np
import torch

from lintel_engine.features import square_raster
from lintel_engine.model import load
from lintel_engine.processors import load_processor
from lintel_engine.words import features_of_pixels

from . import reference as r


def local(engine: Any) -> None:
    """Layers of the vision tower leave patches as they are, so that each is seen where it stands."""
    for name, p in engine.model.named_parameters():
        outputs = ("out_proj", "projection_layer", "fc2")
        if "vision_tower" in name and ".layer" in name and any(part in name for part in outputs):
            p.data.zero_()


class Rasters(unittest.TestCase):
    @torch.no_grad()
    def test_raster(self) -> None:
        for name in ("gemma3", "internvl"):
            with self.subTest(name):
                engine = load(str(r.checkpoint(name)), dtype="float32", deviceMap="cpu")
                engine.processor = load_processor(engine.path)
                local(engine)
                gray = np.full((48, 48, 3), 128, dtype=np.uint8)
                plain = features_of_pixels(engine, torch.from_numpy(gray))
                assert plain.raster is not None
                rows, columns = plain.raster
                self.assertEqual(rows * columns, len(plain.rows))
                self.assertGreater(rows, 1)
                for row in range(rows):
                    for column in range(columns):
                        changed = gray.copy()
                        high, wide = 48 // rows, 48 // columns
                        # Away from the edges of the cell, which a resized picture blurs.
                        inner = (
                            slice(row * high + 8, (row + 1) * high - 8),
                            slice(column * wide + 8, (column + 1) * wide - 8),
                        )
                        changed[inner] = [255, 0, 40]
                        other = features_of_pixels(engine, torch.from_numpy(changed))
                        moved = (other.rows - plain.rows).abs().amax(1)
                        self.assertEqual(int(moved.argmax()), row * columns + column)
                        self.assertLess(float(moved.sort().values[-2]), 0.1 * float(moved.max()))

    def test_tiles(self) -> None:
        """A picture of several tiles, and architectures with other orders, have none."""
        engine = r.engine_of("internvl")
        wide = torch.zeros(20, 60, 3, dtype=torch.uint8)
        tiled = features_of_pixels(engine, wide)
        self.assertGreater(len(tiled.rows), 4)
        self.assertIsNone(tiled.raster)
        for name in ("llava_onevision", "qwen2_5_vl"):
            engine = r.engine_of(name)
            self.assertIsNone(square_raster(engine, 4))
            self.assertIsNone(features_of_pixels(engine, torch.zeros(48, 48, 3, dtype=torch.uint8)).raster)


if __name__ == "__main__":
    unittest.main()
