"""CVRR: `generate` of its model class, over an export that its own `save_pretrained` wrote."""

from dataclasses import dataclass

import torch
from cvrr import CVRRConfig, CVRRForConditionalGeneration
from safetensors.torch import save_file

from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "cvrr", None
REPOSITORY, COMMIT = "dmis-lab/CVRR", "485639d"
EXECUTED = [
    "cvrr/modeling_cvrr.py CVRRForConditionalGeneration (generate, prefill, _multimodal_boundary, _text_boundary, "
    "_recurrent_question_transition, _decode_tokens, _adapter_execution), _run_layers, _make_context, _select_rows_padded, "
    "_replace_rows_from_padded, _vision_span_mask",
    "cvrr/configuration_cvrr.py CVRRConfig",
]
PATCHED = [
    "both files were read from the repository's index and typed in, without comments and what only training calls (forward, "
    "from_backbone, freeze_for_training, next_token_logits, _answer_cross_entropy)",
    "zeros: a hook on the first layer behind the interface puts zeros in the place of the last state",
]
TOKENS: dict[str, int] = {}
STEPS = 4


def config():
    names = {"architectures": ["CVRRForConditionalGeneration"], "model_type": "cvrr_qwen2_5_vl"}
    own = {
        "ell_star": 1,
        "num_recurrent_steps": STEPS,
        "beta": 0.5,
        "lora_rank": 3,
        "lora_alpha": 5,
        "lora_dropout": 0.01,
    }
    return tiny.flat_config(num_hidden_layers=5, max_window_layers=5, **names, **own)


def more_weights(folder):
    """Random weights by the names of an export."""
    model = CVRRForConditionalGeneration(CVRRConfig.from_pretrained(folder))
    tiny.random_weights(model, 17, {tiny.EOS: 0, **dict.fromkeys(tiny.QWEN.values(), 0)})
    tensors = {n: p.data.to(torch.bfloat16).contiguous() for n, p in model.named_parameters()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    return ["model.safetensors"]


def load(directory):
    config = CVRRConfig.from_pretrained(directory)
    model, info = CVRRForConditionalGeneration.from_pretrained(
        directory, config=config, dtype=torch.float32, attn_implementation="sdpa", output_loading_info=True
    )
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    return model.eval()


def parts(model):
    return model.text_model, model.backbone.lm_head


def prompt(seed, case):
    return tiny.prompt(seed + case["from"], {**case, "image": True})


@dataclass
class Depth(trace.Trace):
    """`replies`: ids under other contents of the states of words."""

    replies: dict | None = None

    def endings(self, end):
        return ["prompt"]


def words_of(given):
    ids = given["input_ids"]
    return ids[~torch.isin(ids, torch.tensor(list(tiny.QWEN.values())))][None]


def generate(model, given, words):
    logits = []
    hook = model.backbone.lm_head.register_forward_hook(lambda m, i, o: logits.append(o[0, -1].detach().clone()))
    try:
        ids = model.generate(**given, question_ids=words, max_new_tokens=trace.STEPS, eos_token_id=tiny.EOS)
    finally:
        hook.remove()
    return ids[0].tolist(), torch.stack(logits)


def run(model, given):
    words = words_of(given)
    count, length = words.shape[1], given["input_ids"].shape[1]
    ids, logits = generate(model, given, words)
    with torch.no_grad():
        _, _, states = model.prefill(**given, question_ids=words, return_recurrent_states=True)
    gaps = [trace.clearness(logits)]
    replies = {}
    for name, steps in (("own-steps(1)", 1), ("own-steps(6)", 6)):
        model.config.num_recurrent_steps = steps
        replies[name], more = generate(model, given, words)
        gaps.append(trace.clearness(more))
    model.config.num_recurrent_steps = STEPS

    def nothing(module, args, kwargs):
        hook.remove()
        return (torch.zeros_like(args[0]), *args[1:]), kwargs

    layer = model.text_model.layers[model.config.upper_decoder_start]
    hook = layer.register_forward_pre_hook(nothing, with_kwargs=True)
    replies["zeros"], more = generate(model, given, words)
    gaps.append(trace.clearness(more))
    # The words alone, by the network that is inside.
    with torch.no_grad():
        plain = model.backbone.generate(
            words,
            attention_mask=torch.ones_like(words),
            max_new_tokens=trace.STEPS,
            do_sample=False,
            eos_token_id=tiny.EOS,
        )
    replies["skip"] = plain[0, count:].tolist()
    return Depth(
        length,
        ids,
        logits.argmax(-1).tolist(),
        min(gaps),
        length - count,
        states[-1][0],
        [True] * count,
        replies=replies,
    )


def wanted(got):
    """Texts that differ by what stands behind the layer."""
    texts = [got.ids, *got.replies.values()]
    return all(len(each) == trace.STEPS for each in texts) and len({tuple(each[:16]) for each in texts}) == len(texts)


CASES = [
    {
        "name": name,
        "from": start,
        "wanted": lambda got, ended: wanted(got),
        "more": lambda got: {"replies": got.replies},
    }
    for name, start in (("image", 0), ("another image", 5000))
]
