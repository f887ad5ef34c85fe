"""IVT-LR's loop, written again from its repository (FYYDCC/IVT-LR, commit a47db8c): a reimplementation, not its code.

    python -m lintel_reference.ivt_lr OUT                           writes a tiny random checkpoint
    python -m lintel_reference.ivt_lr < ASKED.json > FOUND.json     for test/ivt-lr.long.test.ts: texts and latents of examples

It works as theirs does (qwen_vl/qwen_ivtlr.py): one example at a time, the whole sequence read again for every latent and every
word, by the model's own eager attention.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from PIL import Image as Picture
from torch import Tensor
from transformers import Qwen2VLForConditionalGeneration

from lintel_engine.processors import load_processor
from lintel_reference import tiny

LATENTS, PICKS = 3, 4
TOKENS = {"<|lvr_start|>": "<|start-latent|>", "<|lvr_sep|>": "<|latent|>", "<|lvr_end|>": "<|end-latent|>"}


def write(out: Path) -> Path:
    """Writes a tiny random Qwen2-VL with the tokens of the family."""
    tiny.write("qwen2_vl", out)
    for file in [*out.glob("*token*.json"), *out.glob("vocab*.json")]:
        text = file.read_text()
        for before, after in TOKENS.items():
            text = text.replace(before, after)
        file.write_text(text)
    config = json.loads((out / "config.json").read_text())
    config |= {"ivt_lr_latents": LATENTS, "ivt_lr_patches": PICKS}
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    return out


@torch.no_grad()
def generate(
    model: Any, inputs: dict[str, Tensor], words: int, eos: int, zeros: bool, count: int
) -> tuple[list[int], list[Tensor]]:
    """Ids behind the prompt, and the latents that were fed."""
    ids = inputs["input_ids"][0]
    image = (ids == model.config.image_token_id).nonzero().flatten()
    rows = model.get_input_embeddings()(ids)
    found = model.model.get_image_features(inputs["pixel_values"], inputs["image_grid_thw"])
    # transformers 5 gives an output with named parts.
    rows[image] = torch.cat(list(getattr(found, "pooler_output", found)))

    def read(rows: Tensor) -> Any:
        positions = torch.arange(len(rows)).expand(3, 1, -1)
        return model.model(inputs_embeds=rows[None], position_ids=positions, output_attentions=True)

    # Of the last image alone.
    last = int((ids == model.config.vision_start_token_id).nonzero().max()) + 1
    image = image[image >= last]
    left = torch.ones(len(image), dtype=torch.bool)
    latents: list[Tensor] = []
    for _ in range(count):
        out = read(rows)
        scores = torch.stack(out.attentions).mean((0, 2))[0, -1, image].masked_fill(~left, float("-inf"))
        least = scores.topk(PICKS).values.min()
        order = [i for i, score in enumerate(scores.tolist()) if score > least]
        order += [i for i, score in enumerate(scores.tolist()) if score == least]
        left[order[:PICKS]] = False
        latents.append(out.last_hidden_state[0, -1] * (0 if zeros else 1))
        rows = torch.cat([rows, rows[image[order[:PICKS]]], latents[-1][None]])
    written: list[int] = []
    while len(written) < words:
        id = int(model.lm_head(read(rows).last_hidden_state[0, -1]).argmax())
        if id == eos:
            break
        written.append(id)
        rows = torch.cat([rows, model.get_input_embeddings()(torch.tensor([id]))])
    return written, latents


def answer(model: Any, processor: Any, example: dict[str, Any], words: int) -> dict[str, Any]:
    """Texts under own, zeros and skip, and the own latents."""
    read = [Picture.open(path).convert("RGB") for path in example["images"]]
    messages = [{"role": "user", "content": example["content"]}]
    text = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    inputs = processor(text=[text], images=read, return_tensors="pt")
    # What Lintel's text begins with: the last id of the prompt, and the latents.
    last, latent = int(inputs["input_ids"][0, -1]), processor.tokenizer.convert_tokens_to_ids("<|latent|>")
    eos = model.generation_config.eos_token_id
    texts: dict[str, str] = {}
    own: list[Tensor] = []
    for name, zeros, count in (("own", False, LATENTS), ("zeros", True, LATENTS), ("skip", False, 0)):
        # Latents that are left out leave room for words.
        written, latents = generate(model, inputs, words + LATENTS - count, eos, zeros, count)
        own = latents if name == "own" else own
        ids = [last, *[latent] * count, *written]
        texts[name] = processor.tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    return {"texts": texts, "own": torch.stack(own).tolist()}


def main() -> None:
    if len(sys.argv) > 1:
        print(f"wrote {write(Path(sys.argv[1]))}")
        return
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    model = Qwen2VLForConditionalGeneration.from_pretrained(asked["model"], attn_implementation="eager")
    processor = load_processor(asked["model"])
    found = [answer(model.float().eval(), processor, each, asked["words"]) for each in asked["examples"]]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
