"""The base model: transformers' own `generate`, whatever it writes; nothing opens a block."""

from lintel_reference.goldens.families import tiny
from lintel_reference.goldens.families.loops.covt import WEIGHTS, load, parts  # noqa: F401

FAMILY = "base"
REPOSITORY, COMMIT = "huggingface/transformers", "v4.57.1"
EXECUTED = ["Qwen2_5_VLForConditionalGeneration.generate"]
PATCHED: list[str] = []
TOKENS: dict[str, int] = {}


def config():
    return tiny.flat_config()


def generate(model, given, steps, **options):
    return model.generate(**given, max_new_tokens=steps, do_sample=False, **options)


CASES = [
    {"name": "a marker of others in the text", "wanted": lambda got, ended: tiny.START in got.ids},
    {"name": "image", "image": True, "wanted": lambda got, ended: tiny.START in got.ids},
    {
        "name": "repetition penalty",
        "options": {"repetition_penalty": 1.05},
        "wanted": lambda got, ended: len(got.ids) == 64,
    },
]
