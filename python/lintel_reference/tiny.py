"""Tiny random checkpoints of the architectures that the PyTorch engine is tested on: model, tokenizer and image processor.

    python -m lintel_reference.tiny OUT [NAME ...]

Writes OUT/NAME for the names given (default: all of CASES). Nothing is downloaded. The same version of torch and
transformers writes the same bytes.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers as tf
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

MODERN = int(tf.__version__.split(".")[0]) >= 5
Sizes = dict[str, Any]
MARKERS = ["<|lvr_start|>", "<|lvr_sep|>", "<|lvr_end|>"]
QWEN = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
]
PATTERN = r"\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+"
WORDS = "Which piece fits the wall? It is the right one, and the others are not. Turn the shape to the left: A B C D 1 2 3 4."


def template(image: str) -> str:
    """A chat template in which `image` stands for an image."""
    return (
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}"
        "{{ message['content'] }}{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}"
        + image
        + "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


@dataclass
class Case:
    """An architecture: its model from a vocabulary, and what its processor needs."""

    model: Callable[[dict[str, int]], Any]
    # How a prompt names an image.
    image: str | None = None
    # Special tokens besides Qwen2's, and those that the processor asks the tokenizer for by another name.
    tokens: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)
    images: Callable[[], Any] | None = None
    # processor_config.json
    processor: dict[str, Any] = field(default_factory=dict)


def tokenizer(case: Case) -> Any:
    """A small byte-level BPE."""
    t = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(PATTERN), behavior="isolated", invert=False)
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    t.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet, show_progress=False, min_frequency=1)
    t.train_from_iterator([WORDS] * 3, trainer)
    t.add_special_tokens([*QWEN, *case.tokens, *MARKERS])
    options: dict[str, Any] = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "model_max_length": 4096}
    options["model_input_names"] = ["input_ids", "attention_mask"]
    if case.named:
        options["extra_special_tokens"] = case.named
    kind = (
        tf.Qwen2TokenizerFast
        if case.processor.get("processor_class", "").startswith("Qwen")
        else tf.PreTrainedTokenizerFast
    )
    return kind(tokenizer_object=t, chat_template=template(case.image or ""), **options)


def text(layers: int = 3, **more: Any) -> dict[str, Any]:
    """Sizes of a decoder."""
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": layers, "num_attention_heads": 4}
    return sizes | {"num_key_value_heads": 2, "max_position_embeddings": 1024, "rms_norm_eps": 1e-5} | more


def rotary(theta: float, **scaling: Any) -> dict[str, Any]:
    """Rotary positions, as this version of transformers calls them."""
    if MODERN:
        return {"rope_parameters": {"rope_type": "default", "rope_theta": theta} | scaling}
    return {"rope_theta": theta} | ({"rope_scaling": {"rope_type": "default"} | scaling} if scaling else {})


def qwen_ids(ids: dict[str, int]) -> dict[str, int]:
    names = {"image_token_id": "image_pad", "video_token_id": "video_pad"}
    names |= {"vision_start_token_id": "vision_start", "vision_end_token_id": "vision_end"}
    return {key: ids[f"<|{token}|>"] for key, token in names.items()}


def qwen2_vl(ids: dict[str, int]) -> Any:
    vision = {"depth": 2, "embed_dim": 16, "hidden_size": 32, "num_heads": 2, "mlp_ratio": 2, "patch_size": 6}
    decoder = text(vocab_size=len(ids), **rotary(1234.0, mrope_section=[2, 1, 1]))
    config = tf.Qwen2VLConfig(text_config=decoder, vision_config=vision, **qwen_ids(ids))
    return tf.Qwen2VLForConditionalGeneration(config)


def qwen2_5_vl(ids: dict[str, int], **more: Any) -> Any:
    vision: Sizes = {"depth": 2, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "out_hidden_size": 32}
    vision |= {"patch_size": 6, "window_size": 24, "fullatt_block_indexes": [1], "tokens_per_second": 2}
    decoder = text(vocab_size=len(ids), **rotary(1234.0, mrope_section=[2, 1, 1])) | more
    config = tf.Qwen2_5_VLConfig(text_config=decoder, vision_config=vision, **qwen_ids(ids))
    return tf.Qwen2_5_VLForConditionalGeneration(config)


QWEN3_VISION: Sizes = {"depth": 3, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "out_hidden_size": 32}
QWEN3_VISION |= {"patch_size": 8, "num_position_embeddings": 25, "deepstack_visual_indexes": [0, 1]}


def qwen3_vl(ids: dict[str, int]) -> Any:
    scaling = rotary(4321.0, mrope_interleaved=True, mrope_section=[4, 2, 2])
    decoder = text(vocab_size=len(ids), head_dim=16, **scaling)
    config = tf.Qwen3VLConfig(text_config=decoder, vision_config=QWEN3_VISION, **qwen_ids(ids))
    return tf.Qwen3VLForConditionalGeneration(config)


def qwen3_vl_moe(ids: dict[str, int]) -> Any:
    scaling = rotary(4321.0, mrope_interleaved=True, mrope_section=[4, 2, 2])
    experts = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24, "decoder_sparse_step": 1}
    decoder = text(vocab_size=len(ids), head_dim=16, **experts, **scaling)
    config = tf.Qwen3VLMoeConfig(text_config=decoder, vision_config=QWEN3_VISION, **qwen_ids(ids))
    return tf.Qwen3VLMoeForConditionalGeneration(config)


def internvl(ids: dict[str, int]) -> Any:
    vision: Sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision |= {"image_size": [16, 16], "patch_size": [4, 4], "use_mean_pooling": False}
    decoder = text(vocab_size=len(ids), model_type="qwen2", **rotary(1234.0))
    config = tf.InternVLConfig(text_config=decoder, vision_config=vision, image_token_id=ids["<IMG_CONTEXT>"])
    return tf.InternVLForConditionalGeneration(config)


def gemma3(ids: dict[str, int]) -> Any:
    vision: Sizes = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2}
    vision |= {"image_size": 16, "patch_size": 4}
    # Windows shorter than the prompts.
    kinds = ["sliding_attention", "full_attention", "sliding_attention"]
    decoder = text(vocab_size=len(ids), head_dim=8, sliding_window=6, layer_types=kinds, query_pre_attn_scalar=10)
    tokens = {"boi_token_index": ids["<start_of_image>"], "eoi_token_index": ids["<end_of_image>"]}
    tokens |= {"image_token_index": ids["<image_soft_token>"], "image_token_id": ids["<image_soft_token>"]}
    config = tf.Gemma3Config(text_config=decoder, vision_config=vision, mm_tokens_per_image=4, **tokens)
    return tf.Gemma3ForConditionalGeneration(config)


def llava_onevision(ids: dict[str, int]) -> Any:
    vision = {"model_type": "siglip_vision_model", "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2}
    vision |= {"num_attention_heads": 2, "image_size": 16, "patch_size": 4, "vision_use_head": False}
    decoder = text(vocab_size=len(ids), model_type="qwen2", **rotary(1234.0))
    config = tf.LlavaOnevisionConfig(
        text_config=decoder,
        vision_config=vision,
        image_token_index=ids["<image>"],
        video_token_index=ids["<video>"],
        image_grid_pinpoints=[[16, 16], [16, 32], [32, 16], [32, 32]],
    )
    return tf.LlavaOnevisionForConditionalGeneration(config)


def gpt2(ids: dict[str, int]) -> Any:
    return tf.GPT2LMHeadModel(tf.GPT2Config(vocab_size=len(ids), n_embd=32, n_layer=3, n_head=4, n_positions=512))


def llama(ids: dict[str, int]) -> Any:
    return tf.LlamaForCausalLM(tf.LlamaConfig(**text(vocab_size=len(ids), **rotary(1234.0))))


def qwen_images(patch: int, **more: Any) -> Any:
    size = {"shortest_edge": 4 * (2 * patch) ** 2, "longest_edge": 24 * (2 * patch) ** 2}
    return tf.Qwen2VLImageProcessor(patch_size=patch, merge_size=2, temporal_patch_size=2, size=size, **more)


def internvl_images() -> Any:
    return tf.GotOcr2ImageProcessor(
        size={"height": 16, "width": 16}, crop_to_patches=True, min_patches=1, max_patches=3
    )


def gemma3_images() -> Any:
    return tf.Gemma3ImageProcessor(size={"height": 16, "width": 16})


def llava_images() -> Any:
    pinpoints = [[16, 16], [16, 32], [32, 16], [32, 32]]
    return tf.LlavaOnevisionImageProcessor(size={"height": 16, "width": 16}, image_grid_pinpoints=pinpoints)


QWEN_IMAGE = "<|vision_start|><|image_pad|><|vision_end|>"
INTERNVL_NAMES = {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>"}
GEMMA_NAMES = {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"}
CASES = {
    "qwen2_vl": Case(
        qwen2_vl, QWEN_IMAGE, images=lambda: qwen_images(6), processor={"processor_class": "Qwen2VLProcessor"}
    ),
    "qwen2_5_vl": Case(
        qwen2_5_vl, QWEN_IMAGE, images=lambda: qwen_images(6), processor={"processor_class": "Qwen2_5_VLProcessor"}
    ),
    "qwen3_vl": Case(
        qwen3_vl, QWEN_IMAGE, images=lambda: qwen_images(8), processor={"processor_class": "Qwen3VLProcessor"}
    ),
    "qwen3_vl_moe": Case(
        qwen3_vl_moe, QWEN_IMAGE, images=lambda: qwen_images(8), processor={"processor_class": "Qwen3VLProcessor"}
    ),
    "internvl": Case(
        internvl,
        "<IMG_CONTEXT>\n",
        ["<img>", "</img>", "<IMG_CONTEXT>", "<video>"],
        INTERNVL_NAMES | {"video_token": "<video>"},
        internvl_images,
        {"processor_class": "InternVLProcessor", "image_seq_length": 4},
    ),
    "gemma3": Case(
        gemma3,
        "<start_of_image>",
        list(GEMMA_NAMES.values()),
        GEMMA_NAMES,
        gemma3_images,
        {"processor_class": "Gemma3Processor", "image_seq_length": 4},
    ),
    "llava_onevision": Case(
        llava_onevision,
        "<image>\n",
        ["<image>", "<video>"],
        {"image_token": "<image>", "video_token": "<video>"},
        llava_images,
        {
            "processor_class": "LlavaOnevisionProcessor",
            "num_image_tokens": 16,
            "vision_feature_select_strategy": "full",
        },
    ),
    "gpt2": Case(gpt2),
    "llama": Case(llama),
}


def randomize(model: Any, seed: int) -> None:
    """Sizes at which every term matters."""
    g = torch.Generator().manual_seed(seed)
    gemma = type(model).__name__.startswith("Gemma")
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=g)
        norm = "norm" in name or "ln_" in name
        if norm and name.endswith("weight"):
            # Gemma's norms add 1 to their weights.
            p.data = 0.2 * noise + (0 if gemma else 1)
        elif p.ndim <= 1 or "newline" in name:
            p.data = 0.2 * noise
        elif "embed_tokens" in name or "wte" in name:
            # Where words are also written by this table, what comes next would always be what was read; Gemma scales up, too.
            p.data = noise * (0.1 if gemma else 0.2 if "wte" in name else 1)
        else:
            p.data = 1.5 * noise / (p.shape[-1] ** 0.5)


def write(name: str, out: Path, dtype: torch.dtype = torch.float32) -> Path:
    """Writes the checkpoint of a case."""
    case = CASES[name]
    words = tokenizer(case)
    ids = words.get_vocab()
    model = case.model(ids)
    randomize(model, sum(name.encode()))
    model.tie_weights()
    model.generation_config = tf.GenerationConfig(eos_token_id=ids["<|im_end|>"], pad_token_id=ids["<|endoftext|>"])
    model.to(dtype).save_pretrained(out)
    words.save_pretrained(out)
    if case.images is not None:
        case.images().save_pretrained(out)
        config = json.loads((out / "preprocessor_config.json").read_text())
        config["processor_class"] = case.processor["processor_class"]
        (out / "preprocessor_config.json").write_text(json.dumps(config, indent=2) + "\n")
        (out / "processor_config.json").write_text(json.dumps(case.processor, indent=2) + "\n")
    return out


def main(arguments: list[str]) -> None:
    out, *names = arguments
    for name in names or CASES:
        write(name, Path(out) / name)
        print(f"wrote {Path(out) / name}")


if __name__ == "__main__":
    main(sys.argv[1:])
