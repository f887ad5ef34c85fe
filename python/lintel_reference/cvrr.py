"""CVRR's loop, written again from its repository (dmis-lab/CVRR, commit 485639d): a reimplementation, not its code.

    python -m lintel_reference.cvrr OUT                           writes a tiny random export
    python -m lintel_reference.cvrr < ASKED.json > FOUND.json     for test/cvrr.long.test.ts: texts and latents of examples

One example at a time, without caches: the words and what was written behind them are read whole for every further word, layer by
layer, and the states of words are replaced behind one layer. The layer with LoRA is a second one, into whose matrices it is added.
"""

import copy
import json
import sys
from pathlib import Path
from typing import Any

import torch
from PIL import Image as Picture
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from lintel_engine.adapters.cvrr import PARTS
from lintel_engine.processors import load_processor
from lintel_reference import tiny
from lintel_reference.wm_vlm import features_of

ELL, STEPS, BETA, RANK, ALPHA, LAYERS = 1, 4, 0.5, 3, 5, 5
MARKS = ("vision_start_token_id", "vision_end_token_id", "image_token_id", "video_token_id")
TEXTS = {"own": STEPS, "own-steps(1)": 1, "own-steps(7)": 7, "zeros": 0, "skip": None}


def write(out: Path) -> Path:
    """Writes a tiny random export."""
    case = tiny.CASES["qwen2_5_vl"]
    model = tiny.qwen2_5_vl(tiny.tokenizer(case).get_vocab(), num_hidden_layers=LAYERS)
    tiny.randomize(model, 91)
    tiny.write("qwen2_5_vl", out)
    g = torch.Generator().manual_seed(92)
    layer = f"model.language_model.layers.{ELL + 1}."
    adapted = [f"{layer}{part}.{name}" for part, names in PARTS.items() for name in names]
    tensors = {}
    for name, x in model.state_dict().items():
        module, _, kind = name.rpartition(".")
        tensors[f"backbone.{module}{'.base_layer' if module in adapted else ''}.{kind}"] = x.contiguous()
        if module in adapted and kind == "weight":
            shapes = {"A": (RANK, x.shape[1]), "B": (x.shape[0], RANK)}
            for side, shape in shapes.items():
                noise = torch.randn(shape, generator=g) / shape[1] ** 0.5
                tensors[f"backbone.{module}.lora_{side}.default.weight"] = noise
    config = json.loads((out / "config.json").read_text())
    config["text_config"] = model.config.to_dict()["text_config"]
    config |= {"model_type": "cvrr_qwen2_5_vl", "architectures": ["CVRRForConditionalGeneration"]}
    config |= {"ell_star": ELL, "num_recurrent_steps": STEPS, "beta": BETA, "lora_rank": RANK, "lora_alpha": ALPHA}
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(tensors, out / "model.safetensors", {"format": "pt"})
    return out


class Reference:
    """Qwen2.5-VL as transformers has it, and its repeated layer."""

    def __init__(self, path: Path) -> None:
        stored = load_file(path / "model.safetensors")
        raw = json.loads((path / "config.json").read_text())
        config = Qwen2_5_VLConfig(**{k: v for k, v in raw.items() if k not in ("model_type", "architectures")})
        names = {n: n.removeprefix("backbone.").replace(".base_layer.", ".") for n in stored if ".lora_" not in n}
        model: Any = Qwen2_5_VLForConditionalGeneration(config)
        model.load_state_dict({ours: stored[n] for n, ours in names.items()})
        self.model = model.float().eval()
        self.text = model.model.language_model
        self.repeated = copy.deepcopy(self.text.layers[ELL + 1])
        prefix = f"backbone.model.language_model.layers.{ELL + 1}."
        for part, listed in PARTS.items():
            for name in listed:
                down, up = (stored[f"{prefix}{part}.{name}.lora_{side}.default.weight"] for side in "AB")
                getattr(getattr(self.repeated, part), name).weight.data += up @ down * (ALPHA / RANK)

    def layer(self, layer: Any, x: Tensor, positions: Tensor) -> Tensor:
        """All rows of x [T, D] through a layer, each of which sees those before it."""
        count = len(x)
        seen = torch.ones(count, count, dtype=torch.bool).tril()
        mask = torch.zeros(count, count).masked_fill(~seen, torch.finfo(torch.float32).min)[None, None]
        out = layer(x[None], attention_mask=mask, position_embeddings=self.text.rotary_emb(x[None], positions))
        return (out[0] if isinstance(out, tuple) else out).view_as(x)

    def state(self, inputs: dict[str, Tensor], words: Tensor, steps: int) -> Tensor:
        """States of the words after `steps` steps."""
        base, ids = self.model.model, inputs["input_ids"]
        x = self.model.get_input_embeddings()(ids)[0].clone()
        features = features_of(base, inputs["pixel_values"], inputs["image_grid_thw"])
        x[ids[0] == self.model.config.image_token_id] = torch.cat(features)
        given = {
            "input_ids": ids,
            "image_grid_thw": inputs["image_grid_thw"],
            "attention_mask": inputs["attention_mask"],
        }
        if "mm_token_type_ids" in inputs:
            given["mm_token_type_ids"] = inputs["mm_token_type_ids"]
        positions = base.get_rope_index(**given)[0]
        for layer in self.text.layers[: ELL + 2]:
            x = self.layer(layer, x, positions)
        for _ in range(1, steps):
            moved = self.layer(self.repeated, x, positions)
            x = x.clone()
            x[words] = (1 - BETA) * x[words] + BETA * moved[words]
        return x[words]

    def reply(self, ids: list[int], state: Tensor | None, limit: int, eos: int) -> list[int]:
        """What is written behind the words `ids`, whose states are `state`."""
        written: list[int] = []
        while len(written) < limit:
            x = self.model.get_input_embeddings()(torch.tensor([*ids, *written]))
            positions = torch.arange(len(x)).expand(3, 1, -1)
            for number, layer in enumerate(self.text.layers):
                x = self.layer(layer, x, positions)
                if number == ELL + 1 and state is not None:
                    x = torch.cat([state, x[len(state) :]])
            id = int(self.model.lm_head(self.text.norm(x[-1])).argmax())
            if id == eos:
                break
            written.append(id)
        return written


@torch.no_grad()
def answer(reference: Reference, processor: Any, example: dict[str, Any], limit: int) -> dict[str, Any]:
    """Texts by intervention, and the own latents."""
    read = [Picture.open(path).convert("RGB") for path in example["images"]]
    messages = [{"role": "user", "content": example["content"]}]
    text = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    inputs = processor(text=[text], images=read, return_tensors="pt")
    config, ids = reference.model.config, inputs["input_ids"][0]
    marks = torch.tensor([getattr(config, name) for name in MARKS])
    words = (~torch.isin(ids, marks)).nonzero().flatten()
    # The question in words, as its tokenizer reads it, has to be what is left of it.
    said = [part for part in example["content"] if part["type"] == "text"]
    alone = processor.apply_chat_template(
        [{"role": "user", "content": said}], tokenize=False, add_generation_prompt=True
    )
    plain = processor.tokenizer(alone, add_special_tokens=False)["input_ids"]
    assert plain == ids[words].tolist(), "words of the question differ with and without its images"
    eos = processor.tokenizer.eos_token_id
    texts = {}
    own = reference.state(inputs, words, STEPS)
    for name, steps in TEXTS.items():
        state = None if steps is None else reference.state(inputs, words, steps) if steps else torch.zeros_like(own)
        written = reference.reply(plain, state, limit, eos)
        texts[name] = processor.tokenizer.decode(written, clean_up_tokenization_spaces=False)
    return {"texts": texts, "own": own.tolist()}


def main() -> None:
    if len(sys.argv) > 1:
        print(f"wrote {write(Path(sys.argv[1]))}")
        return
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    reference, processor = Reference(Path(asked["model"])), load_processor(asked["model"])
    json.dump([answer(reference, processor, each, asked["words"]) for each in asked["examples"]], sys.stdout)


if __name__ == "__main__":
    main()
