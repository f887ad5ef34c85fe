"""IVT-LR on Qwen2-VL: its `IVTLR.generate` and `IVTLR.forward`."""

import logging
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import torch
import transformers
from transformers import Qwen2VLForConditionalGeneration

from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "ivt-lr", "qwen2-vl"
REPOSITORY, COMMIT = "FYYDCC/IVT-LR", "a47db8c"
EXECUTED = ["qwen_vl/qwen_ivtlr.py IVTLR.generate, IVTLR.forward"]
PATCHED = [
    "the processor of Qwen/Qwen2-VL-7B-Instruct, whose tokenizer decodes a prompt that is then dropped, decodes nothing",
    "Tensor.topk with sorted=False writes the indices in the order of torch's kernel for CUDA (aten/src/ATen/native/cuda/"
    "TensorTopK.cu), on which its evaluation runs: above the least by index, then those equal to it",
    "the model is Qwen2-VL itself, without the LoRA that infer.py wraps around it",
    "the file to which its module sends all log lines is not written",
]
TOKENS = {"<|start-latent|>": tiny.START, "<|end-latent|>": tiny.END, "<|latent|>": tiny.PAD}
LATENTS, PICKS = 3, 4
BLOCK = {"stride": PICKS + 1}
logging.basicConfig(level=logging.CRITICAL)
sorted_topk = torch.Tensor.topk


def config():
    return tiny.qwen2_config(ivt_lr_latents=LATENTS, ivt_lr_patches=PICKS)


class Processors:
    """In the place of AutoProcessor."""

    @staticmethod
    def from_pretrained(name):
        return SimpleNamespace(tokenizer=SimpleNamespace(batch_decode=lambda ids, **options: []))


@dataclass
class Interleaved(trace.Trace):
    """`clear`: the least distance of a chosen feature's attention from the best that was not chosen, relative to it."""

    clear: float = 0

    def blocks(self):
        return [[next(i for i, latent in enumerate(self.latent) if latent), LATENTS]]

    def vectors(self):
        return self.fed[torch.tensor(self.latent)]


def load(directory):
    return Qwen2VLForConditionalGeneration.from_pretrained(
        directory, torch_dtype=torch.float32, attn_implementation="eager"
    ).eval()


def parts(model):
    return model.model, model.lm_head


def prompt(seed, case):
    rng = np.random.default_rng(seed)

    def words(n):
        return rng.integers(2, 280, n).tolist()

    grid = case["grid"]
    ids = words(2) + tiny.image_ids(grid) + words(int(rng.integers(2, 7))) + [tiny.PAD] * LATENTS
    return {"ids": ids, "grid": grid, "patches": tiny.patches(rng, grid)}


def run(model, given):
    transformers.AutoProcessor = Processors
    from qwen_vl import qwen_ivtlr

    clear = []

    def topk(scores, k, dim=-1, largest=True, sorted=True):
        if sorted or not largest:
            return sorted_topk(scores, k, dim, largest, sorted)
        best = sorted_topk(scores, min(k + 1, len(scores))).values
        if len(best) > k and best[k].isfinite():
            clear.append(float(1 - best[k] / best[k - 1]))
        above = (scores > best[k - 1]).nonzero().flatten()
        equal = (scores == best[k - 1]).nonzero().flatten()
        at = torch.cat([above, equal])[:k]
        return scores[at], at

    loop = qwen_ivtlr.IVTLR(
        model,
        tiny.PAD,
        tiny.START,
        tiny.END,
        tiny.EOS,
        tiny.QWEN["image_token_id"],
        tiny.QWEN["vision_start_token_id"],
        tiny.QWEN["vision_end_token_id"],
        num_selected_patches=PICKS,
    )
    logits = []
    hook = model.lm_head.register_forward_hook(lambda m, i, o: logits.append(o[0, -1].detach().clone()))
    torch.Tensor.topk = topk
    try:
        with torch.no_grad():
            ids, fed = loop.generate(**given, max_new_tokens=trace.STEPS, output_embedding=True)
    finally:
        torch.Tensor.topk = sorted_topk
        hook.remove()
    prompt = given["input_ids"].shape[1]
    length = prompt + LATENTS * PICKS
    first = prompt - LATENTS + PICKS
    latent = [i in range(first, length, PICKS + 1) for i in range(fed.shape[1])]
    new = ids[0, prompt:].tolist()
    # The forwards that choose features come before the one from which the first id is taken.
    behind = torch.stack(logits[-trace.STEPS :])
    return Interleaved(
        length,
        new,
        behind.argmax(-1).tolist(),
        trace.clearness(behind),
        0,
        fed[0],
        latent,
        clear=min(clear, default=1.0),
    )


def wanted(got, ended):
    return ended == ["prompt"] and got.clear > 1e-2 and len(set(got.ids)) > 8


CASES = [
    {"name": "some features", "grid": (1, 8, 10), "wanted": wanted},
    {"name": "all features", "grid": (1, 6, 8), "wanted": wanted},
    {"name": "features again, where they are too few", "grid": (1, 4, 10), "wanted": wanted},
]
assert transformers.__version__ == "4.51.3"
