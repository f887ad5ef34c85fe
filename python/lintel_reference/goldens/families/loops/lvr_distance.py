"""LVR's strategy "latent": a block ends near a learned vector."""

import torch
from safetensors.torch import save_file

from lintel_reference.goldens.families.loops import lvr
from lintel_reference.goldens.families.loops.lvr import (  # noqa: F401
    COMMIT,
    FAMILY,
    PATCHED,
    REPOSITORY,
    TOKENS,
    WEIGHTS,
    closed,
    generate,
    load,
    parts,
)

EXECUTED = [
    "src/model/qwen_lvr_model.py QwenWithLVR.generate (_lvr_deocding_with_latentend)",
    "src/train/monkey_patch_forward_lvr.py qwen2_5_mixed_modality_forward_lvr_inference",
]
# Far beyond the published 0.02: vectors of a random model do not learn to come near anything.
THRESHOLD = 2.0


def config():
    return lvr.config(latent_end_token=True)


def more_weights(folder):
    g = torch.Generator().manual_seed(22)
    vector = torch.randn(32, generator=g).to(torch.bfloat16)
    save_file({"lvr_latent_end_emb": vector}, folder / "end.safetensors", metadata={"format": "pt"})
    (folder / "end.safetensors").chmod(0o644)
    return ["end.safetensors"]


def counts(got):
    return [count for _, count in got.blocks()]


HOW = {
    "dialect": "lvr-latent",
    "rules": {"k": 8, "stop": {"tensor": "lvr_latent_end_emb", "distance": "mse", "below": THRESHOLD}},
    "options": {"strategy": "latent", "k": 8, "criterion": "mse", "lvr_end_threshold": THRESHOLD},
}
CASES = [
    dict(
        name="near the end vector",
        **HOW,
        wanted=lambda got, ended: closed(ended) and any(0 < n < 8 for n in counts(got)),
    ),
    dict(name="out of budget", **HOW, wanted=lambda got, ended: closed(ended) and 8 in counts(got)),
]
