"""ILVR: `generate` of its own fork of transformers, Mirage's with flags that are reset."""

import os
import sys
import tempfile
import types
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch

from lintel_reference.common import GOLDENS
from lintel_reference.goldens.families import tiny, trace
from lintel_reference.goldens.families.loops import mirage
from lintel_reference.goldens.families.loops.mirage import (  # noqa: F401
    IDS,
    SIZE,
    TOKENS,
    WEIGHTS,
    config,
    generate,
    load,
    parts,
)

FAMILY = "ilvr"
REPOSITORY, COMMIT = "XD111ds/ILVR", "ddfc95c"
EXECUTED = [
    *mirage.EXECUTED,
    "src/trainer.py CustomTrainerStage1._teacher_build_latents and all that it calls",
    "src/task_deepseed.py interleaved_latent_cot_preprocess_function, src/utils_deepseed.py: texts and ids of a dialogue",
]
PATCHED = [
    *mirage.PATCHED,
    "trl and deepspeed, which only training needs, are empty modules; the trainer is made without its constructor",
    "its tokenizer knows the texts that the trainer asks for by their ids in the tiny vocabulary",
]
# "<|im_start|>", "assistant" and a line break in the tiny vocabulary.
OPEN, ASSISTANT, BREAK = 298, 299, 300


def trainer_of(model):
    """The trainer's own class around a teacher, without what its constructor needs."""
    sys.modules["trl"] = types.ModuleType("trl")
    sys.modules["trl"].SFTTrainer = object
    sys.modules["deepspeed"] = types.ModuleType("deepspeed")
    sys.path.insert(0, str(Path(os.environ["FAMILY_FOLDER"]) / "src"))
    from trainer import CustomTrainerStage1

    known = {
        **TOKENS,
        "<|vision_start|>": tiny.QWEN["vision_start_token_id"],
        "<|vision_end|>": tiny.QWEN["vision_end_token_id"],
        "<|im_start|>assistant": [OPEN, ASSISTANT],
        "<|im_start|>assistant\n": [OPEN, ASSISTANT, BREAK],
    }
    trainer = object.__new__(CustomTrainerStage1)
    trainer.model, trainer._ema = model, SimpleNamespace(teacher=model)
    trainer.coverage_p, trainer.image_pool_k, trainer.helper_group_L = 0.9, 8, 256
    trainer.tokenizer = lambda text, return_tensors: {"input_ids": torch.tensor([[known[text]]]).view(1, -1)}
    return trainer


RECORD = {
    "text_input": "Which option fits?\n(A) left (B) right",
    "image_input": ["a.png"],
    "sequence_plan": [
        {"type": "text", "content": "\nFirst look at the wall. "},
        {"type": "text", "content": "Then"},
        {"type": "latent", "helper_image": "b.png"},
        {"type": "latent", "helper_image": "c.png"},
        {"type": "text", "content": " and see:\n\nit stands.  "},
        {"type": "latent", "helper_image": "b.png"},
        {"type": "text", "content": "\nThe final answer is: B"},
    ],
    "original_final_answer": "B",
}
# Image tokens of each picture, as a processor would expand them.
PICTURES = {"a.png": 6, "b.png": 9, "c.png": 4}


def written():
    """The ids that its collation makes of a record, with the tokenizer of test/goldens/tokenizer."""
    import gzip

    from transformers import AutoTokenizer

    sys.modules.setdefault("datasets", types.ModuleType("datasets")).Dataset = object
    import task_deepseed
    import utils_deepseed as code

    golden = GOLDENS / "tokenizer"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "tokenizer.json").write_bytes(gzip.decompress((golden / "bpe.tokenizer.json.gz").read_bytes()))
        (root / "tokenizer_config.json").write_bytes((golden / "bpe.tokenizer_config.json").read_bytes())
        tokenizer = AutoTokenizer.from_pretrained(folder)
        for name in PICTURES:
            (root / name).touch()
        task_deepseed.TRAIN_IMAGE_ROOT = folder
        turns = task_deepseed.interleaved_latent_cot_preprocess_function(RECORD)
    tokenizer.add_tokens(list(TOKENS), special_tokens=True)
    pictures = [Path(part["image"]).name for turn in turns for part in turn["content"] if part["type"] == "image"]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    [text] = code.replace_visual_spectial_tokens([code.place_output_image(code.place_input_image(text))])
    # The processor's expansion.
    pieces = text.split("<|image_pad|>")
    assert len(pieces) == len(pictures) + 1
    text = "".join(
        piece + "<|image_pad|>" * PICTURES.get(name, 0) for piece, name in zip(pieces, [*pictures, None], strict=False)
    )
    batch = tokenizer([text], return_tensors="pt")
    start, pad, end = (tokenizer.convert_tokens_to_ids(f"<|latent_{each}|>") for each in ("start", "pad", "end"))
    ids, _ = code.process_batch(batch["input_ids"], batch["attention_mask"], start, end, pad, SIZE)
    return {"record": RECORD, "pictures": PICTURES, "k": SIZE, "added": list(TOKENS), "ids": ids[0].tolist()}


def dialogue(rng, k, image, between):
    """A question and a reply with two blocks; `between` words stand between them."""

    def words(n):
        return rng.integers(2, 280, n).tolist()

    block = [tiny.START, *[tiny.PAD] * k, tiny.END]
    user = [OPEN, 7, BREAK, *(tiny.image_ids((1, 4, 6)) if image else []), *words(5)]
    return len(user), [*user, OPEN, ASSISTANT, BREAK, *words(3), *block, *words(between), *block, *words(2)]


def targets(model, folder):
    """What the trainer selects of two helpers: [given facts, tensors] of each case."""
    # Its forward feeds placeholders back in "stage2"; run_training.sh, which this trainer is for, says stage1.
    model.config.stage = "stage1"
    trainer, cases = trainer_of(model), []
    pooled = []
    einsum = torch.einsum
    torch.einsum = lambda *given: pooled.append(given[0]) or einsum(*given)
    for seed, (name, k, image, between) in enumerate(
        [("image, words between", 9, True, 4), ("few, nothing between", 3, True, 0), ("no image", 9, False, 2)]
    ):
        rng = np.random.default_rng(50 + seed)
        model.config.latent_size = k
        assistant, ids = dialogue(rng, k, image, between)
        grids, helpers = [(1, 6, 6), (1, 4, 4)], []
        raw = tiny.patches(rng, (1, 4, 6))
        helpers = [tiny.patches(rng, grid) for grid in grids]
        inputs = dict(
            input_ids=torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            pixel_values_latent=torch.from_numpy(np.concatenate(helpers)).float() / 32,
            image_grid_thw_latent=torch.tensor(grids),
            **(
                {"pixel_values": torch.from_numpy(raw).float() / 32, "image_grid_thw": torch.tensor([[1, 4, 6]])}
                if image
                else {}
            ),
        )
        latents, mask = trainer._teacher_build_latents(inputs, k=k, p=trainer.coverage_p)
        # Its second way of pooling, for models without heads, must not have been taken.
        assert len(pooled) == (1 if image else 0), pooled
        pooled.clear()
        marked = torch.tensor(ids)[mask[0]] == tiny.PAD
        assert marked.all()
        assert latents.shape[1] == len(marked)
        ends = [i for i, id in enumerate(ids) if id == tiny.END]
        first = int(mask[0, : ends[0]].sum())
        given = {
            "name": name,
            "k": k,
            "ids": ids,
            "assistant": assistant,
            "grid": (1, 4, 6) if image else None,
            "helpers": grids,
            "counts": [first, len(marked) - first],
        }
        tensors = {"latents": latents[0], **({"patches": torch.from_numpy(raw)} if image else {})}
        cases.append((given, tensors | {f"helper.{i}": torch.from_numpy(each) for i, each in enumerate(helpers)}))
    torch.einsum = einsum
    return cases


CASES = [
    {"name": "sampled end", "wanted": lambda got, ended: ended == ["sampled"] and got.blocks()[0][1] < mirage.SIZE},
    {"name": "forced ends", "wanted": lambda got, ended: len(ended) >= 2 and set(ended) == {"forced"}},
    {"name": "blocks", "wanted": lambda got, ended: len(ended) >= 3 and set(ended) == {"forced", "sampled"}},
    {"name": "image", "image": True, "wanted": lambda got, ended: len(ended) >= 2 and "length" not in ended},
    trace.eos_within(),
    {
        "name": "START ends the prompt",
        "tail": [tiny.START],
        "wanted": lambda got, ended: bool(ended) and got.blocks()[0][0] > got.length + 1,
    },
]
