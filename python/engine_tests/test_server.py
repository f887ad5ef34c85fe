"""The engine as a process: handshake, answers, errors, signs of life, the end."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from typing import Any

import torch
from torch import Tensor

from lintel_engine.frames import Array, Frame, read_frame, writer
from lintel_engine.operations import array_of, tensor_of

from . import reference as r


def close(got: Tensor, want: Tensor) -> None:
    """Two processes may round their last bits differently: products depend on how memory is aligned."""
    torch.testing.assert_close(got, want, rtol=1e-5, atol=1e-6)


class Client:
    """The other side of the protocol."""

    def __init__(self, *command: str) -> None:
        run = command or (sys.executable, "-u", "-m", "lintel_engine")
        self.process = subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self.process.stdin is not None and self.process.stdout is not None
        self.write = writer(self.process.stdin.fileno())
        self.fd = self.process.stdout.fileno()
        self.events: list[dict[str, Any]] = []
        self.ready = self.frame().header
        self.asked = 0

    def frame(self) -> Frame:
        frame = read_frame(self.fd)
        assert frame is not None, "the engine's output ended"
        return frame

    def ask(
        self, op: str, tensors: dict[str, Tensor] | None = None, **header: Any
    ) -> tuple[dict[str, Any], dict[str, Tensor]]:
        self.asked += 1
        arrays: dict[str, Array] = {name: array_of(t) for name, t in (tensors or {}).items()}
        self.write({"id": self.asked, "op": op, **header}, arrays)
        while "event" in (frame := self.frame()).header:
            self.events.append(frame.header)
        assert frame.header["id"] == self.asked
        return frame.header, {name: tensor_of(array) for name, array in frame.tensors.items()}

    def end(self) -> int:
        assert self.process.stdin is not None and self.process.stdout is not None and self.process.stderr is not None
        self.process.stdin.close()
        code = self.process.wait(60)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


class Server(unittest.TestCase):
    def setUp(self) -> None:
        self.client = Client()

    def tearDown(self) -> None:
        self.assertEqual(self.client.end(), 0)

    def test_ready(self) -> None:
        ready = self.client.ready
        # As installed: with what says where it was built for.
        self.assertEqual(
            (ready["event"], ready["protocol"], ready["versions"]["torch"]), ("ready", 2, torch.__version__)
        )

    def test_errors(self) -> None:
        """Each kind of error is an answer, and the engine goes on."""
        ask = self.client.ask
        self.assertEqual(ask("prefill", prompts=[])[0]["error"]["kind"], "input")
        self.assertEqual(ask("nothing")[0]["error"]["kind"], "unsupported")
        nowhere = ask("load", model="/nowhere")[0]["error"]
        self.assertEqual((nowhere["kind"], nowhere["message"][:8]), ("checkpoint", "/nowhere"))
        path = str(r.checkpoint("qwen2_5_vl"))
        self.assertEqual(ask("load", model=path, dtype="float8")[0]["error"]["kind"], "input")
        self.assertEqual(ask("load", model=path, attention="flash_attention_2")[0]["error"]["kind"], "unsupported")
        self.assertTrue(ask("load", model=path, dtype="float32", deviceMap="cpu")[0]["ok"])
        self.assertEqual(ask("run", handle=99, rows=[])[0]["error"]["kind"], "input")
        beyond = ask("prefill", prompts=[{"ids": [1, 10**6], "images": []}])[0]["error"]
        self.assertEqual(beyond["kind"], "input")
        self.assertTrue(ask("describe")[0]["ok"])

    def test_operations(self) -> None:
        """Over the wire as in process."""
        name = "qwen2_5_vl"
        engine = r.engine_of(name)
        ask = self.client.ask
        path = str(r.checkpoint(name))
        described = ask("load", model=path, dtype="float32", deviceMap="cpu", threads=1, kind="auto")[0]
        self.assertEqual(
            (described["modelType"], described["hiddenSize"], described["vision"]), ("qwen2_5_vl", 32, True)
        )
        self.assertIn("config.json", ask("files")[0]["files"])
        self.assertEqual(len(ask("fingerprint", model=path)[0]["files"]["model.safetensors"]), 64)
        inputs = r.prompt(name, r.QUESTIONS[0], [r.picture(1)])
        grids = inputs["image_grid_thw"].tolist()
        listed, tensors = ask(
            "features", {"patches": inputs["pixel_values"]}, images=[{"grid": grids[0]}], values=True, keep=True
        )
        found = engine.base.get_image_features(inputs["pixel_values"], inputs["image_grid_thw"])
        want = getattr(found, "pooler_output", found)[0]
        close(tensors["rows.0"], want)
        image = listed["images"][0]
        prompt = {"ids": inputs["input_ids"][0].tolist(), "images": [image["id"]]}
        read, _ = ask("prefill", prompts=[prompt, {"ids": [5, 6, 7], "images": []}], dropImages=False, states=False)
        self.assertEqual((read["length"], read["finite"]), (len(prompt["ids"]), [True, True]))
        again, _ = ask(
            "prefill", {"visuals.0": want}, prompts=[{"ids": prompt["ids"], "visuals": True, "grids": grids}]
        )
        forked = [ask("fork", handle=h["handle"], rows=[0, 0])[0]["handle"] for h in (read, again)]
        frozen = ask("run", handle=read["handle"], rows=[None, None])[0]["error"]
        self.assertEqual(frozen["kind"], "input")
        program = {
            "feed": [[0, 8], [1, 9], [1, 9]],
            "text": {"forbid": [], "stop": [], "limit": 4},
            "state": True,
            "choose": [[], [3]],
        }
        out = [ask("run", handle=h, rows=[program, None], cue=[], steps=None) for h in forked]
        self.assertEqual(out[0][0]["rows"], out[1][0]["rows"])
        row, waited = out[0][0]["rows"]
        self.assertIsNone(waited)
        self.assertEqual((row["end"], len(row["written"]), row["fed"], len(row["chosen"])), ("limit", 4, 3, 2))
        self.assertEqual(row["chosen"][0], row["id"])
        self.assertEqual(out[0][1]["fed"].shape, (2, 32))
        close(out[0][1]["states"], out[1][1]["states"])
        shown = torch.zeros(40, 50, 3, dtype=torch.uint8)
        pixels, _ = ask("features", {"image.0": shown}, images=[{"grid": None}], keep=True)
        number = pixels["images"][0]["id"]
        content = [{"type": "image"}, {"type": "text", "text": "Which?"}]
        encoded, _ = ask(
            "encode", messages=[{"role": "user", "content": content}], images=[number], generationPrompt=True
        )
        self.assertEqual(encoded["images"], [number])
        self.assertEqual(encoded["ids"].count(described["tokens"]["image"]), pixels["images"][0]["tokens"])
        self.assertTrue(ask("prefill", prompts=[encoded])[0]["ok"])
        words = ask("text", ids=encoded["ids"][-5:])[0]["text"]
        self.assertEqual(ask("reader", texts=[words])[0]["ids"], [encoded["ids"][-5:]])
        end = ask("token", names=["<|im_end|>", "<|nothing|>"])[0]["ids"]
        self.assertEqual((ask("text", ids=end[:1])[0]["text"], end[1]), ("<|im_end|>", None))
        self.assertTrue(ask("release", handles=[read["handle"], *forked])[0]["ok"])
        self.assertEqual(ask("run", handle=forked[0], rows=[None, None])[0]["error"]["kind"], "input")


class Process(unittest.TestCase):
    def test_prints_and_life(self) -> None:
        """What libraries print is not among the frames; signs of life come while an operation runs."""
        code = (
            "import sys, time, os, lintel_engine.server as s, lintel_engine.operations as o; s.ALIVE = 0.05\n"
            "def slow(session, header, tensors):\n"
            "    print('noise'); os.write(1, b'noise'); time.sleep(0.5); return {}, {}\n"
            "o.OPERATIONS['slow'] = slow; s.serve()"
        )
        client = Client(sys.executable, "-c", code)
        self.assertTrue(client.ask("slow")[0]["ok"])
        self.assertGreater(client.events.count({"event": "alive"}), 1)
        self.assertEqual(client.end(), 0)

    def test_without_torch(self) -> None:
        """A missing torch is told, at the start and when it is needed."""
        code = (
            "import sys, importlib.metadata as m; sys.modules['torch'] = None; real = m.version\n"
            "def version(name):\n"
            "    if name == 'torch': raise m.PackageNotFoundError(name)\n"
            "    return real(name)\n"
            "m.version = version; import lintel_engine; lintel_engine.serve()"
        )
        client = Client(sys.executable, "-c", code)
        self.assertIsNone(client.ready["versions"]["torch"])
        error = client.ask("load", model="x")[0]["error"]
        self.assertEqual((error["kind"], "torch" in error["message"]), ("missing", True))
        self.assertEqual(client.end(), 0)

    def test_end_within_a_frame(self) -> None:
        client = Client()
        assert client.process.stdin is not None
        os.write(client.process.stdin.fileno(), b"LNTL\x09")
        self.assertEqual(client.end(), 0)


if __name__ == "__main__":
    unittest.main()
