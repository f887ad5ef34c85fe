"""RoT: `CoTCompressor.generate` with the head of `CoTCompressorV2`, over the text decoder of the tiny checkpoint."""

from types import SimpleNamespace

import numpy as np
import torch
from models.cot_compressor import CoTCompressor
from models.cot_compressor_v2 import SwiGLU
from transformers import Qwen3VLForConditionalGeneration

from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "rot", "qwen3-vl"
REPOSITORY, COMMIT = "TencentBAC/RoT", "68fa3d1"
EXECUTED = ["models/cot_compressor.py CoTCompressor.generate", "models/cot_compressor_v2.py SwiGLU"]
PATCHED = [
    "the compressor is made without its __init__, which loads a renderer and a checkpoint from the Hub: it gets the language "
    "model, output matrix, ids and projection head that __init__ of CoTCompressorV2 gives it",
    "its tokenizer gives ids and takes them: the question's ids as they are, and a text as its ids",
]
TOKENS = {"<img_begin>": tiny.START, "<img>": tiny.PAD, "<img_end>": tiny.END}
LATENTS, WIDE = 3, 40


def head():
    """`projection_head`, as `CoTCompressorV2.__init__` makes it."""
    return torch.nn.Sequential(
        torch.nn.LayerNorm(32, eps=1e-6), torch.nn.Linear(32, WIDE), SwiGLU(WIDE, WIDE), torch.nn.Linear(WIDE, 32)
    )


def config():
    return tiny.qwen3_config(rot_latents=LATENTS)


def more_weights(folder):
    return tiny.write_head(head(), "projection_head", folder, ("0.weight",))


def load(directory):
    from safetensors.torch import load_file

    model = Qwen3VLForConditionalGeneration.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    stored = load_file(directory / "part-1.safetensors")
    model.projection_head = head()
    prefix = "projection_head."
    model.projection_head.load_state_dict({name[len(prefix) :]: each.float() for name, each in stored.items()})
    return model


def parts(model):
    return model.model.language_model, model.lm_head


class Ids:
    """In the place of a tokenizer: ids are their own text."""

    eos_token_id = tiny.EOS

    def __init__(self, ids):
        self.ids = ids

    def apply_chat_template(self, messages, **options):
        return messages[-1]["content"]

    def __call__(self, texts, return_tensors):
        found = {"input_ids": self.ids}
        return type("Encoding", (dict,), {"to": lambda self, device: self})(found)

    def decode(self, ids, skip_special_tokens):
        return ids


def prompt(seed, case):
    rng = np.random.default_rng(seed)
    words = rng.integers(2, 280, int(rng.integers(4, 12))).tolist()
    return {"ids": [*words, tiny.START, *[tiny.PAD] * LATENTS, tiny.END], "grid": None, "patches": None}


def run(model, given):
    length = given["input_ids"].shape[1]
    compressor = CoTCompressor.__new__(CoTCompressor)
    torch.nn.Module.__init__(compressor)
    compressor.language_model, compressor.llm_lm_head = parts(model)
    compressor.projection_head = model.projection_head
    compressor.tokenizer = Ids(given["input_ids"][:, : -LATENTS - 2])
    compressor.hidden_dim, compressor.device = 32, "cpu"
    compressor.img_begin_token_id, compressor.img_end_token_id = tiny.START, tiny.END
    states = SimpleNamespace(last=None)
    hook = compressor.language_model.layers[0].register_forward_pre_hook(
        lambda module, args, kwargs: setattr(states, "last", args[0] if args else kwargs["hidden_states"]),
        with_kwargs=True,
    )
    recorder = trace.Recorder(compressor.language_model, compressor.llm_lm_head)
    new = compressor.generate("", max_new_tokens=trace.STEPS, max_vision_tokens=LATENTS)
    recorder.close()
    hook.remove()
    # The last pass reads the whole sequence, but for the last id.
    fed = states.last[0].detach()
    with torch.no_grad():
        words = model.get_input_embeddings()(torch.tensor([*given["input_ids"][0].tolist(), *new[:-1]])).float()
    logits = torch.stack(recorder.logits)
    best = logits.argmax(-1).tolist()
    return trace.Trace(length, new, best, trace.clearness(logits), 0, fed, trace.is_latent(fed, words))


CASES = [
    {"name": "latents", "wanted": lambda got, ended: ended == ["prompt"] and tiny.START not in got.ids},
    {"name": "START in the text", "wanted": lambda got, ended: ended == ["prompt"] and tiny.START in got.ids},
]
