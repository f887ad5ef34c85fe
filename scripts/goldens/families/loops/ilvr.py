"""ILVR: `generate` of its own fork of transformers, Mirage's with flags that are reset."""

from loops import mirage
from loops.mirage import IDS, PATCHED, TOKENS, WEIGHTS, EXECUTED, config, generate, load, parts  # noqa: F401

FAMILY = "ilvr"
REPOSITORY, COMMIT = "XD111ds/ILVR", "ddfc95c"

CASES = [
    dict(name="sampled end", wanted=lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < mirage.SIZE),
    dict(name="forced ends", wanted=lambda got, ended: len(ended) >= 2 and set(ended) == {"forced"}),
    dict(name="blocks", wanted=lambda got, ended: len(ended) >= 3 and set(ended) == {"forced", "sampled"}),
    dict(name="image", image=True, wanted=lambda got, ended: len(ended) >= 2 and "length" not in ended),
]
