"""Features of an image that attention picks: their order, which are left, and what is refused."""

import unittest

import torch

from engine_tests.reference import engine_of
from lintel_engine.errors import EngineError
from lintel_engine.features import Image
from lintel_engine.handles import fork
from lintel_engine.picks import Gallery, choose, in_order
from lintel_engine.prefill import Prompt, prefill
from lintel_engine.run import run

NAME = "qwen2_vl"
PICK, STATE, TOKEN, VECTOR = 4, 1, 0, 2
TEXT = {"forbid": [], "stop": [], "final": [], "limit": 3}


def gallery(scores: list[float]) -> Gallery:
    count = len(scores)
    return Gallery(
        torch.arange(count), torch.arange(count)[:, None].float(), torch.zeros(count).bool(), torch.tensor(scores)
    )


class Picks(unittest.TestCase):
    def test_the_order_of_torchs_kernel_for_cuda(self) -> None:
        self.assertEqual(in_order(torch.tensor([0.1, 0.9, 0.3, 0.8]), 3).tolist(), [1, 3, 2])
        # Of equal ones the first, behind those that are larger.
        self.assertEqual(in_order(torch.tensor([0.5, 0.5, 0.9, 0.5]), 3).tolist(), [2, 0, 1])

    def test_features_are_picked_once_and_again_where_none_is_left(self) -> None:
        of = gallery([0.1, 0.9, 0.3, 0.8, 0.2])
        picked = []
        for _ in range(3):
            choose(of, 2)
            picked.append([int(x) for x in of.waiting])
        self.assertEqual(picked, [[1, 3], [2, 4], [0, 1]])

    def test_what_is_refused(self) -> None:
        with self.assertRaisesRegex(EngineError, "none that can be seen"):
            choose(None, 2)
        with self.assertRaisesRegex(EngineError, "3 features .* that has 2"):
            choose(gallery([0.1, 0.2]), 3)
        unread = Gallery(torch.arange(2), torch.zeros(2, 1), torch.zeros(2).bool())
        with self.assertRaisesRegex(EngineError, "before a run has read anything"):
            choose(unread, 1)

    def test_rows_that_stop_elsewhere_change_nothing(self) -> None:
        engine = engine_of(NAME)
        width, image = engine.config.hidden_size, engine.model.config.image_token_id
        start, end = (getattr(engine.model.config, f"vision_{x}_token_id") for x in ("start", "end"))
        rows = torch.randn(6, width, generator=torch.Generator().manual_seed(3))
        prompt = Prompt([5, start, *[image] * 6, end, 7], [Image(rows, None, [1, 4, 6])], plain=True)
        with torch.no_grad():
            read = prefill(engine, [prompt]).handle
            feed = [[TOKEN, 9], *([[PICK, image]] * 2 + [[STATE, 8]]) * 3]
            whole = {"feed": feed, "text": TEXT}
            alone = run(engine, fork(read, [0]), [whole]).rows[0]
            # Others end in the middle of its picks: what is left of its program comes in another run.
            for cut in range(1, len(feed)):
                pair = fork(read, [0, 0])
                other = {"feed": [[TOKEN, 9]] * cut, "text": None}
                first, _ = run(engine, pair, [whole, other]).rows
                assert first is not None
                rest = {"feed": feed[first.at :], "text": TEXT}
                second = run(engine, pair, [rest, None]).rows[0]
                assert alone is not None and second is not None
                self.assertEqual(second.written, alone.written)
                fed = torch.stack([*first.fed, *second.fed])
                self.assertLess(float((fed - torch.stack(alone.fed)).abs().max()), 1e-5)


if __name__ == "__main__":
    unittest.main()
