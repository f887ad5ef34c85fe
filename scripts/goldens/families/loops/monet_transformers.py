"""Monet's weights in Mirage's transformers loop, as its maintainers say that they can be run (Monet#4)."""

import tiny
from loops import mirage
from loops.mirage import EXECUTED, WEIGHTS, generate, load, oracle, parts, short  # noqa: F401

FAMILY = "monet"
REPOSITORY, COMMIT = mirage.REPOSITORY, mirage.COMMIT
PATCHED = mirage.PATCHED
TOKENS = {"<abs_vis_token_pad>": tiny.PAD, "<abs_vis_token>": tiny.START, "</abs_vis_token>": tiny.END}


def config():
    return {**mirage.config(), "answer_start_pattern": [1]}


CASES = [{**case, "dialect": "monet-transformers"} for case in mirage.CASES if case["name"] in ("forced end", "image")]
