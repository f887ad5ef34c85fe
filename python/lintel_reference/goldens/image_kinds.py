"""Goldens of the rarer kinds of images: what Pillow makes of 16-bit grey, CMYK, AVIF, transparency and EXIF orientations.

    python -m lintel_reference.goldens.image_kinds

Writes test/goldens/images/kinds.json: per kind the encoded bytes, Pillow's mode, and the RGB pixels (base64) by
`Image.open(…).convert("RGB")`; where they differ, those that `to_rgb` of qwen_vl_utils 0.0.14 makes ("white") and those that
`datasets` decodes ("upright").
"""

import base64
import io
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

from lintel_reference.common import GOLDENS, write_json

WIDTH, HEIGHT = 11, 6
ORIENTATION = 274


def png16(rng: np.random.Generator, colour: int, channels: int) -> bytes:
    """A PNG of 16 bits, which Pillow does not write."""
    values = rng.integers(0, 65536, (HEIGHT, WIDTH * channels)).astype(">u2")
    raw = b"".join(b"\0" + row.tobytes() for row in values)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def text(image: Image.Image) -> str:
    return base64.b64encode(np.asarray(image).tobytes()).decode()


def to_rgb(image: Image.Image) -> Image.Image:
    """As qwen_vl_utils 0.0.14 (vision_process.py) does."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.split()[3])
    return white


def upright(image: Image.Image) -> Image.Image:
    """As datasets 5.0.1 (features/image.py) does."""
    image.load()
    if image.getexif().get(ORIENTATION) is not None:
        image = ImageOps.exif_transpose(image)
    return image


def encoded(image: Image.Image, form: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def main() -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (4, 5, 4), dtype=np.uint8)
    rgba = Image.fromarray(noise).resize((WIDTH, HEIGHT), Image.BICUBIC)
    rgb = rgba.convert("RGB")
    few = rgb.quantize(15)
    ramp = np.linspace(0, 65535, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)
    grey = Image.fromarray(ramp.astype(np.uint16))
    dark = Image.fromarray((ramp / 200).astype(np.uint16))

    def turned(orientation: int) -> Image.Exif:
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        return exif

    kinds = {
        "png of 16-bit grey": encoded(grey, "PNG"),
        "png of dark 16-bit grey": encoded(dark, "PNG"),
        "tiff of 16-bit grey": encoded(grey, "TIFF"),
        "png of 16-bit rgb": png16(rng, 2, 3),
        "png of 16-bit rgba": png16(rng, 6, 4),
        "png of 16-bit grey with alpha": png16(rng, 4, 2),
        "jpeg in cmyk": encoded(rgb.convert("CMYK"), "JPEG"),
        "tiff in cmyk": encoded(rgb.convert("CMYK"), "TIFF"),
        "tiff of floats": encoded(Image.fromarray((ramp / 200).astype(np.float32)), "TIFF"),
        "tiff of 32-bit integers": encoded(Image.fromarray((ramp / 200).astype(np.int32)), "TIFF"),
        "tiff of 1 bit": encoded(rgb.convert("1"), "TIFF"),
        "tiff in jpeg": encoded(rgb, "TIFF", compression="jpeg"),
        "gif with transparency": encoded(few, "GIF", transparency=3),
        "gif with transparency, interlaced": encoded(few, "GIF", transparency=3, interlace=1),
        "gif with transparency, of 200 colours": encoded(rgb.quantize(200), "GIF", transparency=7),
        "gif of two frames with transparency": encoded(
            few, "GIF", save_all=True, append_images=[few.rotate(180)], transparency=3, disposal=2
        ),
        "png palette with transparency": encoded(few, "PNG", transparency=3),
        "png rgb with a transparent colour": encoded(rgb, "PNG", transparency=(10, 20, 30)),
        "png grey with alpha": encoded(rgba.convert("LA"), "PNG"),
        "png rgba": encoded(rgba, "PNG"),
        "png rgba, turned": encoded(rgba, "PNG", exif=turned(6)),
        "webp rgba": encoded(rgba, "WEBP", lossless=True, exact=True),
        "webp rgba, lossy": encoded(rgba, "WEBP", quality=80),
        "tiff rgba": encoded(rgba, "TIFF"),
        "avif": encoded(rgb, "AVIF"),
        "avif rgba": encoded(rgba, "AVIF"),
        "avif at full resolution": encoded(rgb, "AVIF", subsampling="4:4:4", quality=100),
        "avif, turned": encoded(rgb, "AVIF", exif=turned(6)),
        "png, turned": encoded(rgb, "PNG", exif=turned(6)),
        "webp, turned": encoded(rgb, "WEBP", lossless=True, exif=turned(8)),
        "tiff, turned": encoded(rgb, "TIFF", exif=turned(6)),
        "jpeg grey, turned": encoded(rgb.convert("L"), "JPEG", exif=turned(6)),
        "jpeg in cmyk, turned": encoded(rgb.convert("CMYK"), "JPEG", exif=turned(6)),
        **{f"jpeg, orientation {i}": encoded(rgb, "JPEG", exif=turned(i)) for i in range(1, 10)},
    }
    images = {}
    for kind, data in kinds.items():

        def opened() -> Image.Image:
            return Image.open(io.BytesIO(data))

        plain, white, straight = opened().convert("RGB"), to_rgb(opened()), upright(opened())
        straight_white, straight = to_rgb(straight), straight.convert("RGB")
        entry = {
            "bytes": base64.b64encode(data).decode(),
            "mode": opened().mode,
            "size": plain.size,
            "pixels": text(plain),
        }
        if text(white) != entry["pixels"]:
            entry["white"] = text(white)
        if text(straight) != entry["pixels"] or straight.size != plain.size:
            entry["upright"] = {"size": straight.size, "pixels": text(straight), "white": text(straight_white)}
        images[kind] = entry
    out = GOLDENS / "images" / "kinds.json"
    write_json(out, {"pillow": PIL.__version__, "images": images}, ascii_only=True)


if __name__ == "__main__":
    main()
