"""Reads what `lintel export` wrote with the tools that it is for: pandas, DuckDB, TensorBoard's reader and projector.

Usage: exports.py RUN EXPORTED

With VLMEVALKIT_CODE set to a checkout of VLMEvalKit (commit e8e78f0 was used), its own functions read the prediction
tables and report their accuracies.
"""

import csv
import importlib.util
import json
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock
from xml.etree import ElementTree

import duckdb
import numpy as np
import pandas as pd
from google.protobuf import text_format
from safetensors import safe_open
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig
from tensorboard.plugins.projector.projector_plugin import _read_tensor_tsv_file


def curves(run: Path, exported: Path) -> int:
    """Every scalar of every training journal, read by TensorBoard."""
    count = 0
    for journal in sorted((run / "models").glob("**/training.jsonl")):
        lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
        reader = EventAccumulator(str(exported / "tensorboard" / journal.parent.relative_to(run / "models")))
        reader.Reload()
        tags = reader.Tags()["scalars"]
        assert "loss" in tags, tags
        losses = {line["step"]: line["loss"] for line in lines if "loss" in line}
        read = {event.step: event.value for event in reader.Scalars("loss")}
        assert read.keys() == losses.keys()
        assert all(abs(read[step] - value) <= 1e-6 * abs(value) for step, value in losses.items())
        own = {line["step"]: line["accuracy"]["own"] for line in lines if "own" in line.get("accuracy", {})}
        if own:
            assert {event.step: event.value for event in reader.Scalars("accuracy/own")} == {
                k: np.float32(v) for k, v in own.items()
            }
        count += len(tags)
    return count


def latents(run: Path, exported: Path) -> int:
    """Vectors of latents.parquet are those of latents.safetensors."""
    table = pd.read_parquet(exported / "latents.parquet")
    grouped = dict(iter(table.groupby(["audit", "kind"])))
    for path in sorted((run / "audits").glob("**/latents.safetensors")):
        name = str(path.parent.relative_to(run / "audits"))
        with safe_open(path, framework="np") as file:
            ids = json.loads(file.metadata()["examples"])
            own, has = file.get_tensor("own"), file.get_tensor("hasOwn")
        if not has.any():
            continue
        rows = grouped[name, "own"]
        first = rows[(rows["block"] == 0) & (rows["slot"] == 0)].set_index("example")["vector"]
        kept = [i for i, flag in enumerate(has) if flag]
        assert len(first) == len(kept)
        for i in kept:
            assert np.array_equal(np.asarray(first[ids[i]], dtype=np.float32), own[i, 0])
        folder = exported / "projector" / name
        config = ProjectorConfig()
        text_format.Parse((folder / "projector_config.pbtxt").read_text(encoding="utf-8"), config)
        (embedding,) = config.embeddings
        projected = _read_tensor_tsv_file(str(folder / embedding.tensor_path))
        metadata = pd.read_csv(folder / embedding.metadata_path, sep="\t", quoting=csv.QUOTE_NONE)
        assert len(projected) == len(metadata) and projected.shape[1] == own.shape[2]
        # A point is the mean of a block's slots; the first of an example is its first block.
        mine = metadata[metadata["kind"] == "own"].drop_duplicates("example")
        points = dict(zip(mine["example"], projected[mine.index], strict=True))
        for i in kept:
            assert np.allclose(points[ids[i]], own[i].mean(axis=0), atol=1e-4, rtol=1e-4), ids[i]
    counted = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(exported / "latents.parquet")]).fetchone()
    assert counted == (len(table),)
    return len(table)


def vlmevalkit(code: str) -> tuple[Callable[[str], pd.DataFrame], Callable[[pd.DataFrame], pd.DataFrame]]:
    """`load` and `report_acc` of VLMEvalKit, unchanged; what they import and do not use here is made up."""

    def module(name: str, **members: Any) -> types.ModuleType:
        made = types.ModuleType(name)
        made.__dict__.update(members)
        return sys.modules.setdefault(name, made)

    def loaded(name: str, path: str) -> types.ModuleType:
        spec = importlib.util.spec_from_file_location(name, Path(code) / path)
        assert spec and spec.loader
        made = importlib.util.module_from_spec(spec)
        sys.modules[name] = made
        spec.loader.exec_module(made)
        return made

    unused = MagicMock()
    module("validators", url=lambda _: False)
    for package in ("vlmeval", "vlmeval.smp", "vlmeval.utils", "vlmeval.dataset", "vlmeval.dataset.utils"):
        module(package, __path__=[], __getattr__=lambda name: getattr(unused, name))
    module("vlmeval.smp.log", get_logger=lambda _: unused)
    module("vlmeval.smp.misc", toliststr=unused)
    module("vlmeval.smp.vlm", decode_base64_to_image_file=unused, build_option_str=unused)
    load = loaded("vlmeval.smp.file", "vlmeval/smp/file.py").load
    return load, loaded("vlmeval.dataset.utils.multiple_choice", "vlmeval/dataset/utils/multiple_choice.py").report_acc


def main() -> None:
    run, exported = Path(sys.argv[1]), Path(sys.argv[2])
    scalars, rows = curves(run, exported), latents(run, exported)
    code = os.environ.get("VLMEVALKIT_CODE")
    theirs = vlmevalkit(code) if code else None
    tables = 0
    for path in sorted((exported / "vlmevalkit").glob("**/*.tsv")):
        table = pd.read_csv(path, sep="\t", keep_default_na=False)
        assert {"index", "question", "A", "B", "answer", "prediction", "hit"} <= set(table.columns), path
        assert set(table["hit"]) <= {0, 1}
        folder = path.parent.relative_to(exported / "vlmevalkit")
        audit = json.loads((run / "audits" / folder / "audit.json").read_text(encoding="utf-8"))
        accuracy = audit["interventions"][path.stem]["accuracy"]
        assert abs(table["hit"].mean() - accuracy) < 1e-12, path
        if theirs:
            load, report_acc = theirs
            (overall,) = report_acc(load(str(path)))["Overall"]
            assert abs(overall - accuracy) < 1e-12, path
        tables += 1
    figures = sorted((exported / "figures").glob("*.csv"))
    assert figures and all(len(pd.read_csv(path)) > 0 for path in figures)
    for path in figures:
        drawing = ElementTree.parse(path.with_suffix(".svg")).getroot()
        assert drawing.tag == "{http://www.w3.org/2000/svg}svg" and len(list(drawing.iter())) > 5, path
    how = "read" if not theirs else "read, prediction tables by VLMEvalKit's own functions"
    print(f"exports: {scalars} curves, {rows} latents, {tables} tables, {len(figures)} figures {how}")


if __name__ == "__main__":
    main()
