"""What does not load, and why."""

from __future__ import annotations

import json
import shutil
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from lintel_engine.checkpoint import fingerprint, tensors
from lintel_engine.errors import EngineError
from lintel_engine.model import describe, load

from . import reference as r


class Loads(unittest.TestCase):
    def refused(self, path: Path, **options: object) -> EngineError:
        with self.assertRaises(EngineError) as caught:
            load(str(path), deviceMap="cpu", **options)  # type: ignore[arg-type]
        return caught.exception

    def test_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model"
            shutil.copytree(r.checkpoint("llama"), path)
            stored = load_file(path / "model.safetensors")
            name = "model.layers.1.mlp.up_proj.weight"
            save_file({k: v for k, v in stored.items() if k != name}, path / "model.safetensors", {"format": "pt"})
            error = self.refused(path)
            self.assertEqual((error.kind, name in str(error)), ("checkpoint", True))
            (path / "config.json").write_text(json.dumps({"model_type": "strange"}))
            self.assertEqual(self.refused(path).kind, "checkpoint")
            mapped = {"model_type": "strange", "auto_map": {"AutoConfig": "strange.StrangeConfig"}}
            (path / "config.json").write_text(json.dumps(mapped))
            error = self.refused(path)
            self.assertEqual(error.kind, "remote-code")
            (path / "strange.py").write_text("raise SystemError('this ran')\n")
            with self.assertRaisesRegex(SystemError, "this ran"):
                load(str(path), deviceMap="cpu", trustRemoteCode=True)

    def test_dtypes(self) -> None:
        """The dtype that is asked for, the one that is stored, and what they cost."""
        path = str(r.checkpoint("qwen3_vl"))
        half = describe(load(path, dtype="bfloat16", deviceMap="cpu", attention="eager"))
        whole = describe(load(path, dtype="auto", deviceMap="cpu"))
        self.assertEqual((half["dtype"], half["attention"], whole["dtype"]), ("bfloat16", "eager", "float32"))
        self.assertEqual((2 * half["bytes"], whole["deepLayers"]), (whole["bytes"], 2))
        self.assertEqual(whole["cacheBytesPerToken"], 2 * 3 * 2 * 16 * 4)

    def test_files(self) -> None:
        """Digests change with files, and tensors come as they are stored."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model"
            shutil.copytree(r.checkpoint("llama"), path)
            before = fingerprint(str(path))
            index, _ = tensors(str(path), [])
            self.assertEqual(index["model.norm.weight"], [32])
            stored = load_file(path / "model.safetensors")
            _, found = tensors(str(path), ["model.norm.weight"])
            self.assertTrue(torch.equal(found["model.norm.weight"], stored["model.norm.weight"]))
            stored["model.norm.weight"][0] += 1
            save_file(stored, path / "model.safetensors", {"format": "pt"})
            after = fingerprint(str(path))
            self.assertEqual({name for name in after if after[name] != before[name]}, {"model.safetensors"})
            with self.assertRaisesRegex(EngineError, "no tensor nothing"):
                tensors(str(path), ["nothing"])


if __name__ == "__main__":
    unittest.main()
