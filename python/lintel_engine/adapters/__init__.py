"""Networks that need code of their own, one file each; what they share is in rotary.py.

An adapter has `config(path)`, the configuration of the class that transformers has for the trunk, and `block_of(engine)`: what
makes the vectors of a block for some rows of a handle, `(engine, handle, rows, count, steps) -> [rows, count, D]`; `steps` by row
is the program's, or None. A program asks for these by feeds of kind 3. Where tensors have names of their own,
`state_dict(path)` has them by transformers'; `behind(path)` is the layer behind which vectors stand where prompts are read apart (apart.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType


def adapter_of(path: str) -> ModuleType | None:
    """The adapter for a checkpoint, by the model_type in its config.json; None where transformers has all of the network."""
    from . import cvrr, wm_vlm

    file = Path(path) / "config.json"
    kind: str = json.loads(file.read_text("utf-8")).get("model_type") if file.is_file() else ""
    return {"wm_vlm": wm_vlm, "cvrr_qwen2_5_vl": cvrr}.get(kind)
