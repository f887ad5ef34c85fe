"""Files of a checkpoint directory."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from .errors import EngineError

SMALL = (
    "config.json",
    "generation_config.json",
    "tokenizer*.json",
    "added_tokens.json",
    "special_tokens_map.json",
    "vocab.json",
    "merges.txt",
    "chat_template*",
    "*preprocessor_config.json",
    "processor_config.json",
    "*.index.json",
)
KNOWN_DIGESTS: dict[tuple[str, int, int], str] = {}


def directory(model: str) -> Path:
    """The directory of a checkpoint: one on this machine, or a snapshot in the cache of the Hugging Face Hub."""
    path = Path(model).expanduser()
    if path.is_dir():
        return path
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, local_files_only=True))
    except (HFValidationError, LocalEntryNotFoundError) as cause:
        raise EngineError(
            "checkpoint", f"{model}: no directory on this machine, and not in its Hugging Face cache"
        ) from cause


def small_files(model: str) -> list[Path]:
    """Its files of text, by name."""
    where = directory(model)
    return sorted({path for pattern in SMALL for path in where.glob(pattern) if path.is_file()})


def weights(model: str) -> list[Path]:
    """Its files of tensors, by name."""
    return sorted(directory(model).glob("*.safetensors"))


def files(model: str) -> dict[str, Any]:
    """Texts of small files, and sizes of all."""
    small = small_files(model)
    sizes = {path.name: path.stat().st_size for path in [*small, *weights(model)]}
    return {
        "directory": str(directory(model)),
        "files": {path.name: path.read_text("utf-8") for path in small},
        "sizes": sizes,
    }


def fingerprint(model: str) -> dict[str, str]:
    """SHA-256 of each file."""
    return {path.name: _digest(path) for path in [*small_files(model), *weights(model)]}


def _digest(path: Path) -> str:
    stat = os.stat(path)
    key = (str(path.resolve()), stat.st_size, stat.st_mtime_ns)
    if key not in KNOWN_DIGESTS:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while part := file.read(1 << 24):
                digest.update(part)
        KNOWN_DIGESTS[key] = digest.hexdigest()
    return KNOWN_DIGESTS[key]


def tensors(model: str, names: list[str]) -> tuple[dict[str, list[int]], dict[str, Any]]:
    """Shapes of all stored tensors where no names are given; else these tensors in float32."""
    from safetensors import safe_open

    index: dict[str, list[int]] = {}
    found: dict[str, Any] = {}
    for path in weights(model):
        with safe_open(path, "pt") as file:
            for name in list(file.keys()):
                if not names:
                    index[name] = list(file.get_slice(name).get_shape())
                elif name in names:
                    found[name] = file.get_tensor(name).float()
    lacking = [name for name in names if name not in found]
    if lacking:
        raise EngineError("checkpoint", f"{model}: no tensor {lacking[0]}")
    return index, found
