"""One family's goldens, in a process that sees the papers' code and the transformers that it needs (see make.py).

python -m lintel_reference.goldens.families.one NAME
"""

import dataclasses
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

from lintel_reference.common import GOLDENS, write_json
from lintel_reference.goldens.families import tiny, trace

torch.set_num_threads(1)
OUT = GOLDENS / "families"
HELPER_GRID = (1, 6, 6)


def checkpoint(folder, weights, scratch):
    """A directory that transformers opens: the golden's config.json over the shared weights."""
    (scratch / "config.json").write_text((folder / "config.json").read_text())
    write_json(scratch / "generation_config.json", {"eos_token_id": [tiny.EOS], "pad_token_id": 0, "do_sample": False})
    if len(weights) == 1:
        os.symlink(folder / weights[0], scratch / "model.safetensors")
        return scratch
    from safetensors import safe_open

    where = {}
    for n, path in enumerate(weights):
        os.symlink(folder / path, scratch / f"part-{n}.safetensors")
        with safe_open(folder / path, "pt") as file:
            where |= dict.fromkeys(file.keys(), f"part-{n}.safetensors")
    write_json(scratch / "model.safetensors.index.json", {"metadata": {}, "weight_map": where})
    return scratch


def inputs_of(prompt):
    ids = torch.tensor([prompt["ids"]])
    given = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if prompt["grid"]:
        given |= {
            "pixel_values": torch.from_numpy(prompt["patches"]).float() / 32,
            "image_grid_thw": torch.tensor([prompt["grid"]]),
        }
    return given


def main(name):
    loop = importlib.import_module(f"lintel_reference.goldens.families.loops.{name.replace('-', '_')}")
    folder = OUT / name
    write_json(folder / "config.json", loop.config())
    shared = [f"../weights/{loop.WEIGHTS}.safetensors"] if loop.WEIGHTS else []
    weights = [*shared, *getattr(loop, "more_weights", lambda folder: [])(folder)]
    tensors, cases, prompts = {}, [], []
    with tempfile.TemporaryDirectory() as scratch:
        model = loop.load(checkpoint(folder, weights, Path(scratch)))
        assert model.dtype == torch.float32
        decoder, head = loop.parts(model)
        embedding = model.get_input_embeddings()
        for case in loop.CASES:
            options = case.get("options", {})

            def decode(prompt, **more):
                given = inputs_of(prompt)
                if hasattr(loop, "run"):
                    return loop.run(model, given, **options)

                def generate(scores):
                    # Penalties make the scores, from which ids are chosen, others than the logits.
                    seen = {"logits_processor": [scores]} if "repetition_penalty" in options else {}
                    return loop.generate(model, given, trace.STEPS, **options, **more, **seen)

                before = case.get("before", 0)
                return trace.trace(decoder, head, embedding, len(prompt["ids"]), generate, before)

            def run(prompt):
                got = decode(prompt)
                if not case.get("eos_inside"):
                    return got
                # An id that this prompt's first block would write, and no text before its end: now it ends texts.
                [eos] = trace.inside(got, {tiny.START, tiny.END})[:1] or [None]
                return got if eos is None else dataclasses.replace(decode(prompt, eos_token_id=[eos]), eos=eos)

            seed, prompt, got = trace.search(
                lambda got: case["wanted"](got, got.endings(tiny.END)),
                run,
                lambda seed: getattr(loop, "prompt", tiny.prompt)(seed, case),
                case.get("tries", 1500),
            )
            blocks = got.blocks()
            ended = got.endings(tiny.END)
            label = case["name"]
            if got.eos is not None and got.ids[-1] == got.eos:
                got.ids.pop()
            print(f"{name} {label}: seed {seed}, blocks {blocks} {ended}, gap {got.gap:.4f}", flush=True)
            prompts.append(prompt)
            if blocks:
                tensors[f"latents.{label}"] = got.vectors().contiguous()
            if prompt["grid"]:
                tensors[f"patches.{label}"] = torch.from_numpy(prompt["patches"])
            cases.append(
                {
                    "name": label,
                    "dialect": case.get("dialect", loop.FAMILY),
                    "rules": case.get("rules", {}),
                    "repetitionPenalty": options.get("repetition_penalty", 1),
                    "eos": got.eos or tiny.EOS,
                    "prompt": prompt["ids"],
                    "grid": prompt["grid"],
                    "ids": got.ids,
                    "blocks": [
                        {"at": a, "count": n, "ending": e, **getattr(loop, "BLOCK", {})}
                        for (a, n), e in zip(blocks, ended, strict=False)
                    ],
                    "gap": round(got.gap, 6),
                    **case.get("more", lambda got: {})(got),
                }
            )
        if hasattr(loop, "together"):
            # A batch of its own: every request as it was alone.
            alike = [
                i
                for i, case in enumerate(loop.CASES)
                if case.get("options") == loop.HOW["options"] and cases[i]["eos"] == tiny.EOS
            ]
            found = loop.together(model, [inputs_of(prompts[i]) for i in alike], trace.STEPS, **loop.HOW["options"])
            assert found == [cases[i]["ids"] for i in alike], "the batch says otherwise"
            print(f"{name}: {len(alike)} requests in one batch, as alone")
        oracle = None
        if hasattr(loop, "oracle"):
            raw = tiny.patches(np.random.default_rng(99), HELPER_GRID)
            tensors["oracle.patches"] = torch.from_numpy(raw)
            with torch.no_grad():
                given, latents = loop.oracle(model, torch.from_numpy(raw).float() / 32, torch.tensor([HELPER_GRID]))
            tensors["oracle.latents"] = latents.float().contiguous()
            oracle = dict(grid=HELPER_GRID, **given)
        targets = []
        if hasattr(loop, "targets"):
            with torch.no_grad():
                found = loop.targets(model, folder)
            dialogue = {"dialogue": loop.written()} if hasattr(loop, "written") else {}
            for n, (given, more) in enumerate(found):
                targets.append(given)
                tensors |= {f"targets.{n}.{key}": each.contiguous() for key, each in more.items()}
    save_file(tensors, folder / "golden.safetensors")
    (folder / "golden.safetensors").chmod(0o644)
    document = dict(
        family=loop.FAMILY,
        architecture=loop.WEIGHTS or loop.FAMILY,
        weights=weights,
        tokens=loop.TOKENS,
        pixelScale=1 / 32,
        source={
            "repository": loop.REPOSITORY,
            "commit": loop.COMMIT,
            "executed": loop.EXECUTED,
            "patched": loop.PATCHED,
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "made_by": "python/lintel_reference/goldens/families/make.py",
        },
        oracle=oracle,
        **({"targets": targets, **dialogue} if targets else {}),
        cases=cases,
    )
    (folder / "golden.json").write_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
