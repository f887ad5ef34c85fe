"""Goldens of tokens that other files than tokenizer.json add: what this version of transformers makes of each case.

    python -m lintel_reference.goldens.added_tokens

Adds the ids of this version to test/goldens/tokenizer/added.json; run it with 4.57.1 and with 5.24.0. Each case changes the
files of the checkpoint golden `BASE`. src/qwen/tokenizer/added-tokens.test.ts reads the file.
"""

import json
import shutil
import tempfile
from pathlib import Path

import transformers
from transformers import AutoTokenizer

from lintel_reference.common import GOLDENS, write_json

BASE = "checkpoints/transformers-5.24.0/qwen2_5-tied-bf16"
OUT = GOLDENS / "tokenizer" / "added.json"
TEXT = "It is <|lvr_start|><|lvr_sep|><|lvr_end|> the <x1> and <x2>."
KNOWN = {t["id"]: t["content"] for t in json.loads((GOLDENS / BASE / "tokenizer.json").read_text())["added_tokens"]}
NEXT = max(KNOWN) + 1


def token(content, special=True):
    return {
        "content": content,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "single_word": False,
        "special": special,
    }


def decoder(tokens):
    return {"added_tokens_decoder": {str(i): token(c) for i, c in tokens.items()}}


ALL = dict(KNOWN)
# name -> what replaces keys of tokenizer_config.json, further files, ids of tokens taken out of tokenizer.json
CASES = {
    "nothing": ({}, {}, []),
    "decoder says the same": (decoder(ALL), {}, []),
    "decoder has one more": (decoder({**ALL, NEXT: "<x1>"}), {}, []),
    "decoder has two more, out of order": (decoder({NEXT + 1: "<x1>", **ALL, NEXT: "<x2>"}), {}, []),
    "latent tokens in the decoder alone": (decoder(ALL), {}, [i for i, c in KNOWN.items() if "lvr" in c]),
    "decoder with a far id": (decoder({**ALL, NEXT + 9: "<x1>"}), {}, []),
    "decoder without those of tokenizer.json": (decoder({NEXT: "<x1>"}), {}, []),
    "decoder with another id": (decoder({NEXT: "<|lvr_sep|>"}), {}, []),
    "not special": (
        {"added_tokens_decoder": {**decoder(ALL)["added_tokens_decoder"], str(NEXT): token("<x1>", False)}},
        {},
        [],
    ),
    "added_tokens.json": ({}, {"added_tokens.json": {"<x1>": NEXT}}, []),
    "added_tokens.json with a far id": ({}, {"added_tokens.json": {"<x1>": NEXT + 7}}, []),
    "additional_special_tokens": (
        {"additional_special_tokens": ["<x1>", dict(token("<x2>"), __type="AddedToken")]},
        {},
        [],
    ),
    "extra_special_tokens by name": ({"extra_special_tokens": {"x_token": "<x1>"}}, {}, []),
    "special_tokens_map.json": ({}, {"special_tokens_map.json": {"additional_special_tokens": ["<x1>"]}}, []),
    "special_tokens_map.json beside a decoder": (
        decoder(ALL),
        {"special_tokens_map.json": {"additional_special_tokens": ["<x1>"]}},
        [],
    ),
    "a new pad_token": ({"pad_token": "<x1>"}, {}, []),
}


def ids_of(config, files, dropped):
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in ("tokenizer.json", "tokenizer_config.json", "config.json"):
            shutil.copy(GOLDENS / BASE / name, folder)
        path = folder / "tokenizer.json"
        parsed = json.loads(path.read_text())
        parsed["added_tokens"] = [t for t in parsed["added_tokens"] if t["id"] not in dropped]
        path.write_text(json.dumps(parsed, ensure_ascii=False))
        path = folder / "tokenizer_config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | config))
        for name, value in files.items():
            (folder / name).write_text(json.dumps(value))
        return AutoTokenizer.from_pretrained(folder)(TEXT, add_special_tokens=False)["input_ids"]


def main():
    old = json.loads(OUT.read_text())["cases"] if OUT.exists() else []
    known = {case["name"]: case["ids"] for case in old}
    cases = [
        {
            "name": name,
            "config": config,
            "files": files,
            "dropped": dropped,
            "ids": {**known.get(name, {}), transformers.__version__: ids_of(config, files, dropped)},
        }
        for name, (config, files, dropped) in CASES.items()
    ]
    write_json(OUT, {"base": BASE, "text": TEXT, "cases": cases}, ascii_only=True)


if __name__ == "__main__":
    main()
