"""CVRR: texts and states are those of its own code (test/goldens/families/cvrr), alone and in a batch."""

import json
import tempfile
import unittest
from pathlib import Path
from typing import Any, ClassVar

import torch
from safetensors.torch import load_file

from lintel_engine.errors import EngineError
from lintel_engine.features import features_of_patches
from lintel_engine.handles import fork
from lintel_engine.model import Engine, load
from lintel_engine.prefill import Prompt, prefill
from lintel_engine.run import BLOCK, STATE, TOKEN, VECTOR, run

FOLDER = Path(__file__).resolve().parents[2] / "test/goldens/families/cvrr"
GOLDEN = json.loads((FOLDER / "golden.json").read_text())
TENSORS = load_file(FOLDER / "golden.safetensors")
LIMIT = 64


class Cvrr(unittest.TestCase):
    engine: ClassVar[Engine]
    cases: ClassVar[list[dict[str, Any]]]
    prompts: ClassVar[list[Prompt]]
    words: ClassVar[list[list[int]]]

    @classmethod
    def setUpClass(cls) -> None:
        with tempfile.TemporaryDirectory() as directory:
            for name in ("config.json", "model.safetensors"):
                (Path(directory) / name).symlink_to(FOLDER / name)
            cls.engine = load(directory, dtype="float32", deviceMap="cpu", threads=1)
        cls.cases = GOLDEN["cases"]
        cls.words = []
        cls.prompts = []
        config = cls.engine.model.config
        marks = (config.image_token_id, config.vision_start_token_id, config.vision_end_token_id)
        for case in cls.cases:
            patches = TENSORS[f"patches.{case['name']}"].float() * GOLDEN["pixelScale"]
            images = features_of_patches(cls.engine, patches, [case["grid"]], print)
            cls.prompts.append(Prompt(case["prompt"], images, apart=True))
            cls.words.append([id for id in case["prompt"] if id not in marks])

    def program(self, case: int, kind: int, **more: Any) -> dict[str, Any]:
        text = {"forbid": [], "stop": [], "final": [self.cases[case]["eos"]], "limit": LIMIT}
        return {"feed": [[kind, id] for id in self.words[case]], "text": text, **more}

    @torch.no_grad()
    def test_replies_are_those_of_its_code(self) -> None:
        handle = prefill(self.engine, self.prompts).handle
        kinds = {
            "own": (BLOCK, {}),
            "own-steps(1)": (BLOCK, {"steps": 1}),
            "own-steps(6)": (BLOCK, {"steps": 6}),
            "zeros": (VECTOR, {}),
            "skip": (TOKEN, {}),
            "again": (VECTOR, {}),
        }
        rows = [case for case in range(len(self.cases)) for _ in kinds]
        programs = [
            self.program(case, kind, **more) for case in range(len(self.cases)) for kind, more in kinds.values()
        ]
        own = [TENSORS[f"latents.{case['name']}"] for case in self.cases]
        vectors = torch.cat([each for state in own for each in (torch.zeros_like(state), state)])
        ran = run(self.engine, fork(handle, rows), programs, vectors)
        for (case, name), row in zip(((c, n) for c in range(len(self.cases)) for n in kinds), ran.rows, strict=True):
            golden = self.cases[case]
            assert row is not None
            wanted = golden["ids"] if name in ("own", "again") else golden["replies"][name]
            self.assertEqual((name, row.written), (name, wanted))
            if name == "own":
                torch.testing.assert_close(torch.stack(row.fed), own[case], rtol=1e-4, atol=1e-5)

    @torch.no_grad()
    def test_a_prompt_alone_is_as_in_a_batch(self) -> None:
        for case, prompt in enumerate(self.prompts):
            handle = prefill(self.engine, [prompt]).handle
            [row] = run(self.engine, handle, [self.program(case, BLOCK)]).rows
            assert row is not None
            self.assertEqual(row.written, self.cases[case]["ids"])

    @torch.no_grad()
    def test_what_cannot_be_is_refused(self) -> None:
        handle = prefill(self.engine, self.prompts[:1]).handle
        feeds = {"words of the prompt": (BLOCK, self.words[0][1:]), "read apart": (STATE, self.words[0])}
        for message, (kind, ids) in feeds.items():
            with self.assertRaisesRegex(EngineError, message):
                run(self.engine, fork(handle, [0]), [{"feed": [[kind, id] for id in ids]}])
        with self.assertRaisesRegex(EngineError, "1 step or more"):
            run(self.engine, fork(handle, [0]), [self.program(0, BLOCK, steps=0)])
        plain = Prompt(self.prompts[1].ids, self.prompts[1].images)
        with self.assertRaisesRegex(EngineError, "all, or none"):
            prefill(self.engine, [self.prompts[0], plain])
        with self.assertRaisesRegex(EngineError, "nothing behind it sees"):
            run(self.engine, prefill(self.engine, [plain]).handle, [self.program(1, BLOCK)])


if __name__ == "__main__":
    unittest.main()
