"""The adapter for WM-VLM: ids and latents equal those of the family's loop, written again without caches."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lintel_engine.adapters.wm_vlm import branch_of, layer_numbers, make_block
from lintel_engine.handles import Handle, fork
from lintel_engine.model import Engine, load
from lintel_engine.prefill import prefill
from lintel_engine.run import run
from lintel_reference.wm_vlm import LATENTS, TOKENS, Reference, write

from . import reference as r
from .test_architectures import prompt_of

WORDS = 14


def text_of(
    engine: Engine, handle: Handle, config: dict[str, Any], given: Tensor | None
) -> tuple[list[int], list[Tensor]]:
    """What a client does: text up to a start marker, a block, and so on, up to the limits of the family's loop."""
    start, pad, end = (config[key] for key in TOKENS)
    ids: list[int] = []
    blocks: list[Tensor] = []
    left = WORDS
    eos = engine.model.generation_config.eos_token_id
    feed: list[list[int]] = []
    while True:
        text = {"forbid": [], "stop": [start], "final": [eos], "limit": left}
        vectors = None if given is None or not feed else given[len(blocks)]
        row = run(engine, handle, [{"feed": feed, "text": text}], vectors).rows[0]
        assert row is not None and row.id is not None
        if feed:
            ids += [id for _, id in feed]
            blocks.append(vectors if vectors is not None else torch.stack(row.fed))
        ids += row.written
        left -= len(row.written) + 1
        if row.end == "limit":
            return ids, blocks
        if row.end == "final" or left < 0 or len(blocks) == config["wm_vlm_max_latent_blocks"]:
            return [*ids, row.id], blocks
        feed = [[0, start], *[[3 if given is None else 2, pad]] * LATENTS, [0, end]]


class WmVlm(unittest.TestCase):
    @torch.no_grad()
    def test_family(self) -> None:
        for placement in ("middle", "bottom"):
            with tempfile.TemporaryDirectory() as folder:
                path = write(Path(folder) / "model", placement)
                engine = load(str(path), dtype="float32", deviceMap="cpu")
                theirs = Reference(engine.model, path)
                made = [r.prompt("qwen2_5_vl", q, [r.picture(i)]) for i, q in enumerate(r.QUESTIONS)]
                together = prefill(engine, [prompt_of(engine, inputs) for inputs in made]).handle
                counts: list[int] = []
                texts: list[list[int]] = []
                for b, inputs in enumerate(made):
                    for oracle in (None, torch.randn(2, LATENTS, 32, generator=torch.Generator().manual_seed(b))):
                        with self.subTest(placement, example=b, oracle=oracle is not None):
                            ids, blocks = theirs.generate(inputs, WORDS, oracle=oracle)
                            got, vectors = text_of(engine, fork(together, [b]), theirs.config, oracle)
                            self.assertEqual(got[: len(ids)], ids)
                            self.assertEqual(len(vectors), len(blocks))
                            counts.append(len(blocks))
                            texts.append(ids)
                            for mine, want in zip(vectors, blocks, strict=True):
                                self.assertLess(float((mine - want).abs().max()), 1e-4)
                self.assertIn(2, counts, "an example with two blocks")
                self.assertGreater(len({tuple(ids) for ids in texts}), 3, "texts that are worth comparing")

    @torch.no_grad()
    def test_rows(self) -> None:
        """Blocks of many rows at once are those of each alone, in several steps, too."""
        with tempfile.TemporaryDirectory() as folder:
            engine = load(str(write(Path(folder) / "model")), dtype="float32", deviceMap="cpu")
        made = [r.prompt("qwen2_5_vl", q, [r.picture(i)]) for i, q in enumerate(r.QUESTIONS)]
        together = prefill(engine, [prompt_of(engine, inputs) for inputs in made]).handle
        handle = fork(together, [2, 0, 1, 1])
        feed = [[0, 5], *[[3, 6]] * LATENTS]
        programs: list[Any] = [{"feed": f} for f in (feed, feed, [[1, 5]] * (LATENTS + 1), feed)]
        rows = run(engine, handle, programs).rows
        for i, b in ((0, 2), (1, 0), (3, 1)):
            alone = run(engine, fork(together, [b]), programs[:1]).rows[0]
            row = rows[i]
            assert alone is not None and row is not None
            self.assertLess(float((torch.stack(row.fed) - torch.stack(alone.fed)).abs().max()), 1e-5)

    def test_layers(self) -> None:
        named = {"wm_vlm_num_layers": 4, "wm_vlm_layer_placement": "layers_10_13"}
        self.assertEqual(layer_numbers(named, 28), [10, 11, 12, 13])
        self.assertEqual(layer_numbers(named | {"wm_vlm_layer_placement": "middle"}, 28), [12, 13, 14, 15])
        self.assertEqual(layer_numbers({"wm_vlm_num_layers": 1, "wm_vlm_layer_placement": "layer_3"}, 28), [3])

    @torch.no_grad()
    def test_steps(self) -> None:
        """Several steps of the flow move as the family's do."""
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder) / "model")
            engine = load(str(path), dtype="float32", deviceMap="cpu")
            theirs = Reference(engine.model, path)
            branch = branch_of(engine)
        inputs = r.prompt("qwen2_5_vl", r.QUESTIONS[0], [r.picture(0)])
        ids, blocks = theirs.generate(inputs, WORDS, steps=3)
        start = ids.index(theirs.config["wm_vlm_latent_start_id"])
        handle = fork(prefill(engine, [prompt_of(engine, inputs)]).handle, [0])
        run(engine, handle, [{"feed": [[0, id] for id in ids[: start + 1]]}])
        made = make_block(engine, branch, handle, LATENTS, steps=3)[0]
        self.assertLess(float((made - blocks[0]).abs().max()), 1e-4)
        once = make_block(engine, branch, handle, LATENTS)[0]
        self.assertGreater(float((made - once).abs().max()), 1e-2)


if __name__ == "__main__":
    unittest.main()
