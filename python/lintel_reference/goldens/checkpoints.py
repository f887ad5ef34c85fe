"""Goldens of whole checkpoint directories as a version of transformers writes them, and what it computes with them.

    python -m lintel_reference.goldens.checkpoints

Writes test/goldens/checkpoints/transformers-VERSION/CASE for the version that runs it (4.57.1 and 5.24.0 are committed):
the files of `save_pretrained` of model, tokenizer and image processor, `image.png`, and of the files opened again
`golden.json` (prompt, ids, grid) and `golden.safetensors` (patches, hidden states, logits). Where this version writes
processor_config.json (5), there is no preprocessor_config.json. src/qwen/checkpoint/checkpoint-goldens.test.ts reads every folder.
"""

import json
import os
import shutil

from lintel_reference.common import GOLDENS

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import torch
import transformers
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    GenerationConfig,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2TokenizerFast,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

torch.set_num_threads(1)
OUT = GOLDENS / "checkpoints" / f"transformers-{transformers.__version__}"
MODERN = int(transformers.__version__.split(".")[0]) >= 5
SPECIAL = [
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
    "<|lvr_start|>",
    "<|lvr_sep|>",
    "<|lvr_end|>",
]
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TEXT = "Which piece fits? It's 42, naïve 图 e\u0301 <|lvr_start|><|lvr_sep|><|lvr_end|>"
MESSAGES = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": TEXT}]}]

# Bases of rotary positions that are nobody's default, so that one which is not read shows.
CASES = {
    "qwen2_5-tied-bf16": {"kind": "qwen2_5_vl", "tied": True, "theta": 12345.0, "dtype": torch.bfloat16},
    "qwen2_5-untied-shards": {
        "kind": "qwen2_5_vl",
        "tied": False,
        "theta": 1000000.0,
        "dtype": torch.float32,
        "shard": "40KB",
    },
    "qwen2_5-trained-head": {"kind": "qwen2_5_vl", "tied": True, "theta": 250.0, "dtype": torch.float32, "head": True},
    "qwen3-tied-f16": {"kind": "qwen3_vl", "tied": True, "theta": 54321.0, "dtype": torch.float16},
    "qwen3-untied": {"kind": "qwen3_vl", "tied": False, "theta": 5000000.0, "dtype": torch.float32},
}


def tokenizer():
    """A small byte-level BPE in Qwen2's form."""
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=280,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
        min_frequency=1,
    )
    t.train_from_iterator(["Which piece fits the wall? It is the right one, and the others are not."] * 3, trainer)
    t.add_special_tokens(SPECIAL)
    folder = OUT / "tokenizer"
    folder.mkdir(parents=True, exist_ok=True)
    t.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "Qwen2Tokenizer",
                "chat_template": TEMPLATE,
                "clean_up_tokenization_spaces": False,
                "bos_token": None,
                "unk_token": None,
                "eos_token": "<|im_end|>",
                "pad_token": "<|endoftext|>",
                "add_prefix_space": False,
                "model_max_length": 4096,
            }
        )
    )
    loaded = Qwen2TokenizerFast.from_pretrained(folder)
    shutil.rmtree(folder)
    return loaded


def model_of(kind, tied, theta, ids, size):
    text = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": size,
        "rms_norm_eps": 1e-5,
        "max_position_embeddings": 512,
    }
    if not MODERN or kind == "qwen3_vl":  # Qwen2.5-VL of transformers 5 has it at the top alone
        text |= {"tie_word_embeddings": tied}
    vision = {
        "depth": 2,
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_heads": 2,
        "out_hidden_size": 32,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
    }
    more = {
        "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"],
        "tie_word_embeddings": tied,
        "vision_start_token_id": ids["<|vision_start|>"],
        "vision_end_token_id": ids["<|vision_end|>"],
        "lvr_start_id": ids["<|lvr_start|>"],
    }
    if kind == "qwen3_vl":
        text |= {"head_dim": 16}
        scaling = {"rope_type": "default", "mrope_interleaved": True, "mrope_section": [4, 2, 2]}
        vision |= {"patch_size": 8, "num_position_embeddings": 25, "deepstack_visual_indexes": [0]}
        Config, Model = Qwen3VLConfig, Qwen3VLForConditionalGeneration
    else:
        scaling = {"type": "mrope", "mrope_section": [2, 1, 1]}
        vision |= {"patch_size": 6, "window_size": 24, "fullatt_block_indexes": [1], "tokens_per_second": 2}
        Config, Model = Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration
    text |= (
        {"rope_parameters": dict(scaling, rope_theta=theta)}
        if MODERN
        else {"rope_scaling": scaling, "rope_theta": theta}
    )
    return Model(Config(text_config=text, vision_config=vision, **more)).eval()


def randomize(model, seed):
    """Sizes at which every term matters."""
    g = torch.Generator().manual_seed(seed)
    for name, p in model.named_parameters():
        noise = torch.randn(p.shape, generator=g)
        if "norm" in name and name.endswith("weight") or "ln_q" in name:
            p.data = 1 + 0.2 * noise
        elif p.ndim == 1:
            p.data = 0.2 * noise
        elif "embed_tokens" in name:
            p.data = noise
        else:
            p.data = 1.5 * noise / (p[0].numel() ** 0.5)


def picture(seed):
    r = np.random.default_rng(seed)
    coarse = Image.fromarray(r.integers(0, 256, (5, 7, 3), dtype=np.uint8))
    return coarse.resize((61, 45), Image.Resampling.BICUBIC)


@torch.no_grad()
def golden(folder, head):
    """What the files say to this version: text and ids, patches, hidden states, logits."""
    hf = AutoTokenizer.from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder)
    kind = json.loads((folder / "config.json").read_text())["model_type"]
    Model = Qwen3VLForConditionalGeneration if kind == "qwen3_vl" else Qwen2_5_VLForConditionalGeneration
    model, info = Model.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert head or not any(info.values()), info
    model.eval()
    made = processor(images=Image.open(folder / "image.png"), return_tensors="pt")
    grid = made["image_grid_thw"]
    count = int(grid.prod()) // processor.merge_size**2
    text = hf.apply_chat_template(MESSAGES, tokenize=False, add_generation_prompt=True)
    image = model.config.image_token_id
    ids = [
        i
        for token in hf(text, add_special_tokens=False)["input_ids"]
        for i in ([token] * (count if token == image else 1))
    ]
    ids_t = torch.tensor([ids])
    kinds = (ids_t == image).int()
    normed = []
    model.model.language_model.norm.register_forward_hook(lambda module, inputs, output: normed.append(output))
    out = model(
        input_ids=ids_t,
        attention_mask=torch.ones_like(ids_t),
        pixel_values=made["pixel_values"],
        image_grid_thw=grid,
        output_hidden_states=True,
        **({"mm_token_type_ids": kinds} if MODERN else {}),
    )
    tensors = {
        "patches": made["pixel_values"],
        "features": out.hidden_states[0][0][ids_t[0] == image],
        "hidden": normed[0][0],
        "logits": out.logits[0, -1],
    }
    save_file({name: t.float().contiguous().clone() for name, t in tensors.items()}, folder / "golden.safetensors")
    # 4.57.1 ties what the configuration ties, whatever head the file holds; 5.24.0 keeps a head that differs
    replaced = head and bool(torch.equal(model.lm_head.weight, model.get_input_embeddings().weight))
    (folder / "golden.json").write_text(
        json.dumps(
            {
                "messages": MESSAGES,
                "headReplaced": replaced,
                "text": text,
                "ids": ids,
                "grid": grid[0].tolist(),
                "decoded": hf.decode(ids),
                "eos": hf.eos_token_id,
                "transformers": transformers.__version__,
                "torch": torch.__version__,
            },
            ensure_ascii=False,
        )
        + "\n"
    )


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    hf = tokenizer()
    ids = hf.get_vocab()
    for number, (name, case) in enumerate(CASES.items()):
        folder = OUT / name
        model = model_of(case["kind"], case["tied"], case["theta"], ids, len(hf))
        randomize(model, number)
        model.tie_weights()
        model.generation_config = GenerationConfig(eos_token_id=ids["<|im_end|>"], pad_token_id=ids["<|endoftext|>"])
        model.to(case["dtype"]).save_pretrained(
            folder, **({"max_shard_size": case["shard"]} if "shard" in case else {})
        )
        if case.get("head"):
            from safetensors.torch import load_file

            path = folder / "model.safetensors"
            weights = load_file(path)
            weights["lm_head.weight"] = torch.randn(len(hf), 32, generator=torch.Generator().manual_seed(99)) / 32**0.5
            save_file(weights, path, metadata={"format": "pt", "made by": "somebody's own trainer"})
        hf.save_pretrained(folder)
        image_processor(case["kind"]).save_pretrained(folder)
        if MODERN:
            nest(folder, case["kind"])
        picture(number).save(folder / "image.png")
        golden(folder, case.get("head", False))
        for path in folder.iterdir():
            path.chmod(0o644)
        print(name, sorted(p.name for p in folder.iterdir()))


def image_processor(kind):
    from transformers import Qwen2VLImageProcessor

    patch = 8 if kind == "qwen3_vl" else 6
    return Qwen2VLImageProcessor(
        patch_size=patch,
        merge_size=2,
        temporal_patch_size=2,
        # 4.57.1's slow processor reads bounds from these names alone
        **(
            {"size": {"shortest_edge": 256, "longest_edge": 2304}}
            if MODERN
            else {"min_pixels": 256, "max_pixels": 2304}
        ),
    )


def nest(folder, kind):
    """processor_config.json as `Qwen2_5_VLProcessor.save_pretrained` of transformers 5 writes it (which needs torchvision)."""
    path = folder / "preprocessor_config.json"
    inner = json.loads(path.read_text())
    shared = {
        "image_processor": inner,
        "processor_class": "Qwen3VLProcessor" if kind == "qwen3_vl" else "Qwen2_5_VLProcessor",
        "video_processor": dict(inner, video_processor_type="Qwen2VLVideoProcessor"),
    }
    (folder / "processor_config.json").write_text(json.dumps(shared, indent=2) + "\n")
    path.unlink()


if __name__ == "__main__":
    main()
