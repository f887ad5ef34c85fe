"""Replay: states, attention and gradients equal those of a plain forward pass over the whole text."""

from __future__ import annotations

import unittest
from typing import Any

import torch
from torch import Tensor

from lintel_engine.handles import fork
from lintel_engine.model import load, logits
from lintel_engine.prefill import Prompt, prefill
from lintel_engine.replay import replay
from lintel_engine.run import run

from . import reference as r

PROMPTS = [[40, 41, 42, 43, 44, 45, 46, 47, 48], [60, 61, 62]]
ROWS: list[dict[str, Any]] = [
    {"row": 1, "ids": [10, 11, 12, 13], "slots": [1, 2], "options": [70, 71, 72], "chosen": 2, "read": [0, 3]},
    {"row": 0, "ids": [10, 11, 11, 11, 12, 13, 14], "slots": [1, 2, 3], "options": [70, 71], "chosen": 0},
]


class Replays(unittest.TestCase):
    def close(self, got: Tensor, want: Tensor) -> None:
        self.assertEqual(got.shape, want.shape)
        self.assertLess(float((got - want).abs().max()) / max(1e-3, float(want.abs().max())), 1e-4)

    def test_plain(self) -> None:
        for name in ("qwen2_5_vl", "qwen3_vl", "gemma3", "gpt2", "llama"):
            with self.subTest(name):
                engine = load(str(r.checkpoint(name)), dtype="float32", deviceMap="cpu", attention="eager")
                latents = torch.randn(5, engine.config.hidden_size, generator=torch.Generator().manual_seed(4))
                with torch.no_grad():
                    handle = prefill(engine, [Prompt(ids, []) for ids in PROMPTS]).handle
                    # Text before the block, of another length in each row.
                    text = [{"feed": [[0, 80], [0, 81]]}, {"feed": [[0, 82]]}]
                    run(engine, handle, [text[0], None])
                    run(engine, handle, [None, text[1]])
                got = replay(engine, handle, ROWS, latents, gradient=True, attention=True)
                length = handle.length()
                self.assertEqual(length, 12)
                for part, row, out in zip(latents.split([2, 3]), ROWS, got, strict=True):
                    before = [*PROMPTS[row["row"]], *[[80, 81], [82]][row["row"]]]
                    given = part.clone().requires_grad_()
                    ids = torch.tensor([before + row["ids"]])
                    at = [len(before) + s for s in row["slots"]]
                    vectors = engine.model.get_input_embeddings()(ids)[0].index_put((torch.tensor(at),), given)
                    places = torch.arange(len(vectors))[None]
                    plain = engine.base(inputs_embeds=vectors[None], position_ids=places, output_attentions=True)
                    for weights in plain.attentions:
                        weights.retain_grad()
                    states = plain.last_hidden_state[0]
                    scores = logits(engine, states[-1:])[0][row["options"]]
                    others = [i for i in range(len(scores)) if i != row["chosen"]]
                    odds = scores[row["chosen"]] - scores[others].logsumexp(0)
                    odds.backward()
                    self.close(out.tensors["hidden"], states[len(before) :].detach())
                    self.close(out.tensors["scores"], scores.detach())
                    self.assertAlmostEqual(out.log_odds or 0, float(odds.detach()), 4)
                    self.close(out.tensors["gradient"], given.grad)
                    reads = [len(before) + t for t in row.get("read") or [len(row["ids"]) - 1]]
                    # Columns of the row's own tokens: of the prompt up to 9, then of the text (the rows waited for each other).
                    prompt = len(PROMPTS[row["row"]])
                    written = [9, 10] if row["row"] == 0 else [11]
                    own = range(length, length + len(row["ids"]))
                    columns = [*range(9 - prompt, 9), *written, *own]
                    for what, want in (
                        ("attention", [w[0].mean(0) for w in plain.attentions]),
                        ("attribution", [(w * w.grad)[0].sum(0) for w in plain.attentions]),
                        ("saliency", [(w * w.grad)[0].abs().sum(0) for w in plain.attentions]),
                    ):
                        have = out.tensors[what]
                        self.assertEqual(have.shape, (engine.config.num_hidden_layers, len(reads), length + 7))
                        self.close(have[..., columns], torch.stack(want)[:, reads].detach())
                        have[..., columns] = 0
                        self.assertEqual(int(have.count_nonzero()), 0)

    @torch.no_grad()
    def test_any_token(self) -> None:
        """The best of all ids at the end."""
        engine = r.engine_of("llama")
        handle = prefill(engine, [Prompt(ids, []) for ids in PROMPTS]).handle
        row = {"row": 0, "ids": [5, 6], "slots": [0], "options": "all", "chosen": 0}
        got = replay(engine, handle, [row], torch.ones(1, 32))[0]
        again = fork(handle, [0])
        want = run(engine, again, [{"feed": [[2, 5], [0, 6]], "choose": [[]]}], torch.ones(1, 32)).rows[0]
        assert want is not None
        self.assertEqual(got.tensors["top"].tolist(), want.chosen)
        best = logits(engine, again.state)[0].softmax(0).max()
        self.close(got.tensors["topProbability"], best.reshape(1))


class Runs(unittest.TestCase):
    """What `run` promises besides text."""

    @torch.no_grad()
    def test_hidden_columns(self) -> None:
        """A hidden token might as well hold something else; one that is seen may not."""
        engine = r.engine_of("llama")
        g = torch.Generator().manual_seed(5)
        for hide, equal in (([1, 9, 11], True), ([1, 11], False), ([9, 11], False), ([1, 9], False)):
            states = []
            for other in (0, 1):
                prompt = [*PROMPTS[0][:1], 50 + other, *PROMPTS[0][2:]]
                handle = fork(prefill(engine, [Prompt(prompt, [])]).handle, [0])
                vectors = torch.randn(3, 32, generator=g)
                # What is fed first (columns 9 to 11) differs between the two, but for column 10.
                vectors[1] = 1
                run(engine, handle, [{"feed": [[2, 5], [2, 5], [2, 5]]}], vectors)
                # The keys of column 10 are made of what it saw: all of it is overwritten.
                keep = handle.own
                for x in (*keep.keys, *keep.values):
                    x[:, :, 1] = 0.5
                for reading in handle.readings:
                    for x in (*reading.segment.keys, *reading.segment.values):
                        x[:, :, [0, *range(2, 9)]] = 0.25
                handle.state = torch.zeros_like(handle.state)
                done = run(engine, handle, [{"feed": [[0, 7], [0, 8]], "hide": hide, "state": True}])
                states.append(done.states[0])
            self.assertEqual(bool((states[0] - states[1]).abs().max() < 1e-5), equal, hide)

    @torch.no_grad()
    def test_more(self) -> None:
        """Runs that are cut into steps say the same."""
        engine = r.engine_of("qwen2_5_vl")
        text: dict[str, Any] = {"forbid": [], "stop": [], "limit": 6}
        program: dict[str, Any] = {"feed": [[0, 8], [1, 9], [1, 9]], "text": text}
        base = prefill(engine, [Prompt(ids, []) for ids in PROMPTS]).handle
        whole = run(engine, fork(base, [0, 1]), [program, program]).rows
        # A third row comes to an end after every step or two.
        handle = fork(base, [0, 1, 0])
        written: list[list[int]] = [[], []]
        feeds = [program["feed"]] * 2
        for n in range(20):
            texts = [text | {"limit": 6 - len(w)} for w in written]
            programs = [{"feed": f, "text": t} for f, t in zip(feeds, texts, strict=True)]
            rows = run(engine, handle, [*programs, {"feed": [[0, 9]] * (1 + n % 2)}]).rows
            ends = []
            for i, row in enumerate(rows):
                assert row is not None
                ends.append(row.end)
                if i < 2:
                    written[i] += row.written
                    feeds[i] = feeds[i][row.at :]
            if ends == ["limit", "limit", "fed"]:
                break
            self.assertEqual(ends, ["more", "more", "fed"])
            if [len(w) for w in written] == [6, 6]:
                break
        self.assertEqual(written, [row.written for row in whole if row is not None])

    @torch.no_grad()
    def test_ends(self) -> None:
        """A run returns when a row comes to an end behind which it goes on, and not for those that are done."""
        engine = r.engine_of("llama")
        base = prefill(engine, [Prompt(ids, []) for ids in PROMPTS]).handle
        text: dict[str, Any] = {"forbid": [], "stop": [], "final": [], "limit": 8}
        written = run(engine, fork(base, [0]), [{"text": text}]).rows[0]
        assert written is not None
        ids = written.written
        cut = next(i for i, id in enumerate(ids) if i > 1 and id not in ids[:i])
        handle = fork(base, [0, 0, 0])
        programs = [{"text": text | {"final": [ids[0]]}}, {"text": text | {"stop": [ids[cut]]}}, {"text": text}]
        rows = run(engine, handle, programs).rows
        ends = [row and (row.end, row.id, row.written) for row in rows]
        self.assertEqual(ends, [("final", ids[0], []), ("stop", ids[cut], ids[:cut]), ("more", None, ids[:cut])])
        # The first is done; the others go on, and one of them has its state replaced.
        state = torch.randn(1, 32, generator=torch.Generator().manual_seed(1))
        again: list[Any] = [None, {"choose": [[], [5]], "replace": True}, {"choose": [[]]}]
        chosen = run(engine, handle, again, replaced=state).rows
        best = logits(engine, state)[0]
        self.assertEqual(chosen[1] and chosen[1].chosen[0], int(best.argmax()))
        self.assertEqual(chosen[2] and chosen[2].chosen, [ids[cut]])
        run(engine, handle, [None, None, {"choose": [[]]}])
        with self.assertRaisesRegex(Exception, "row 0 was done"):
            run(engine, handle, [{"choose": [[]]}, None, None])

    @torch.no_grad()
    def test_penalty_forbidden_and_cue(self) -> None:
        """The penalty is that of transformers; forbidden ids are never chosen; the cue's logits are the model's own."""
        engine = r.engine_of("llama")
        inputs = r.prompt("llama", r.QUESTIONS[0], [])
        theirs = r.generate(engine.model, inputs, [(7, None)], 12, repetition_penalty=1.4)
        handle = fork(prefill(engine, [Prompt(inputs["input_ids"][0].tolist(), [])]).handle, [0, 0])
        text = {"forbid": [], "stop": [], "limit": 11}
        cue = theirs.ids[4:6]
        named = [3, 300]
        program = {"feed": [[0, 7]], "text": text, "penalty": 1.4, "cue": {"tail": [], "named": named}}
        other = program | {"text": text | {"forbid": theirs.ids[1:]}}
        first, second = run(engine, handle, [program, other], cue=cue).rows
        assert first is not None and second is not None
        self.assertEqual([*first.written, first.id], theirs.ids[1:])
        self.assertFalse({*second.written, second.id} & set(theirs.ids[1:]))
        self.assertEqual(first.cue_at, 6)
        want = logits(engine, theirs.states[6][None])[0][named]
        self.assertLess(float((torch.tensor(first.named) - want).abs().max()), 1e-5)
        self.assertIsNone(second.cue_at)

    @torch.no_grad()
    def test_memory(self) -> None:
        """Where memory runs out, half as many rows say the same, and it is told; where one row does not fit, it is an error."""
        engine = load(str(r.checkpoint("llama")), dtype="float32", deviceMap="cpu")
        base = prefill(engine, [Prompt(ids, []) for ids in PROMPTS]).handle
        text: dict[str, Any] = {"forbid": [], "stop": []}
        programs = [{"feed": [[0, 8], [1, 9]], "text": text | {"limit": n}, "state": True} for n in (5, 1, 3, 4, 2)]
        owners = [1, 0, 0, 1, 1]
        whole = run(engine, fork(base, owners), programs)
        notes: list[str] = []
        limit = 2

        def full(module: Any, arguments: Any, options: dict[str, Tensor]) -> None:
            if options["inputs_embeds"].shape[0] > limit:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate")

        hook = engine.base.register_forward_pre_hook(full, with_kwargs=True)
        handle = fork(base, owners)
        halves = run(engine, handle, programs, note=notes.append)
        hook.remove()
        self.assertEqual([row and row.written for row in whole.rows], [row and row.written for row in halves.rows])
        for i, state in whole.states.items():
            self.assertLess(float((state - halves.states[i]).abs().max()), 1e-5)
        self.assertEqual((len(notes), engine.rows), (1, 2))
        limit = 0
        hook = engine.base.register_forward_pre_hook(full, with_kwargs=True)
        with self.assertRaisesRegex(Exception, "one row"):
            run(engine, fork(base, owners), programs, note=notes.append)
        hook.remove()


if __name__ == "__main__":
    unittest.main()
