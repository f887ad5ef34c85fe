"""LIVR, by its reproduction: `LIVRModelWrapper.generate` over prompts that end with the learned tokens."""

import sys
import types

from lintel_reference.goldens.families import tiny
from lintel_reference.goldens.families.loops.covt import WEIGHTS, load, parts  # noqa: F401

for missing in ("peft",):
    # Adapters, which a merged checkpoint has none of.
    if missing not in sys.modules:
        module = sys.modules[missing] = types.ModuleType(missing)
        module.LoraConfig = module.PeftModel = module.TaskType = module.get_peft_model = None
from livr.model import LIVRModelWrapper

FAMILY = "livr"
REPOSITORY, COMMIT = "Zyvpeng/Latent-Implicit-Visual-Reasoning-Reproduction", "a8acfe9"
EXECUTED = ["livr/model.py LIVRModelWrapper.generate (stage 2, as its livr/eval.py evaluates)"]
PATCHED = ["peft, which only training and unmerged adapters need, is an empty module"]
# The learned tokens, and the line break that its prompts have behind them (livr/data.py _assistant_prefix_text).
STATIC, BREAK = [37, 240, 160, 71], 10
TOKENS = {f"<livr_{i}>": id for i, id in enumerate(STATIC)}


def config():
    return tiny.flat_config(livr_tokens=len(STATIC))


def generate(model, given, steps):
    batch = {**{k: v for k, v in given.items() if k != "attention_mask"}, "attention_mask_2d": given["attention_mask"]}
    return LIVRModelWrapper(model, "livr_stage2").generate({**batch, "stop_token_ids": []}, steps)


CASES = [
    {
        "name": "learned tokens",
        "tail": [*STATIC, BREAK],
        "wanted": lambda got, ended: len(got.ids) == 64 and not any(id in STATIC for id in got.ids),
    },
    {
        "name": "image",
        "image": True,
        "tail": [*STATIC, BREAK],
        "wanted": lambda got, ended: not ended and len(got.ids) == 64,
    },
    {
        "name": "learned tokens in the text",
        "tail": [*STATIC, BREAK],
        "wanted": lambda got, ended: len(got.ids) == 64 and any(id in STATIC for id in got.ids),
    },
]
