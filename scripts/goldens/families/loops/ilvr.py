"""ILVR: `generate` of its own fork of transformers, Mirage's with flags that are reset."""

import ast
import math
import os
from pathlib import Path
from types import SimpleNamespace
from typing import List

import torch

import tiny
from loops import mirage
from loops.mirage import IDS, TOKENS, WEIGHTS, config, generate, load, parts  # noqa: F401

FAMILY = "ilvr"
REPOSITORY, COMMIT = "XD111ds/ILVR", "ddfc95c"
EXECUTED = [*mirage.EXECUTED, "src/trainer.py _grouped_mean, _maybe_group_for_helper, _top_p_top_k"]
PATCHED = [
    *mirage.PATCHED,
    "restated, not executed: the query of the oracle (here one given vector) and the cosines with it; its teacher lives in training",
]


def trainer_methods():
    """The trainer's methods, taken from its source: the module imports what training needs."""
    path = Path(os.environ["FAMILY_FOLDER"]) / "src" / "trainer.py"
    wanted = {"_grouped_mean", "_maybe_group_for_helper", "_top_p_top_k"}
    nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef) and n.name in wanted]
    assert len(nodes) == len(wanted)
    scope = {"torch": torch, "math": math, "List": List}
    exec(compile(ast.Module(nodes, []), str(path), "exec"), scope)
    trainer = SimpleNamespace()
    for name in wanted:
        setattr(trainer, name, scope[name].__get__(trainer))
    return trainer


def oracle(model, pixels, grid):
    """More slots than the coverage of 0.9 leaves, so that it, and not k, ends the choice."""
    trainer, k = trainer_methods(), 9
    features = model.visual(pixels, grid_thw=grid)
    query = torch.randn(1, 32, generator=torch.Generator().manual_seed(23))
    rows = trainer._maybe_group_for_helper(features, 256)
    chosen = trainer._top_p_top_k(torch.nn.functional.cosine_similarity(rows, query.expand_as(rows), dim=-1), p=0.9, k=k)
    return {"k": k, "question": query[0].tolist()}, rows[chosen]


CASES = [
    dict(name="sampled end", wanted=lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < mirage.SIZE),
    dict(name="forced ends", wanted=lambda got, ended: len(ended) >= 2 and set(ended) == {"forced"}),
    dict(name="blocks", wanted=lambda got, ended: len(ended) >= 3 and set(ended) == {"forced", "sampled"}),
    dict(name="image", image=True, wanted=lambda got, ended: len(ended) >= 2 and "length" not in ended),
    dict(
        name="end of text inside", eos_inside=True,
        wanted=lambda got, ended: got.eos is not None and len(got.ids) > got.blocks()[0][0] - got.length + 12,
    ),
    dict(
        name="START ends the prompt", tail=[tiny.START],
        wanted=lambda got, ended: bool(ended) and got.blocks()[0][0] > got.length + 1,
    ),
]
