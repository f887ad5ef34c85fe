"""Proves that `transformers` opens what Lintel trained and agrees with Lintel about it.

    python -m lintel_reference.parity.pocket RUN

RUN is the directory of a finished study. Every checkpoint in it is opened by transformers and by the built Lintel
(python/lintel_reference/parity/dump.mjs) on the same examples. Each line is one check: what, the worst figure, the bound. Exit status 1
if one fails. The latent block is decoded by hand here, as the papers' code does it: the post-norm hidden state goes back
in as `inputs_embeds` over a KV cache.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoImageProcessor, AutoTokenizer, Qwen2_5_VLForConditionalGeneration

from lintel_reference.common import run_node

COUNT = 4
# transformers 5 wants to be told which tokens are images, and gives what the tower saw as a record
MODERN = int(transformers.__version__.split(".")[0]) >= 5
HERE = Path(__file__).resolve().parent


class Checks:
    """Collects the worst figure of each check of one checkpoint, and prints them."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.worst: dict[str, tuple[float, float, bool]] = {}
        self.count: dict[str, int] = {}

    def note(self, name: str, figure: float | torch.Tensor, bound: float, below: bool = True) -> None:
        figure = float(figure)
        known = self.worst.get(name)
        # A figure that is no number must not hide behind others.
        if known is None or not (figure <= known[0] if below else figure >= known[0]):
            self.worst[name] = (figure, bound, below)
        self.count[name] = self.count.get(name, 0) + 1

    def equal(self, name: str, got: object, want: object) -> None:
        """Counts what differs; none may."""
        self.note(name, 0 if got == want else 1, 0)
        if got != want:
            print(f"  {self.label} {name}: transformers {str(got)[:300]} / Lintel {str(want)[:300]}")

    def near(self, name: str, got: torch.Tensor, want: torch.Tensor, bound: float) -> None:
        same = got.shape == want.shape
        self.note(name, (got.float() - want.float()).abs().max() if same else float("inf"), bound)
        if not same:
            print(f"  {self.label} {name}: shapes {tuple(got.shape)} / {tuple(want.shape)}")

    def finish(self) -> int:
        failed = 0
        for name, (figure, bound, below) in self.worst.items():
            good = figure <= bound if below else figure >= bound
            failed += not good
            sign = "<=" if below else ">="
            print(
                f"{'ok  ' if good else 'FAIL'} {self.label}  {name}: {figure:.9g} {sign} {bound:g}  (of {self.count[name]})"
            )
        return failed


def features_of(model: Any, pixels: torch.Tensor, grids: torch.Tensor) -> torch.Tensor:
    """Merged features of images, one row a token."""
    seen = model.model.visual(pixels, grid_thw=grids)
    return seen.pooler_output if MODERN else seen


def dump(checkpoint: Path, dataset: Path, out: Path) -> Any:
    run_node(HERE / "dump.mjs", checkpoint, dataset, str(COUNT), out)
    return json.loads((out / "dump.json").read_text()), load_file(out / "dump.safetensors")


def check_tokenizer(checks: Checks, tokenizer: Any, said: dict[str, Any]) -> None:
    for case in said["texts"]:
        checks.equal(
            "tokenizer ids of texts", tokenizer(case["text"], add_special_tokens=False)["input_ids"], case["ids"]
        )
        checks.equal("tokenizer decodes", tokenizer.decode(case["ids"]), case["back"])
        words = tokenizer.decode(case["ids"], skip_special_tokens=True)
        checks.equal("tokenizer decodes without markers", words, case["words"])


def pixels_of(checks: Checks, processor: Any, case: dict[str, Any], tensors: dict[str, torch.Tensor], out: Path) -> Any:
    """Patches of the example's images as transformers makes them, compared one by one."""
    std = torch.tensor(processor.image_std)
    seen = []
    for image in case["images"] + case["helpers"]:
        picture = Image.open(out / f"{image['at']}.png")
        made = processor(images=picture, return_tensors="pt")
        want = tensors[f"patches.{image['at']}"]
        checks.equal("image grids", made["image_grid_thw"][0].tolist(), list(image["grid"]))
        got = made["pixel_values"]
        same = got.shape == want.shape
        # [patches, channel · time · y · x], back to units of a pixel's value between 0 and 1
        difference = (got - want).reshape(len(got), 3, -1) * std[None, :, None] if same else torch.tensor(float("inf"))
        checks.note("image patches, in 1/255", difference.abs().max() * 255, 1)
        seen.append((made["pixel_values"], made["image_grid_thw"]))
    return seen


def by_hand(model: Any, ends: Any, rules: dict[str, Any], cache: Any, position: Any, given: Any, limit: int) -> Any:
    """Greedy decoding from a start marker on. In a block K slots take `given`, or the model's own hidden states.

    Returns what was written, what was fed in the slots, and the logits right after the first block.
    """
    embed = model.get_input_embeddings()
    fed, after_block = [], None

    def step(vector: torch.Tensor) -> Any:
        nonlocal position
        out = model.model.language_model(
            inputs_embeds=vector[None],
            position_ids=torch.full((3, 1, 1), position),
            past_key_values=cache,
            use_cache=True,
        )
        position += 1
        hidden = out.last_hidden_state[:, -1]
        return hidden, model.lm_head(hidden)[0]

    written = [rules["startId"]]
    while True:
        hidden, logits = step(embed(torch.tensor([written[-1]])))
        if written[-1] == rules["startId"]:
            for slot in range(rules["k"]):
                fed.append(hidden if given is None else given[slot : slot + 1])
                written.append(rules["padId"])
                hidden, _ = step(fed[-1])
            written.append(rules["endId"])
            continue
        if after_block is None:
            after_block = logits
        best = int(logits.argmax())
        if best in ends or len(written) >= limit:
            return written, torch.cat(fed), after_block
        written.append(best)


@torch.no_grad()
def check(label: str, checkpoint: Path, dataset: Path) -> int:
    checks = Checks(label)
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        said, tensors = dump(checkpoint, dataset, out)
        model, info = Qwen2_5_VLForConditionalGeneration.from_pretrained(
            checkpoint, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
        )
        checks.equal("tensors missing, left over or misshapen", sum(map(len, info.values())), 0)
        model.eval()
        tokenizer = AutoTokenizer.from_pretrained(checkpoint)
        processor = AutoImageProcessor.from_pretrained(checkpoint, **({} if MODERN else {"use_fast": False}))
        check_tokenizer(checks, tokenizer, said)
        ended = model.generation_config.eos_token_id
        checks.equal("ends of text", ended if isinstance(ended, list) else [ended], said["eos"])
        rules = said["rules"]

        for b, case in enumerate(said["cases"]):
            text = tokenizer.apply_chat_template(case["messages"], add_generation_prompt=True, tokenize=False)
            checks.equal("chat template", text, case["text"])
            seen = pixels_of(checks, processor, case, tensors, out)
            images = seen[: len(case["images"])]
            pixels = torch.cat([p for p, _ in images])
            grids = torch.cat([g for _, g in images])
            merge = processor.merge_size**2
            counts = iter((grids.prod(-1) // merge).tolist())
            image = model.config.image_token_id
            ids = []
            for token in tokenizer(text, add_special_tokens=False)["input_ids"]:
                ids += [image] * next(counts) if token == image else [token]
            checks.equal("prompt ids", ids, case["ids"])

            for place, (p, g) in zip(case["images"] + case["helpers"], seen, strict=False):
                features = features_of(model, p, g)
                checks.near("vision features", features, tensors[f"features.{place['at']}"], 1e-4)

            ids_t, mask = torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.long)
            kinds = {"mm_token_type_ids": (ids_t == image).int()} if MODERN else {}
            positions, delta = model.model.get_rope_index(ids_t, image_grid_thw=grids, attention_mask=mask, **kinds)
            checks.equal("M-RoPE ids", positions.flatten().tolist(), case["positions"])
            checks.equal("M-RoPE delta", int(delta), case["delta"])

            def prefill() -> Any:
                return model(
                    input_ids=ids_t,
                    attention_mask=mask,
                    pixel_values=pixels,
                    image_grid_thw=grids,
                    output_hidden_states=True,
                    use_cache=True,
                    **kinds,
                )

            full = prefill()
            # hidden_states: embeddings, then after each layer; the last one is after the norm.
            grabbed: dict[str, torch.Tensor] = {}
            last = model.model.language_model.layers[-1]
            hook = last.register_forward_hook(lambda m, i, o: grabbed.update(o=o[0] if isinstance(o, tuple) else o))
            prefill()
            hook.remove()
            states = [*full.hidden_states[1:-1], grabbed["o"]]
            for i, state in enumerate(states):
                checks.near("hidden states of layers", state[0], tensors[f"hidden.{b}.layer.{i}"], 1e-4)
            checks.near("hidden states, post-norm", full.hidden_states[-1][0], tensors[f"hidden.{b}.last"], 1e-4)
            checks.near("logits", full.logits[0, -1], tensors[f"logits.{b}"], 1e-3)

            # Text alone, by transformers' own generate: until the block would open, the end, or the limit.
            new = len(case["written"]) + (case["state"] != "length")
            made = model.generate(
                input_ids=ids_t,
                attention_mask=mask,
                pixel_values=pixels,
                image_grid_thw=grids,
                do_sample=False,
                **kinds,
                max_new_tokens=max(new, 1),
                eos_token_id=said["eos"],
                pad_token_id=0,
            )[0, len(ids) :].tolist()
            checks.equal("greedy answer by generate", made[: len(case["written"])], case["written"])
            if case["state"] != "length":
                ending = [rules["startId"]] if case["state"] == "block" else said["eos"]
                checks.equal("greedy ending by generate", made[-1] in ending, True)

            for block in case["blocks"]:
                name = block["name"]
                want = tensors[f"latents.{b}.{name}"]
                cached = prefill()
                if name == "oracle":
                    helper_pixels, helper_grid = seen[len(images)]
                    helper = features_of(model, helper_pixels, helper_grid)
                    given = helper.reshape(rules["k"], -1, helper.shape[-1]).mean(1)
                    checks.near("oracle latents", given, want[: rules["k"]], 1e-4)
                else:
                    given = None
                written, fed, after_block = by_hand(
                    model,
                    said["eos"],
                    rules,
                    cached.past_key_values,
                    len(ids) + case["delta"],
                    given,
                    said["maxTokens"],
                )
                checks.equal(f"latents fed ({name})", tuple(fed.shape), tuple(want.shape))
                cosine = torch.nn.functional.cosine_similarity(fed[: len(want)], want[: len(fed)]).min()
                checks.note(f"latents fed ({name}), cosine", cosine, 0.9999, below=False)
                checks.near(f"logits after the block ({name})", after_block, tensors[f"after.{b}.{name}"], 1e-3)
                after = 1 + rules["k"] + 1
                checks.equal(
                    f"token after the block ({name})", written[after : after + 1], block["written"][after : after + 1]
                )
                checks.equal(f"greedy answer with the block ({name})", written, block["written"])
    return checks.finish()


def main(run: str) -> None:
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    models = sorted(p.parent for p in Path(run, "models").glob("*/*/*/model.safetensors"))
    if not models:
        sys.exit(f"{run}: no checkpoints in models/TASK/RECIPE/SEED")
    failed = 0
    for checkpoint in models:
        task, recipe, seed = checkpoint.parts[-3:]
        failed += check(f"{task}/{recipe}/{seed}", checkpoint, Path(run, "datasets", task))
    versions = {"transformers": transformers.__version__, "torch": torch.__version__, "numpy": np.__version__}
    print(json.dumps({"checkpoints": len(models), "failed": failed, **versions}))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
