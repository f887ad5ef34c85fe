"""Reads what `lintel export` wrote with the tools that it is for: pandas, DuckDB, TensorBoard's reader.

Usage: exports.py RUN EXPORTED
"""

import csv
import json
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from safetensors import safe_open
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


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
        projected = np.loadtxt(exported / "projector" / name / "vectors.tsv", delimiter="\t", ndmin=2)
        metadata = pd.read_csv(exported / "projector" / name / "metadata.tsv", sep="\t", quoting=csv.QUOTE_NONE)
        assert len(projected) == len(metadata) and projected.shape[1] == own.shape[2]
    counted = duckdb.execute("SELECT count(*) FROM read_parquet(?)", [str(exported / "latents.parquet")]).fetchone()
    assert counted == (len(table),)
    return len(table)


def main() -> None:
    run, exported = Path(sys.argv[1]), Path(sys.argv[2])
    scalars, rows = curves(run, exported), latents(run, exported)
    tables = 0
    for path in sorted((exported / "vlmevalkit").glob("**/*.tsv")):
        table = pd.read_csv(path, sep="\t", keep_default_na=False)
        assert {"index", "question", "A", "B", "answer", "prediction", "hit"} <= set(table.columns), path
        assert set(table["hit"]) <= {0, 1}
        tables += 1
    figures = sorted((exported / "figures").glob("*.csv"))
    assert figures and all(len(pd.read_csv(path)) > 0 for path in figures)
    print(f"exports: {scalars} curves, {rows} latents, {tables} tables, {len(figures)} figures read")


if __name__ == "__main__":
    main()
