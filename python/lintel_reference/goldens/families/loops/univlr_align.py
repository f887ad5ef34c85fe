"""UniVLR whose head reads an inner layer (`univlr_align_layer`), as its training scripts set it."""

from lintel_reference.goldens.families.loops import univlr, univlr_simple
from lintel_reference.goldens.families.loops.univlr_simple import (  # noqa: F401
    COMMIT,
    EXECUTED,
    FAMILY,
    PATCHED,
    REPOSITORY,
    TOKENS,
    WEIGHTS,
    few,
    generate,
    load,
    more_weights,
    parts,
)

# The first of the two layers, counted from the end: transformers lists the embeddings, then the layers.
LAYER = -2


def config():
    return {**univlr_simple.config(), "univlr_align_layer": LAYER}


CASES = [
    dict(name="steps 4", **univlr.steps(4), wanted=lambda got, ended: few(ended)),
    dict(name="steps 12", **univlr.steps(12), wanted=lambda got, ended: few(ended)),
    dict(name="repetition penalty", **univlr.steps(4, repetition_penalty=1.05), wanted=lambda got, ended: few(ended)),
    dict(name="image", image=True, **univlr.steps(4), wanted=lambda got, ended: few(ended)),
    dict(
        name="sampled end", tail=[univlr.tiny.START], **univlr.blocks(1), wanted=lambda got, ended: ended == ["sampled"]
    ),
]
