"""A checkpoint trained by Lintel, decoded by LanteRn's own code, beside what `lintel audit` said of the same examples.

    LANTERN_CODE=DIR python -m lintel_reference.cross_audit.lantern CHECKPOINT DATA AUDIT [--dtype float32|bfloat16]

LANTERN_CODE is a checkout of LanteRn's public code (commit 65f64b2 was used). CHECKPOINT is a directory that `lintel train`
wrote. DATA is what it was audited on: a dataset of `lintel generate` (panels, which go through LanteRn's collation as
messages with several pictures), or one of `--format lantern`, whose records its class `SFTTetrisDataset` loads unchanged.
AUDIT is the directory of `lintel audit --interventions own,oracle,zeros,skip --out AUDIT`. Prints one JSON line: for each
intervention how many examples both answered with the same text, the same choice, and equally right; how many answers were
right by each; of how many the options' log probabilities were compared, and the worst difference of these.

Of LanteRn's code run: load_model, set_latent_tokens, the datasets' collate_fn_generate, run_batch_inference with
apply_latent_compression (own, oracle, zeros), generate_skip_latent (the empty block), _extract_answer.
Changed, because a pocket model is no Qwen2.5-VL-3B:
- images are bounded by the checkpoint's pixels, not by the 256·28² that load_model sets;
- process_vision_info hands pictures on as they are: qwen_vl_utils rounds them to multiples of 28 first, a pocket model's are 12;
- with --dtype float32 (as Lintel computes) the loop's cast of fed latents to bfloat16 (generate.py:197) is one to float32; with
  --dtype bfloat16 all of it runs as written.
"""

import argparse
import importlib
import io
import json
import os
import re
import sys
import types
from functools import partial
from pathlib import Path

import torch
import transformers
from PIL import Image

CONDITIONS = ("own", "oracle", "zeros", "skip")


def stub(name, **members):
    """Stands for a package that is imported at the top of LanteRn's modules and not used here."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        module = types.ModuleType(name)
        vars(module).update(members)
        sys.modules[name] = module


def pictures_of(messages):
    """`process_vision_info` without its resizing."""
    turns = [turn for sample in messages for turn in (sample if isinstance(sample, list) else [sample])]
    images = [part["image"].convert("RGB") for turn in turns for part in turn["content"] if part["type"] == "image"]
    return images or None, None


class Processor:
    """`Qwen2_5_VLProcessor` without videos, for which transformers wants torchvision."""

    def __init__(self, directory):
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
        self.image_processor = transformers.AutoImageProcessor.from_pretrained(directory, use_fast=False)

    def apply_chat_template(self, conversations, **options):
        if isinstance(conversations[0], dict):
            # LanteRn hands over a list of single turns, each a conversation of its own
            conversations = [[turn] for turn in conversations]
        return self.tokenizer.apply_chat_template(conversations, **options)

    def __call__(self, text, images=None, videos=None, padding=True, return_tensors="pt"):
        found = self.image_processor(images=images, return_tensors="pt")
        counts = iter((found["image_grid_thw"].prod(-1) // self.image_processor.merge_size**2).tolist())
        pad = "<|image_pad|>"
        texts = [re.sub(re.escape(pad), lambda _: pad * next(counts), t) for t in text]
        words = self.tokenizer(texts, padding=padding, return_tensors=return_tensors, add_special_tokens=False)
        return transformers.BatchFeature({**words, **found})


def panels(base, path):
    """A dataset of `lintel generate` in the items that LanteRn's dataset class makes of its records."""
    import pyarrow.parquet as pq

    [file] = sorted(path.glob("data/eval-*.parquet"))
    rows = pq.read_table(file).to_pylist()

    class Panels(base):
        def __init__(self):
            self.dataset = rows

        def __getitem__(self, number):
            row = rows[number]
            images = iter(row["images"])
            content = []
            for i, text in enumerate(row["question"].split("<image>")):
                if i > 0:
                    content.append({"type": "image", "image": Image.open(io.BytesIO(next(images)["bytes"]))})
                if text.strip():
                    content.append({"type": "text", "text": text.strip()})
            said = f"<answer> {row['options'][row['answer']]} </answer>"
            helper = Image.open(io.BytesIO(row["helpers"][0]["bytes"])).convert("RGB")
            return [
                {"role": "user", "content": content},
                {"role": "assistant", "content": [{"type": "text", "text": said}]},
                {"role": "assistant", "content": [{"type": "image", "image": helper}]},
            ]

    return Panels()


def main(options):
    code = os.environ.get("LANTERN_CODE")
    if not code or not (Path(code) / "src" / "lantern_generate").is_dir():
        sys.exit(f"LANTERN_CODE names no checkout of LanteRn's code\n{__doc__}")
    sys.path.insert(0, code)
    stub("qwen_vl_utils", process_vision_info=None)
    stub("fuzzywuzzy", fuzz=None)
    stub("termcolor", colored=lambda text, *_: text)
    stub("tqdm", tqdm=lambda x, **_: x)

    import evals
    import src.datasets.sft_tetris_data as data
    import src.lantern_generate.generate as loop
    import src.models as models
    from evals.generalization import _extract_answer
    from src.train import set_latent_tokens

    dtype = getattr(torch, options.dtype)
    if dtype == torch.float32:
        shown = types.ModuleType("torch")
        shown.__getattr__ = lambda name: torch.float32 if name == "bfloat16" else getattr(torch, name)
        loop.torch = shown
    data.process_vision_info = evals.process_vision_info = pictures_of
    checkpoint = options.checkpoint
    models.AutoProcessor = types.SimpleNamespace(from_pretrained=lambda directory, **_: Processor(directory))
    model, processor = models.load_model(checkpoint, compute_dtype=dtype, use_cache=True, attn_implementation="eager")
    set_latent_tokens(processor, model, model.config.latent_size)
    model.eval()
    processor.tokenizer.padding_side = "left"

    outcomes = [json.loads(line) for line in (Path(options.audit) / "outcomes.jsonl").read_text().splitlines()]
    path = Path(options.data)
    own_format = (path / "eval.json").exists()
    if own_format:
        dataset = data.SFTTetrisDataset(str(path / "eval.json"), processor)
    else:
        dataset = panels(data.SFTTetrisDataset, path)
    count = len(outcomes)
    assert 0 < count <= len(dataset), f"{count} outcomes, {len(dataset)} examples"
    if own_format:
        assert [str(dataset.dataset[i]["sample_id"]) for i in range(count)] == [o["example"] for o in outcomes]
    else:
        assert [dataset.dataset[i]["id"] for i in range(count)] == [o["example"] for o in outcomes]
    ends = model.generation_config.eos_token_id
    ends = set(ends if isinstance(ends, list) else [ends])

    def decode(condition, inputs):
        if condition == "skip":
            inputs = {k: v for k, v in inputs.items() if not k.startswith("latent_")}
            return model.generate(
                **inputs,
                max_new_tokens=526,
                do_sample=False,
                custom_generate=partial(loop.generate_skip_latent),
                use_cache=True,
            )
        out = evals.run_batch_inference(
            model,
            inputs,
            output_attentions=False,
            use_gt=condition == "oracle",
            perturbation="zeros" if condition == "zeros" else None,
        )
        return out.sequences

    # Log probabilities of the options among each other, right behind the first "<answer>", as audits keep them
    [cue] = processor.tokenizer("<answer>", add_special_tokens=False)["input_ids"]
    steps = []
    model.lm_head.register_forward_hook(lambda module, given, logits: steps.append(logits[:, -1].float()))
    words = {o: processor.tokenizer(o, add_special_tokens=False)["input_ids"] for o in outcomes[0]["options"]}
    texts, chances = {c: [] for c in CONDITIONS}, {c: [] for c in CONDITIONS}
    for condition in CONDITIONS:
        for first in range(0, count, 8):
            items = [dataset[i] for i in range(first, min(first + 8, count))]
            inputs, _ = data.collate_fn_generate(items, processor=processor)
            length = inputs["input_ids"].shape[1]
            steps.clear()
            with torch.no_grad():
                sequences = decode(condition, inputs)
            for b, row in enumerate(sequences[:, length:].tolist()):
                at = row.index(cue) + 1 if cue in row else None
                options_of = [words[o][0] for o in outcomes[len(chances[condition])]["options"]]
                known = at is not None and at < len(steps)
                chances[condition].append(steps[at][b, options_of].log_softmax(-1).tolist() if known else None)
                stop = next((t for t, token in enumerate(row) if token in ends), len(row))
                texts[condition].append(processor.tokenizer.decode(row[:stop], skip_special_tokens=False))

    said, differing = {}, []
    for condition in CONDITIONS:
        same = {"text": 0, "choice": 0, "right": 0, "theirs": 0, "lintel": 0, "log_probabilities": 0, "worst": 0.0}
        for outcome, text, chance in zip(outcomes, texts[condition], chances[condition], strict=True):
            ours = outcome["outcomes"][condition]
            letter = _extract_answer(text)
            theirs = outcome["options"].index(letter) if letter in outcome["options"] else None
            # Lintel gives up a text earlier than 526 tokens; what it wrote until then must be the same
            whole = text if ours["finish"] == "eos" else text[: len(ours["text"])]
            right = [choice == outcome["answer"] for choice in (theirs, ours["choice"])]
            same["text"] += whole == ours["text"]
            same["choice"] += theirs == ours["choice"]
            same["right"] += right[0] == right[1]
            same["theirs"] += right[0]
            same["lintel"] += right[1]
            if chance is not None and ours["optionLogProbabilities"]:
                same["log_probabilities"] += 1
                apart = max(abs(a - b) for a, b in zip(chance, ours["optionLogProbabilities"], strict=True))
                same["worst"] = max(same["worst"], apart)
            if theirs != ours["choice"] or whole != ours["text"]:
                gaps = sorted(ours["optionLogProbabilities"] or [], reverse=True)
                gap = gaps[0] - gaps[1] if len(gaps) > 1 else None
                differing.append(
                    {
                        "example": outcome["example"],
                        "condition": condition,
                        "theirs": whole,
                        "lintel": ours["text"],
                        "gap": gap,
                    }
                )
        said[condition] = same
    for case in differing[:20]:
        print(json.dumps(case), file=sys.stderr)
    print(
        json.dumps(
            dict(
                examples=count,
                dtype=options.dtype,
                format="lantern" if own_format else "panels",
                **said,
                differing=len(differing),
                torch=torch.__version__,
                transformers=transformers.__version__,
            )
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("checkpoint", "data", "audit"):
        parser.add_argument(name)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    main(parser.parse_args())
