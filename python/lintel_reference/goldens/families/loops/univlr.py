"""UniVLR without a head: `QwenWithUniVLR.generate` over its inference forward, strategies "steps" and "univlr"."""

import torch
import transformers
from src.model.qwen_univlr_model import QwenWithUniVLR
from src.train.monkey_patch_forward_univlr_inference import replace_qwen2_5_with_mixed_modality_forward_univlr

from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "univlr", "qwen2_5-vl"
REPOSITORY, COMMIT = "Warrenustc1958/UniVLR", "8873cdc"
EXECUTED = [
    "src/model/qwen_univlr_model.py QwenWithUniVLR.generate",
    "src/train/monkey_patch_forward_univlr_inference.py qwen2_5_mixed_modality_forward_univlr_inference",
]
PATCHED = [
    "the forward is taken from the module that has it: VLMEvalKit/vlmeval/vlm/qwen2_vl/univlr.py imports it from another, "
    "src/train/monkey_patch_forward_univlr.py, which does not"
]
TOKENS = {
    "<|univlr_start|>": tiny.START,
    "<|univlr|>": tiny.PAD,
    "<|univlr_latent_end|>": tiny.EXTRA,
    "<|univlr_end|>": tiny.END,
}


def config(**more):
    return tiny.flat_config(
        univlr_start_id=tiny.START,
        univlr_id=tiny.PAD,
        univlr_latent_end_id=tiny.EXTRA,
        univlr_end_id=tiny.END,
        latent_end_token=False,
        loss_univlr_fct="mse",
        image_latent_tokens=6,
        univlr_slots_per_block=6,
        **{"univlr_align_layer": -1, "univlr_head": False, **more},
    )


def load(directory):
    model_config = transformers.AutoConfig.from_pretrained(directory)
    replace_qwen2_5_with_mixed_modality_forward_univlr(inference_mode=True, univlr_head=model_config.univlr_head)
    return QwenWithUniVLR.from_pretrained(
        directory, config=model_config, torch_dtype=torch.float32, attn_implementation="eager"
    ).eval()


def parts(model):
    return model.model.language_model, model.lm_head


def generate(model, given, steps, strategy, k, **options):
    return model.generate(
        **given, max_new_tokens=steps, do_sample=False, decoding_strategy=strategy, univlr_steps=[k], **options
    )


def steps(k, **more):
    return {"dialect": "univlr-steps", "rules": {"k": k}, "options": dict(strategy="steps", k=k, **more)}


def blocks(count, **more):
    rules = {"maxBlocks": count}
    return {"dialect": "univlr-blocks", "rules": rules, "options": dict(strategy="univlr", k=count, **more)}


def closed(ended):
    return bool(ended) and "length" not in ended


def few(ended):
    return 0 < len(ended) < 3 and closed(ended)


CASES = [
    dict(name="steps 4", **steps(4), wanted=lambda got, ended: few(ended) and set(ended) == {"forced"}),
    dict(name="steps 12", **steps(12), wanted=lambda got, ended: few(ended)),
    dict(name="repetition penalty", **steps(4, repetition_penalty=1.05), wanted=lambda got, ended: few(ended)),
    dict(name="image", image=True, **steps(4), wanted=lambda got, ended: few(ended)),
    trace.eos_within(**steps(4)),
    dict(
        name="START ends the prompt",
        tail=[tiny.START],
        **steps(4),
        wanted=lambda got, ended: few(ended) and got.blocks()[0][0] == got.length,
    ),
    # An end marker before the first block counts as a block there, which a start marker in the prompt rules out.
    dict(name="one block", tail=[tiny.START], **blocks(1), wanted=lambda got, ended: ended == ["forced"]),
    dict(name="sampled end", tail=[tiny.START], **blocks(1), wanted=lambda got, ended: ended == ["sampled"]),
    dict(name="blocks in a row", tail=[tiny.START], **blocks(2), wanted=lambda got, ended: len(ended) == 2),
]
