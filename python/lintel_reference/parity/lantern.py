"""Proves that `lintel generate --format lantern` writes what LanteRn's own dataset class loads.

    python -m lintel_reference.parity.lantern DIR

Checks the records and files of DIR by the layout's rules. With LANTERN_CODE set to a checkout of LanteRn's public code
(commit 65f64b2 was used), its class `SFTTetrisDataset` loads every split, unchanged, and what it makes of each example is
compared with the record. Prints one JSON line.
"""

import importlib
import json
import os
import sys
import types
from pathlib import Path
from typing import Any

from PIL import Image


def check_records(path: Path) -> list[dict]:
    """Records of a split, whose files are there and whose parts agree."""
    records = json.loads(path.read_text())
    for number, record in enumerate(records):
        traces = record["reasoning_traces"]
        assert record["sample_id"] == number, record
        assert record["answer"] == traces["answer"] and record["answer"] in "abcd", record
        filled = [i for i, text in enumerate(traces["post_visual_text_think"]) if text]
        assert filled in ([], ["abcd".index(record["answer"])]), record
        for relative in (record["img_path"], traces["intermediate_img_path"]):
            assert not os.path.isabs(relative), relative
            with Image.open(path.parent / relative) as picture:
                picture.convert("RGB").load()
    return records


def dataset_class(code: str) -> Any:
    """LanteRn's class. What its module imports for training and evaluation only need not be installed."""
    sys.path.insert(0, code)
    for name, member in (("qwen_vl_utils", "process_vision_info"), ("fuzzywuzzy", "fuzz")):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            stub = types.ModuleType(name)
            setattr(stub, member, None)
            sys.modules[name] = stub
    return importlib.import_module("src.datasets.sft_tetris_data").SFTTetrisDataset


def check_loaded(cls: Any, path: Path, records: list[dict]) -> None:
    """The class makes of every example a question with its picture, a reply with one block, and the block's picture."""
    dataset = cls(str(path), processor=None)
    assert len(dataset) == len(records)
    for item, record in zip((dataset[i] for i in range(len(dataset))), records, strict=True):
        user, assistant, latent = item
        traces = record["reasoning_traces"]
        text, image = user["content"]
        assert text["text"] == record["question"]
        with Image.open(path.parent / Path(record["img_path"]).relative_to(".")) as picture:
            assert image["image"].convert("RGB").tobytes() == picture.convert("RGB").tobytes()
        reply = assistant["content"][0]["text"]
        after = "".join(traces["post_visual_text_think"])
        block = "<|lvr_start|><|lvr_sep|><|lvr_end|>"
        expected = f"<think>{traces['pre_visual_text_think']}{block}{after}</think><answer> {record['answer']}</answer>"
        assert reply == expected, reply
        helper = path.parent / traces["intermediate_img_path"]
        with Image.open(helper) as picture:
            assert latent["content"][0]["image"].tobytes() == picture.convert("RGB").tobytes()


def main(directory: str) -> None:
    root = Path(directory).resolve()
    paths = sorted(path for path in root.rglob("*.json") if path.name != "lintel-records.json")
    assert paths, f"no records in {root}"
    code = os.environ.get("LANTERN_CODE")
    cls = dataset_class(code) if code else None
    counts = {}
    for path in paths:
        records = check_records(path)
        counts[path.stem] = len(records)
        if cls:
            check_loaded(cls, path, records)
    print(json.dumps({"format": "lantern", "splits": counts, "loaded by SFTTetrisDataset": cls is not None}))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
