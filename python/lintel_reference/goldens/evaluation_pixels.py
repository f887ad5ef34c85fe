"""Goldens of how families' evaluations bring pictures to size: qwen_vl_utils, then the checkpoint's image processor.

    python -m lintel_reference.goldens.evaluation_pixels

Needs qwen-vl-utils 0.0.14 (torchvision and the video readers are not needed: they are stood in for), Pillow 13 and
transformers 4.57.1. Writes test/goldens/qwen/evaluation-pixels.json: per case the bounds, the grid of patches, and the SHA-256 of
the patches as float32.
"""

import hashlib
import sys
from importlib.metadata import version
from unittest.mock import MagicMock

import numpy as np
from PIL import Image
from transformers import Qwen2VLImageProcessor

from lintel_reference.common import GOLDENS, write_json

for name in ["torchvision", "torchvision.io", "torchvision.transforms", "av", "decord"]:
    sys.modules.setdefault(name, MagicMock(__version__="0.20.0"))

from qwen_vl_utils.vision_process import fetch_image  # noqa: E402

TOKEN = 28 * 28
PUBLISHED = {"min_pixels": 3136, "max_pixels": 12845056}
UTILS = (4 * TOKEN, 16384 * TOKEN)
# What a message sets for qwen_vl_utils (None: it does not run), and what is set on the processor, by family.
FAMILIES = {
    "lantern": (UTILS, (256 * TOKEN, 3500 * TOKEN)),
    "lvr": (UTILS, None),
    "monet": (UTILS, (256 * TOKEN, 8192 * TOKEN)),
    "covt": ((1280 * TOKEN, 16384 * TOKEN), None),
    "swimbird": ((1280 * TOKEN, 16384 * TOKEN), None),
    "ilvr": (None, None),
    "livr": (None, (3136, 1048576)),
}
SIZES = [(24, 12), (100, 50), (333, 517), (1400, 90), (30, 2000), (20, 20)]


def picture(width: int, height: int) -> Image.Image:
    """The picture that test and script draw alike."""
    i = np.arange(width * height * 3, dtype=np.int64)
    return Image.fromarray(((i * 7 + (i >> 5) * 13 + (i >> 9)) & 255).astype(np.uint8).reshape(height, width, 3))


def main() -> None:
    cases = []
    for family, (first, bounds) in FAMILIES.items():
        wide = family == "swimbird"
        config = {
            "patch_size": 16 if wide else 14,
            "min_pixels": 65536 if wide else 3136,
            "max_pixels": 16777216 if wide else 12845056,
        }
        set_ = {} if bounds is None else {"min_pixels": bounds[0], "max_pixels": bounds[1]}
        processor = Qwen2VLImageProcessor(**{**config, **set_})
        for width, height in SIZES:
            image = picture(width, height)
            if first is not None:
                image = fetch_image({"image": image, "min_pixels": first[0], "max_pixels": first[1]})
            found = processor(images=[image], return_tensors="np")
            patches = np.ascontiguousarray(found["pixel_values"], dtype=np.float32)
            cases.append(
                {
                    "family": family,
                    "width": width,
                    "height": height,
                    "config": config,
                    "before": list(image.size),
                    "grid": found["image_grid_thw"][0].tolist(),
                    "sha256": hashlib.sha256(patches.tobytes()).hexdigest(),
                }
            )
    versions = {each: version(each) for each in ["qwen-vl-utils", "transformers", "pillow"]}
    out = GOLDENS / "qwen" / "evaluation-pixels.json"
    write_json(out, {"versions": versions, "cases": cases}, ascii_only=True)


if __name__ == "__main__":
    main()
