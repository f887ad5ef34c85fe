"""What `transformers` alone makes of an audit's examples: text and latents under own, oracle, zeros and skip.

    python -m lintel_reference.architectures < ASKED.json > FOUND.json

For test/architectures.long.test.ts. Prompts are made by the checkpoint's processor, features by the model's `get_image_features`,
and text by its `generate`, whose embeddings are replaced by hooks, one example at a time. Nothing of `lintel_engine` is used
but the loading of a processor without torchvision.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
import transformers
from PIL import Image as Picture
from torch import Tensor

from lintel_engine.processors import load_processor

WORDS = ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids")
# What is recorded and what is fed: an id (None: what the model samples), and a vector, "state" or None (the id's embedding).
Forced = tuple[int | None, Tensor | str | None]


class Reference:
    def __init__(self, path: str) -> None:
        config = transformers.AutoConfig.from_pretrained(path)
        sees = type(config) in transformers.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
        auto = transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM
        self.model = auto.from_pretrained(path).float().eval()
        self.processor = load_processor(path, text=not sees)
        self.tokenizer = getattr(self.processor, "tokenizer", self.processor)
        self.sees = sees

    def inputs(self, content: list[dict[str, str]], tail: str, images: list[Picture.Image]) -> dict[str, Tensor]:
        """The prompt as the checkpoint's processor makes it."""
        turn = content if self.sees else "".join(part["text"] for part in content)
        text = self.processor.apply_chat_template(
            [{"role": "user", "content": turn}], tokenize=False, add_generation_prompt=True
        )
        made = (
            self.processor(text=[text + tail], images=images, return_tensors="pt")
            if images
            else self.tokenizer([text + tail], return_tensors="pt")
        )
        unread = () if int(transformers.__version__.split(".")[0]) >= 5 else ("mm_token_type_ids",)
        return {k: v for k, v in made.items() if isinstance(v, Tensor) and k not in unread}

    @torch.no_grad()
    def features(self, image: Picture.Image) -> Tensor:
        """The rows [n, D] that stand for one image in a prompt."""
        made = self.inputs([{"type": "image"}], "", [image])
        base = self.model.base_model if self.model.base_model is not self.model else self.model.model
        given = {k: v for k, v in made.items() if k not in WORDS}
        out: Any = base.get_image_features(**given)
        if hasattr(out, "pooler_output"):
            out = out.pooler_output
        elif isinstance(out, tuple) and len(out) == 2 and isinstance(out[1], list):
            out = out[0]
        return torch.cat([part.reshape(-1, part.shape[-1]) for part in out])

    @torch.no_grad()
    def generate(
        self, inputs: dict[str, Tensor], start: int, block: list[Forced], first: list[Forced], limit: int
    ) -> tuple[list[int], int, list[Tensor]]:
        """Ids behind the prompt, where the text ends that is no block, and the states that were fed. `first` is what begins the
        text; whenever the model writes `start`, `block` follows, which is read to its end."""
        states: list[Tensor] = []
        fed: list[Tensor] = []
        calls = 0
        prompt = inputs["input_ids"].shape[1]
        # By the place of an id behind the prompt.
        forced: dict[int, Forced] = dict(enumerate(first))

        def keep(module: Any, arguments: tuple[Tensor, ...]) -> None:
            states.append(arguments[0][0, -1].clone())

        def replace(module: Any, arguments: Any, output: Tensor) -> Tensor | None:
            nonlocal calls
            calls += 1
            # The first call reads the prompt, the second the first id.
            _, given = forced.get(calls - 2, (None, None))
            if given is None:
                return None
            if isinstance(given, str):
                fed.append(states[-1])
            return (states[-1] if isinstance(given, str) else given).reshape(output.shape)

        class Force(transformers.LogitsProcessor):
            def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
                at = input_ids.shape[1] - prompt
                if 0 < at <= limit and at - 1 not in forced and input_ids[0, -1] == start:
                    forced.update(enumerate(block, at))
                token, _ = forced.get(at, (None, None))
                if token is None:
                    return scores
                out = torch.full_like(scores, -torch.inf)
                out[:, token] = 0
                return out

        hooks = [
            self.model.get_output_embeddings().register_forward_pre_hook(keep),
            self.model.get_input_embeddings().register_forward_hook(replace),
        ]
        # The end of text is looked for afterwards: LVR goes on past one within a block.
        self.model.generation_config.eos_token_id = None
        try:
            out = self.model.generate(
                **inputs,
                # The limit is of words; a block that has begun is read to its end.
                max_new_tokens=limit + len(first) + len(block),
                do_sample=False,
                logits_processor=transformers.LogitsProcessorList([Force()]),
            )
        finally:
            for hook in hooks:
                hook.remove()
        written = out[0, prompt:].tolist()
        end = max([limit, *(at + 1 for at in forced)])
        eos = self.tokenizer.get_vocab()["<|im_end|>"]
        return written, next((i for i in range(end) if i not in forced and written[i] == eos), end), fed


def oracle_of(rows: Tensor, family: dict[str, Any]) -> Tensor:
    """All rows, or the means of k equal groups of them."""
    if family["rows"]:
        return rows
    k = family["k"]
    return rows[: len(rows) // k * k].reshape(k, -1, rows.shape[-1]).mean(1)


def answer(reference: Reference, family: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    """Texts of all interventions, and the own latents and oracles of an example."""
    images = [Picture.open(path).convert("RGB") for path in example["images"]]
    inputs = reference.inputs(example["content"], family["tail"], images)
    ids = reference.tokenizer.get_vocab()
    start, pad, end = (ids[token] for token in family["markers"])
    limit = family["maxTokens"]

    def text(block: list[Forced]) -> tuple[str, list[Tensor]]:
        # The limit is of ids behind the start marker in the prompt.
        begun = [start] if family["tail"] else []
        blocks = family["kind"] != "base"
        written, stop, fed = reference.generate(inputs, start if blocks else -1, block, block if begun else [], limit)
        return reference.tokenizer.decode(begun + written[:stop], clean_up_tokenization_spaces=False), fed

    if family["kind"] == "base":
        return {"texts": {"own": text([])[0]}}
    slot = None if family["kind"] == "lvr" else pad
    closing: list[Forced] = [] if family["kind"] == "lvr" else [(end, None)]
    own, fed = text([(slot, "state")] * family["k"] + closing)
    zero = torch.zeros_like(fed[0])
    texts = {"own": own, "zeros": text([(slot, zero)] * family["k"] + closing)[0], "skip": text([(end, None)])[0]}
    found: dict[str, Any] = {"own": torch.stack(fed[: family["k"]]).tolist()}
    if reference.sees:
        rows = reference.features(Picture.open(example["helper"]).convert("RGB"))
        oracle = oracle_of(rows, family)
        texts["oracle"] = text([(slot, vector) for vector in oracle] + closing)[0]
        found["oracle"] = oracle.tolist()
    return {"texts": texts} | found


def main() -> None:
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    found = []
    for model in asked:
        reference = Reference(model["model"])
        found.append([[answer(reference, family, e) for e in model["examples"]] for family in model["families"]])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
