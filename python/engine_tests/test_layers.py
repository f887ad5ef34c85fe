"""States between layers: those of transformers; exchanged they change what follows; as words they are the model's own."""

from __future__ import annotations

import unittest
from typing import Any

import torch
from torch import Tensor

from lintel_engine.frames import Frame
from lintel_engine.layers import likeliest
from lintel_engine.model import load, logits
from lintel_engine.operations import Session, array_of
from lintel_engine.prefill import Prompt, prefill
from lintel_engine.replay import Replayed, replay

from . import reference as r

PROMPTS = [[40, 41, 42, 43, 44, 45, 46, 47, 48], [60, 61, 62]]
ROWS: list[dict[str, Any]] = [
    {"row": 1, "ids": [10, 11, 12, 13], "slots": [1, 2], "options": [70, 71, 72], "chosen": 2, "read": [0, 3]},
    {"row": 0, "ids": [10, 11, 11, 11, 12, 13, 14], "slots": [1, 2, 3], "options": [70, 71], "chosen": 0},
]
NAMES = ("qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen3_vl_moe", "internvl", "gemma3", "llava_onevision", "gpt2", "llama")


class Layers(unittest.TestCase):
    def close(self, got: Tensor, want: Tensor, tolerance: float = 1e-4) -> None:
        self.assertEqual(got.shape, want.shape)
        self.assertLess(float((got - want).abs().max()) / max(1e-3, float(want.abs().max())), tolerance)

    def looked(self, engine: Any, latents: Tensor, rows: list[dict[str, Any]], **options: Any) -> list[Replayed]:
        handle = prefill(engine, [Prompt(ids, []) for ids in PROMPTS]).handle
        return replay(engine, handle, rows, latents, attention=True, **options)

    def latents(self, engine: Any) -> Tensor:
        return torch.randn(5, engine.config.hidden_size, generator=torch.Generator().manual_seed(4))

    @torch.no_grad()
    def test_states_and_heads(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                engine = load(str(r.checkpoint(name)), dtype="float32", deviceMap="cpu", attention="eager")
                latents = self.latents(engine)
                got = self.looked(engine, latents, ROWS, inspect=True)
                for part, row, out in zip(latents.split([2, 3]), ROWS, got, strict=True):
                    before = PROMPTS[row["row"]]
                    at = torch.tensor([len(before) + s for s in row["slots"]])
                    vectors = engine.model.get_input_embeddings()(torch.tensor([before + row["ids"]]))[0]
                    vectors = vectors.index_put((at,), part)[None]
                    places = torch.arange(vectors.shape[1])[None]
                    plain = engine.base(
                        inputs_embeds=vectors, position_ids=places, output_attentions=True, output_hidden_states=True
                    )
                    states = out.tensors["states"]
                    # hidden_states: embeddings, then after each layer; the last one is normed.
                    for have, want in zip(states[:-1], plain.hidden_states[1:-1], strict=True):
                        self.close(have, want[0, len(before) :])
                    ids, probabilities = likeliest(engine, states[-1], 3, normed=False)
                    again, same = likeliest(engine, out.tensors["hidden"], 3, normed=True)
                    self.assertEqual(ids.tolist(), again.tolist())
                    self.close(probabilities, same)
                    best = logits(engine, plain.last_hidden_state[0, len(before) :]).softmax(-1).topk(3)
                    self.close(probabilities, best.values)
                    heads = out.tensors["heads"]
                    self.assertEqual(heads.shape[2], engine.config.num_attention_heads)
                    self.close(heads.mean(2), out.tensors["attention"])
                    reads = [len(before) + t for t in row.get("read") or [len(row["ids"]) - 1]]
                    columns = [*range(9 - len(before), 9), *range(9, 9 + len(row["ids"]))]
                    for have, want in zip(heads, plain.attentions, strict=True):
                        self.close(have[..., columns], want[0][:, reads].transpose(0, 1))

    @torch.no_grad()
    def test_exchange(self) -> None:
        """A row whose states after a layer are all another's continues as that one."""
        for name in NAMES:
            with self.subTest(name):
                engine = r.engine_of(name)
                latents = self.latents(engine)
                one = {**ROWS[1], "options": [70, 71, 72]}
                rows = [one, one]
                own, other = latents[:3], latents[2:]
                plain = self.looked(engine, torch.cat([own, other]), rows, inspect=True)
                states = plain[1].tensors["states"]
                self.assertGreater(abs((plain[0].log_odds or 0) - (plain[1].log_odds or 0)), 1e-5)
                for layer in range(len(states)):
                    every = [[layer, t] for t in range(len(one["ids"]))]
                    # The row before it is left alone.
                    patched = [one, {**one, "exchange": every}]
                    both = torch.cat([own, own])
                    got = self.looked(engine, both, patched, inspect=True, exchanged=states[layer])
                    self.assertAlmostEqual(got[0].log_odds or 0, plain[0].log_odds or 0, 4)
                    for what in ("hidden", "scores"):
                        self.close(got[1].tensors[what], plain[1].tensors[what])
                    for before in range(layer):
                        self.close(got[1].tensors["states"][before], plain[0].tensors["states"][before])

    @torch.no_grad()
    def test_half_of_the_rows(self) -> None:
        """Where memory holds one row at once, every row keeps its own exchanged states."""
        engine = r.engine_of("llama")
        latents = self.latents(engine)
        states = torch.randn(2, engine.config.hidden_size, generator=torch.Generator().manual_seed(7))
        rows = [{**ROWS[0], "exchange": [[0, 2]]}, {**ROWS[1], "exchange": [[1, 4]]}]
        whole = self.looked(engine, latents, rows, inspect=True, exchanged=states)
        before, engine.tokens = engine.tokens, 7
        try:
            parts = self.looked(engine, latents, rows, inspect=True, exchanged=states)
        finally:
            engine.tokens = before
        for a, b in zip(whole, parts, strict=True):
            self.close(a.tensors["states"], b.tensors["states"])
        self.close(parts[0].tensors["states"][0, 2], states[0])
        self.close(parts[1].tensors["states"][1, 4], states[1])

    def test_refused(self) -> None:
        engine = r.engine_of("llama")
        latents, state = self.latents(engine), torch.zeros(1, engine.config.hidden_size)
        here = [{**ROWS[0], "exchange": [[0, 2]]}, ROWS[1]]
        for rows, options, words in (
            (here, {"inspect": True}, "1 states are exchanged by the rows, 0 were given"),
            (here, {"exchanged": state}, "`inspect` where states are exchanged"),
            (ROWS, {"inspect": True, "gradient": True}, "one of them"),
            ([{**ROWS[0], "exchange": [[99, 2]]}, ROWS[1]], {"inspect": True, "exchanged": state}, "layers below"),
            ([{**ROWS[0], "exchange": [[0, 9]]}, ROWS[1]], {"inspect": True, "exchanged": state}, "below 4"),
        ):
            with self.assertRaisesRegex(Exception, words):
                self.looked(engine, latents, rows, **options)
        session = Session(print)
        session.loaded = engine
        with self.assertRaisesRegex(Exception, "states of width"):
            session.answer(Frame({"op": "lens", "count": 1}, {"states": array_of(torch.zeros(2, 3))}))


if __name__ == "__main__":
    unittest.main()
