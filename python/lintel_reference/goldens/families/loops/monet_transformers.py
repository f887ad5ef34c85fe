"""Monet's weights in Mirage's transformers loop, as its maintainers say that they can be run (Monet#4)."""

from lintel_reference.goldens.families import tiny
from lintel_reference.goldens.families.loops import mirage
from lintel_reference.goldens.families.loops.mirage import (  # noqa: F401
    EXECUTED,
    WEIGHTS,
    generate,
    load,
    oracle,
    parts,
    short,
)

FAMILY = "monet"
REPOSITORY, COMMIT = mirage.REPOSITORY, mirage.COMMIT
PATCHED = mirage.PATCHED
TOKENS = {"<abs_vis_token_pad>": tiny.PAD, "<abs_vis_token>": tiny.START, "</abs_vis_token>": tiny.END}


def config():
    return {**mirage.config(), "answer_start_pattern": [1]}


CASES = [{**case, "dialect": "monet-transformers"} for case in mirage.CASES if case["name"] in ("forced end", "image")]
