"""Proves that checkpoints of transformers 4 and 5, read and written again by Lintel, are the same models to transformers.

    python -m lintel_reference.parity.rewritten

Every case of test/goldens/checkpoints is rewritten by the built Lintel (python/lintel_reference/parity/rewrite.mjs) and opened by the
version of transformers that runs this, whichever version wrote it: ids, patches and logits must be those of the golden.
Prints one JSON line.
"""

import json
import tempfile
from pathlib import Path

import torch
import transformers
from PIL import Image
from safetensors.torch import load_file
from transformers import (
    AutoImageProcessor,
    AutoTokenizer,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3VLForConditionalGeneration,
)

from lintel_reference.common import GOLDENS, run_node

HERE = Path(__file__).resolve().parent
CHECKPOINTS = GOLDENS / "checkpoints"
MODERN = int(transformers.__version__.split(".")[0]) >= 5
MODELS = {"qwen2_5_vl": Qwen2_5_VLForConditionalGeneration, "qwen3_vl": Qwen3VLForConditionalGeneration}


@torch.no_grad()
def check(golden: Path, written: Path) -> float:
    """The largest difference of logits; asserts all else."""
    said = json.loads((golden / "golden.json").read_text())
    tensors = load_file(golden / "golden.safetensors")
    kind = json.loads((written / "config.json").read_text())["model_type"]
    model, info = MODELS[kind].from_pretrained(
        written, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    assert not any(info.values()), (written, info)
    tokenizer = AutoTokenizer.from_pretrained(written)
    processor = AutoImageProcessor.from_pretrained(written, **({} if MODERN else {"use_fast": False}))
    text = tokenizer.apply_chat_template(said["messages"], tokenize=False, add_generation_prompt=True)
    made = processor(images=Image.open(golden / "image.png"), return_tensors="pt")
    grid = made["image_grid_thw"]
    assert grid[0].tolist() == said["grid"], (written, grid)
    assert torch.equal(made["pixel_values"].float(), tensors["patches"]), written
    image, count = model.config.image_token_id, int(grid.prod()) // processor.merge_size**2
    ids = [
        i for t in tokenizer(text, add_special_tokens=False)["input_ids"] for i in [t] * (count if t == image else 1)
    ]
    assert ids == said["ids"], (written, ids)
    ids_t = torch.tensor([ids])
    kinds = {"mm_token_type_ids": (ids_t == image).int()} if MODERN else {}
    out = model.eval()(
        input_ids=ids_t,
        attention_mask=torch.ones_like(ids_t),
        pixel_values=made["pixel_values"],
        image_grid_thw=grid,
        **kinds,
    )
    # a head that 4.57.1 threw away is kept by Lintel: the golden's logits are another model's
    return 0.0 if said["headReplaced"] else float((out.logits[0, -1] - tensors["logits"]).abs().max())


def main() -> None:
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        run_node(HERE / "rewrite.mjs", CHECKPOINTS, scratch)
        written = sorted(path.parent for path in Path(scratch).glob("*/*/config.json"))
        assert written, CHECKPOINTS
        worst = {}
        for folder in written:
            name = folder.relative_to(scratch)
            worst[str(name)] = check(CHECKPOINTS / name, folder)
            assert worst[str(name)] < 1e-3, (name, worst[str(name)])
    print(
        json.dumps({"checkpoints": len(worst), "worst": max(worst.values()), "transformers": transformers.__version__})
    )


if __name__ == "__main__":
    main()
