"""A checkpoint's own processor: tokenizer, image processor and chat template."""

from __future__ import annotations

import importlib.util
import inspect
import json
from pathlib import Path
from typing import Any

import transformers

from .errors import EngineError


def load_processor(path: str, trusts: bool = False, text: bool = False) -> Any:
    """The processor of a checkpoint, or (`text`) its tokenizer."""
    options: dict[str, Any] = {"trust_remote_code": trusts}
    if text:
        return transformers.AutoTokenizer.from_pretrained(path, **options)
    if importlib.util.find_spec("torchvision") is not None:
        return transformers.AutoProcessor.from_pretrained(path, **options)
    return _without_videos(path, options)


def _without_videos(path: str, options: dict[str, Any]) -> Any:
    """The processor without the part that reads videos, which needs torchvision."""
    kind = _class(path)
    if kind is None:
        raise EngineError("missing", "No module named 'torchvision', which the processor of this checkpoint needs")

    class WithoutVideos(kind):  # type: ignore[misc, valid-type]
        def check_argument_for_proper_class(self, argument_name: str, argument: Any) -> Any:
            if argument_name == "video_processor":
                return None
            return super().check_argument_for_proper_class(argument_name, argument)

    images = transformers.AutoImageProcessor.from_pretrained(path, use_fast=False, **options)
    tokenizer = transformers.AutoTokenizer.from_pretrained(path, **options)
    config = _json(path, "processor_config.json")
    named = {k: v for k, v in config.items() if not isinstance(v, dict) and k not in ("processor_class", "auto_map")}
    template = getattr(tokenizer, "chat_template", None) or _template(path)
    parts = {"image_processor": images, "tokenizer": tokenizer, "chat_template": template}
    if "video_processor" in inspect.signature(kind.__init__).parameters:
        parts["video_processor"] = None
    return WithoutVideos(**parts, **named)


def _class(path: str) -> Any:
    files = ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json")
    names = [name for file in files if (name := _json(path, file).get("processor_class"))]
    return getattr(transformers, names[0], None) if names else None


def _json(path: str, name: str) -> dict[str, Any]:
    file = Path(path) / name
    return json.loads(file.read_text("utf-8")) if file.is_file() else {}


def _template(path: str) -> str | None:
    jinja = Path(path) / "chat_template.jinja"
    if jinja.is_file():
        return jinja.read_text("utf-8")
    return _json(path, "chat_template.json").get("chat_template")
