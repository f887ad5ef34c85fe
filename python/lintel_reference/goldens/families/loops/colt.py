"""CoLT: `latent_reasoning_generate` of its fork of transformers."""

import torch
import transformers
from transformers.models.qwen3_vl import modeling_qwen3_vl
from transformers.models.qwen3_vl.modeling_qwen3_vl import Qwen3VLForConditionalGeneration

from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "colt", "qwen3-vl"
REPOSITORY, COMMIT = "hulianyuyy/CoLT", "331cc78"
EXECUTED = [
    "transformers-4.57.0/src/transformers/models/qwen3_vl/modeling_qwen3_vl.py "
    "Qwen3VLForConditionalGeneration.latent_reasoning_generate, _forward_latent_reasoning"
]
PATCHED = [
    "two decoders (Qwen3-0.6B), which only training uses, and their tokenizer, of which inference reads the id that ends a text, "
    "are empty",
    "latent_reasoning_generate is called with do_sample=False: generate always samples",
    "attention masks of one column, which FlashAttention 2, its setting, takes for no mask, are left out: eager attention takes "
    "them for a prompt of which only the first token is seen",
]
TOKENS = {"<|vision_pad|>": tiny.PAD}
LATENTS = 4


class Aside(torch.nn.Module):
    """In the place of the decoders of training."""

    def __init__(self):
        super().__init__()
        self.lm_head = torch.nn.Linear(32, tiny.VOCABULARY, bias=False)

    def gradient_checkpointing_enable(self):
        pass


class Words:
    """In the place of their tokenizer."""

    pad_token_id, eos_token = 0, "<eos>"

    def encode(self, text, add_special_tokens=False):
        return [tiny.EOS]


def config():
    return tiny.qwen3_config()


def more_weights(folder):
    half = torch.nn.Sequential(
        torch.nn.Identity(),
        torch.nn.Linear(32, 16),
        torch.nn.Identity(),
        torch.nn.Linear(16, 32),
        torch.nn.LayerNorm(32),
    )
    return tiny.write_head(half, "prj", folder, ("4.weight",))


def load(directory):
    modeling_qwen3_vl.AutoModelForCausalLM = type("Decoders", (), {"from_pretrained": lambda *a, **k: Aside()})
    modeling_qwen3_vl.AutoTokenizer = type("Tokenizers", (), {"from_pretrained": lambda *a, **k: Words()})
    model = Qwen3VLForConditionalGeneration.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    forward = model.model.forward

    def without_mask(*args, attention_mask=None, **given):
        one = attention_mask is not None and attention_mask.shape[1] == 1
        return forward(*args, attention_mask=None if one else attention_mask, **given)

    model.model.forward = without_mask
    return model


def parts(model):
    return model.model.language_model, model.lm_head


def run(model, given):
    length = given["input_ids"].shape[1]
    recorder = trace.Recorder(*parts(model))
    asked = {
        key: value[:, :-LATENTS] if key in ("input_ids", "attention_mask") else value for key, value in given.items()
    }
    with torch.no_grad():
        ids = model.latent_reasoning_generate(**asked, max_new_tokens=trace.STEPS, do_sample=False, eos_token_id=-1)
        new = ids[0, length - LATENTS :].tolist()
        fed = torch.stack(recorder.inputs[1 : LATENTS + len(new)])
        words = model.get_input_embeddings()(torch.tensor([*[0] * LATENTS, *new[:-1]])).float()
    recorder.close()
    # The output matrix is applied once to the last latent itself, of which nothing is read.
    logits = torch.stack(recorder.logits[1:])
    best = logits.argmax(-1).tolist()
    return trace.Trace(length, new, best, trace.clearness(logits), length - LATENTS, fed, trace.is_latent(fed, words))


PLACES = [tiny.PAD] * LATENTS
CASES = [
    {"name": "latents behind the prompt", "tail": PLACES, "wanted": lambda got, ended: len(ended) == 1},
    {"name": "image", "image": True, "tail": PLACES, "wanted": lambda got, ended: len(ended) == 1},
]
assert transformers.__version__.startswith("4.57.0")
