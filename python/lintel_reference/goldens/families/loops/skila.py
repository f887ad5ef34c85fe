"""SkiLa: `SkiLa._sample` over its own forward."""

import numpy as np
import torch
from safetensors.torch import save_file
from src.model.skila import SkiLa
from src.train.monkey_patch_forward_skila import replace_qwen2_5_with_skila_forward

from lintel_reference.common import write_json
from lintel_reference.goldens.families import tiny, trace

FAMILY, WEIGHTS = "skila", "qwen2_5-vl"
REPOSITORY, COMMIT = "TungChintao/SkiLa", "98f5563"
EXECUTED = [
    "src/model/skila.py SkiLa._sample",
    "src/train/monkey_patch_forward_skila.py qwen2_5_skila_forward",
    "src/model/sketch_extractor.py SketchExtractor_Siglip (what training writes into the slots)",
]
PATCHED: list[str] = []
TOKENS = {"<|skila|>": tiny.PAD, "<|sketch_start|>": tiny.START, "<|sketch_end|>": tiny.END}
QUOTA = 6


def config():
    return tiny.flat_config(
        skila_id=tiny.PAD,
        sketch_start_id=tiny.START,
        sketch_end_id=tiny.END,
        sketch_token_num=QUOTA // 2,
        compress_strategy="average",
    )


def load(directory):
    replace_qwen2_5_with_skila_forward()
    return SkiLa.from_pretrained(directory, torch_dtype=torch.float32, attn_implementation="eager").eval()


def parts(model):
    return model.model, model.lm_head


def generate(model, given, steps, **options):
    return model.generate(**given, max_new_tokens=steps, do_sample=False, **options)


def sketches(rng, folder):
    """Pictures of two sizes, kept as files."""
    from PIL import Image

    out = []
    for n, size in enumerate([(20, 14), (31, 40)]):
        # Coarse, so that the files are small; noise alone would be its own mean in every group.
        rough = Image.fromarray(rng.integers(0, 256, (4, 4, 3)).astype(np.uint8)).resize(size, Image.NEAREST)
        rough.save(folder / f"sketch-{n}.png")
        out.append(rough)
    return out


def encoder_of(folder):
    """A tiny SigLIP as a directory of its own, as published ones are laid out, and a projection as trainings save it."""
    from transformers import SiglipConfig, SiglipModel

    sizes = {"hidden_size": 24, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    text = {
        "hidden_size": 8,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "vocab_size": 8,
        "max_position_embeddings": 4,
    }
    config = SiglipConfig(text_config=text, vision_config=dict(image_size=24, patch_size=6, **sizes))
    encoder = SiglipModel(config).eval()
    tiny.random_weights(encoder, 31, {})
    folder.mkdir(exist_ok=True)
    write_json(
        folder / "config.json",
        {
            "architectures": ["SiglipModel"],
            "model_type": "siglip",
            "vision_config": {"model_type": "siglip_vision_model", "image_size": 24, "patch_size": 6, **sizes},
        },
    )
    processor = {
        "do_resize": True,
        "resample": 2,
        "size": {"height": 24, "width": 24},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
    }
    normal = {
        "do_normalize": True,
        "image_mean": [0.5] * 3,
        "image_std": [0.5] * 3,
        "image_processor_type": "SiglipImageProcessor",
    }
    write_json(folder / "preprocessor_config.json", {**processor, **normal})
    tiny.write_weights(encoder, folder / "model.safetensors")
    g = torch.Generator().manual_seed(32)
    projection = {
        "sketch_extractor.sketch_proj.weight": torch.randn(32, 24, generator=g) / 24**0.5,
        "sketch_extractor.sketch_proj.bias": 0.2 * torch.randn(32, generator=g),
    }
    save_file(
        {k: v.to(torch.bfloat16) for k, v in projection.items()},
        folder / "projection.safetensors",
        metadata={"format": "pt"},
    )
    (folder / "projection.safetensors").chmod(0o644)


def targets(model, folder):
    """What the training forward writes into the slots of one sketch and of two."""
    from safetensors.torch import load_file
    from src.model.sketch_extractor import SketchExtractor_Siglip
    from transformers import AutoConfig, SiglipImageProcessor

    path = folder / "encoder"
    encoder_of(path)
    pictures = sketches(np.random.default_rng(33), path)
    processor = SiglipImageProcessor.from_pretrained(path)
    seen, cases = [], []
    hook = model.model.layers[0].register_forward_pre_hook(
        lambda m, args, kwargs: seen.append(args[0] if args else kwargs["hidden_states"]), with_kwargs=True
    )
    for name, count, k in [
        ("one sketch", 1, 4),
        ("two sketches, groups over both", 2, 3),
        ("as many as there are", 2, 16),
    ]:
        extractor = SketchExtractor_Siglip(
            str(path),
            sketch_token_num=k,
            config=AutoConfig.from_pretrained(path),
            torch_dtype=torch.float32,
            attn_implementation="eager",
            llm_hidden_dim=32,
        )
        stored = load_file(path / "projection.safetensors")
        own = {name.removeprefix("sketch_extractor."): value.float() for name, value in stored.items()}
        missing = extractor.load_state_dict(own, strict=False).missing_keys
        assert all(each.startswith("siglip2_vision.") for each in missing)
        pixels = processor(images=pictures[:count], do_convert_rgb=True, return_tensors="pt")["pixel_values"]
        model.config.sketch_token_num = k
        block = [tiny.START, *[tiny.PAD] * k, tiny.END]
        ids = torch.tensor([[5, *block * count, 7]])
        model(input_ids=ids, attention_mask=torch.ones_like(ids), sketch_embedding=extractor(pixels))
        latents = seen.pop()[ids == tiny.PAD]
        cases.append(({"name": name, "k": k, "sketches": count}, {"latents": latents}))
    hook.remove()
    return cases


CASES = [
    {"name": "sampled end", "wanted": lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < QUOTA},
    {"name": "forced ends", "wanted": lambda got, ended: len(ended) >= 2 and set(ended) == {"forced"}},
    {"name": "blocks", "wanted": lambda got, ended: len(ended) >= 3 and set(ended) == {"forced", "sampled"}},
    {"name": "image", "image": True, "wanted": lambda got, ended: len(ended) >= 2 and "length" not in ended},
    trace.eos_within(),
    {
        "name": "START ends the prompt",
        "tail": [tiny.START],
        "wanted": lambda got, ended: ended[:1] == ["forced"] and got.blocks()[0][0] == got.length,
    },
]
