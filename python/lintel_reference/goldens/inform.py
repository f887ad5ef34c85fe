"""Normalised cross-correlation of small random pictures, by the definition, in numpy.

    .venv/bin/python -m lintel_reference.goldens.inform

Writes test/goldens/inform/correlation.json: a picture, a template cut from it and changed in brightness and contrast, a
mask, and the correlation at every place with all cells and with those of the mask. Channels are centred one by one.
"""

import json

import numpy as np

from lintel_reference.common import GOLDENS

rng = np.random.default_rng(4)
image = rng.integers(0, 256, (9, 12, 3))
template = np.clip(image[3:7, 5:10] * 0.5 + 40, 0, 255).round().astype(int)
mask = rng.random((4, 5)) < 0.6


def correlate(weights: np.ndarray) -> list[list[float]]:
    height, width = weights.shape
    cells = weights.astype(bool)
    known = template[cells] - template[cells].mean(axis=0)
    rows = []
    for y in range(image.shape[0] - height + 1):
        row = []
        for x in range(image.shape[1] - width + 1):
            window = image[y : y + height, x : x + width][cells]
            window = window - window.mean(axis=0)
            row.append(float((known * window).sum() / np.sqrt((known**2).sum() * (window**2).sum())))
        rows.append(row)
    return rows


golden = {
    "numpy": np.__version__,
    "image": image.tolist(),
    "template": template.tolist(),
    "mask": mask.astype(int).tolist(),
    "all": correlate(np.ones_like(mask)),
    "masked": correlate(mask),
}
path = GOLDENS / "inform" / "correlation.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps(golden) + "\n")
