"""Goldens of the image formats that sharp does not read: what Pillow's `Image.open(...).convert("RGB")` makes of them.

    python -m lintel_reference.goldens.other_images

Writes test/goldens/images/other-images.json: per kind the bytes and the RGB pixels in base64, or a part of the error.
"""

import base64
import io
import struct

import numpy as np
import PIL
from PIL import Image

from lintel_reference.common import GOLDENS, write_json

rng = np.random.default_rng(0)
noise = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
rgb = Image.fromarray(noise)
grey = rgb.convert("L")


def saved(image, format, **options):
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def bmp(bits, raster, *, width=7, height=5, masks=None, size=40):
    extra = b"" if masks is None else struct.pack("<III", *masks)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 0 if masks is None else 3, len(raster), 0, 0, 0, 0)
    at = 14 + len(header) + len(extra)
    return b"BM" + struct.pack("<IHHI", at + len(raster), 0, 0, at) + header + extra + raster


words = b"".join(rng.integers(0, 65536, 7, dtype=np.uint16).tobytes() + b"\0\0" for _ in range(5))
longs = rng.integers(0, 2**32, 35, dtype=np.uint32).tobytes()
rows = b"".join(noise[y, :, ::-1].tobytes() + b"\0\0\0" for y in range(5))
kinds = {
    "bmp rgb": saved(rgb, "BMP"),
    "bmp grey": saved(grey, "BMP"),
    "bmp palette": saved(rgb.quantize(9), "BMP"),
    "bmp 1 bit": saved(grey.convert("1"), "BMP"),
    "bmp rgba": saved(rgb.convert("RGBA"), "BMP"),
    "bmp 16 bit 555": bmp(16, words),
    "bmp 16 bit 565": bmp(16, words, masks=(0xF800, 0x07E0, 0x001F)),
    "bmp 32 bit": bmp(32, longs),
    "bmp 32 bit fields": bmp(32, longs, masks=(0xFF0000, 0xFF00, 0xFF)),
    "bmp from top to bottom": bmp(24, rows, height=-5),
    "bmp os/2": b"BM" + struct.pack("<IHHI", 26 + len(rows), 0, 0, 26) + struct.pack("<IHHHH", 12, 7, 5, 1, 24) + rows,
    "ppm": saved(rgb, "PPM"),
    "pgm": saved(grey, "PPM"),
    "pbm": saved(grey.convert("1"), "PPM"),
    "ppm with comments": b"P6 # made by hand\n7\n# width and height\n5 255\n" + noise.tobytes(),
    "ppm as text": b"P3\n7 5\n255\n" + b" ".join(str(v).encode() for v in noise.ravel()) + b"\n",
    "pgm as text": b"P2\n# grey\n7 5\n255\n" + b"\n".join(str(v).encode() for v in noise[..., 0].ravel()),
    "pbm as text": b"P1\n7 5\n" + b"\n".join(b"".join(str(v & 1).encode() for v in row) for row in noise[..., 0]),
    "pgm up to 100": b"P5 7 5 100\n" + (noise[..., 0] % 101).tobytes(),
}
errors = {
    "pgm 16 bit": (b"P5 1 1 65535\n\1\2", "values up to 65535"),
    "bmp cut off": (kinds["bmp rgb"][:-9], "bytes of"),
    "ppm cut off": (kinds["ppm"][:-9], "bytes of pixels"),
    "bmp of run lengths": (kinds["bmp palette"][:30] + b"\1" + kinds["bmp palette"][31:], "BMP compression 1"),
    "jpeg 2000": (saved(rgb, "JPEG2000"), "JPEG 2000"),
    "ico": (saved(rgb, "ICO"), "an icon (ICO)"),
    "dds": (saved(rgb, "DDS"), "DirectDraw"),
    "svg": (
        b'<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
        "SVG",
    ),
    "pdf": (b"%PDF-1.7\n", "PDF"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
}


def text(data):
    return base64.b64encode(data).decode()


def pixels(data):
    return text(Image.open(io.BytesIO(data)).convert("RGB").tobytes())


golden = {
    "pillow": PIL.__version__,
    "decoded": {name: {"bytes": text(data), "rgb": pixels(data)} for name, data in kinds.items()},
    "refused": {name: {"bytes": text(data), "error": error} for name, (data, error) in errors.items()},
}
write_json(GOLDENS / "images" / "other-images.json", golden, ascii_only=True)
