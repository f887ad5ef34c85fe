"""Goldens of image decoding: what `Image.open(...).convert("RGB")` of Pillow makes of images of many kinds.

    python -m lintel_reference.goldens.images

Writes test/goldens/images/images.json: per kind the encoded bytes and the RGB pixels, both base64.
"""

import base64
import io

import numpy as np
import PIL
from PIL import Image

from lintel_reference.common import GOLDENS, write_json

WIDTH, HEIGHT = 22, 15


def main() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (5, 7, 4), dtype=np.uint8)
    rgba = Image.fromarray(noise).resize((WIDTH, HEIGHT), Image.BICUBIC)
    rgb = Image.fromarray(np.asarray(rgba)[..., :3])
    grey = rgb.convert("L")
    few = rgb.quantize(15)
    kinds = {
        "png rgb": (rgb, "PNG", {}),
        "png rgba": (rgba, "PNG", {}),
        "png grey": (grey, "PNG", {}),
        "png grey with alpha": (rgba.convert("LA"), "PNG", {}),
        "png 1 bit": (grey.convert("1"), "PNG", {}),
        "png palette": (rgb.quantize(200), "PNG", {}),
        "png palette of 15": (few, "PNG", {}),
        "png palette with transparency": (few, "PNG", {"transparency": 3}),
        "jpeg": (rgb, "JPEG", {"quality": 90}),
        "jpeg grey": (grey, "JPEG", {}),
        "webp": (rgb, "WEBP", {"lossless": True}),
        "webp with alpha": (rgba, "WEBP", {"lossless": True, "exact": True}),
        "gif": (few, "GIF", {}),
        "tiff": (rgb, "TIFF", {}),
    }
    images = {}
    for kind, (image, form, options) in kinds.items():
        file = io.BytesIO()
        image.save(file, form, **options)
        decoded = np.asarray(Image.open(io.BytesIO(file.getvalue())).convert("RGB"))
        images[kind] = {
            "bytes": base64.b64encode(file.getvalue()).decode(),
            "pixels": base64.b64encode(decoded.tobytes()).decode(),
        }
    out = GOLDENS / "images" / "images.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    content = {"pillow": PIL.__version__, "width": WIDTH, "height": HEIGHT, "images": images}
    write_json(out, content, ascii_only=True)


if __name__ == "__main__":
    main()
