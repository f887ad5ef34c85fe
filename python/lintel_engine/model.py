"""A model and its processor, as transformers loads them."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
import transformers
from torch import Tensor, nn

from . import __version__, attention
from .adapters import adapter_of
from .errors import EngineError, need

DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, "auto": "auto"}


@dataclass
class Engine:
    """A loaded model."""

    path: str
    model: Any
    # Embedding to last normalization, image features included.
    base: nn.Module
    # Of the text: sizes, layers.
    config: Any
    trusts: bool
    processor: Any = None
    # What makes the vectors of a block where the network does that by itself (adapters).
    block: Any = None
    # The layer, from 0, behind which vectors stand that are fed behind prompts which are read apart (apart.py).
    behind: int | None = None
    # Rows that a run, and tokens that a prefill works on at once; halved where memory runs out.
    rows: int = 1024
    tokens: int = 16384
    # Configurations that modules of the text part choose their attention by; found once.
    attending: list[Any] = field(default_factory=list)
    images: dict[int, Any] = field(default_factory=dict)
    handles: dict[int, Any] = field(default_factory=dict)
    made: int = 0

    @property
    def device(self) -> torch.device:
        return self.model.get_input_embeddings().weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.model.get_input_embeddings().weight.dtype

    def number(self) -> int:
        """The next number of an image or a handle."""
        self.made += 1
        return self.made


def load(
    model: str,
    dtype: str = "auto",
    deviceMap: str = "auto",
    attention: str | None = None,
    trustRemoteCode: bool = False,
    threads: int | None = None,
    kind: str = "auto",
    weights: bool = True,
) -> Engine:
    """Loads a checkpoint directory with the class that transformers has for its architecture. Without `weights` it is the
    architecture alone: it has sizes and reads prompts, and nothing can be computed with it."""
    need(dtype in DTYPES, f"dtype {dtype!r}: one of {', '.join(DTYPES)}")
    if threads:
        torch.set_num_threads(threads)
    adapter = adapter_of(model)
    if adapter is None:
        config = _loading(transformers.AutoConfig.from_pretrained, model, trust_remote_code=trustRemoteCode)
    else:
        config = adapter.config(model)
    auto = _auto_class(config, kind)
    if not weights:
        with torch.device("meta"):
            empty = auto.from_config(config, trust_remote_code=trustRemoteCode)
        kinds = getattr(config, "dtype", None) if dtype == "auto" else DTYPES[dtype]
        return engine_of(empty.to(kinds) if kinds is not None else empty, model, trustRemoteCode)
    named = "dtype" if _version() >= (4, 56) else "torch_dtype"
    options: dict[str, Any] = {
        "config": config,
        named: DTYPES[dtype],
        "trust_remote_code": trustRemoteCode,
        "output_loading_info": True,
    }
    if attention:
        options["attn_implementation"] = attention
    # Without accelerate, which device_map needs, one device is chosen here.
    device = _only_device(deviceMap)
    if device is None:
        options["device_map"] = deviceMap
    if adapter is not None and hasattr(adapter, "state_dict"):
        kind_of = auto._model_mapping[type(config)]
        options.pop("trust_remote_code")
        loaded, info = _loading(
            lambda _, **more: kind_of.from_pretrained(None, **more),
            model,
            state_dict=adapter.state_dict(model),
            **options,
        )
    else:
        loaded, info = _loading(auto.from_pretrained, model, **options)
    missing = sorted(info["missing_keys"])
    if missing:
        raise EngineError(
            "checkpoint",
            f"{model}: {len(missing)} tensors of {type(loaded).__name__} are missing, such as {missing[0]}",
        )
    if device is not None:
        loaded.to(device)
    engine = engine_of(loaded, model, trustRemoteCode)
    if adapter is not None:
        engine.block = adapter.block_of(engine)
        engine.behind = adapter.behind(model) if hasattr(adapter, "behind") else None
    return engine


def engine_of(model: Any, path: str, trusts: bool = False) -> Engine:
    """An engine of a model in memory."""
    model.eval().requires_grad_(False)
    transformers.AttentionInterface.register(attention.NAME, attention.shared_attention)
    base = model.base_model if model.base_model is not model else getattr(model, "model", None)
    if not isinstance(base, nn.Module):
        raise EngineError(
            "unsupported", f"{type(model).__name__} has no network in front of its output layer that could be found"
        )
    return Engine(path, model, base, model.config.get_text_config(decoder=True), trusts)


def _version() -> tuple[int, ...]:
    return tuple(int(x) for x in transformers.__version__.split(".")[:2])


def _auto_class(config: Any, kind: str) -> Any:
    name = "AutoModelForImageTextToText"
    known = type(config) in transformers.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    if kind == "text" or not (known or name in getattr(config, "auto_map", {})):
        name = "AutoModelForCausalLM"
    return getattr(transformers, name)


def _only_device(device_map: str) -> str | None:
    """The device that a device map names where it is only one; None where accelerate spreads the model over several."""
    if device_map != "auto":
        return device_map if device_map.split(":")[0] in ("cpu", "cuda", "mps", "xpu") else None
    if torch.cuda.device_count() > 1:
        return None
    return "cuda:0" if torch.cuda.is_available() else "cpu"


def _loading(function: Any, path: str, **options: Any) -> Any:
    """Calls a `from_pretrained`, whose exceptions become errors of the protocol."""
    try:
        return function(path, **options)
    except ModuleNotFoundError as cause:
        raise EngineError("missing", f"No module named {cause.name!r}, which {path} needs") from cause
    except (ImportError, OSError, ValueError, KeyError) as cause:
        text = str(cause).strip()
        if "trust_remote_code" in text:
            raise EngineError(
                "remote-code", f"{path} has code of its own, which is run only with trust_remote_code"
            ) from cause
        if "accelerate" in text.lower():
            raise EngineError(
                "missing", f"No module named 'accelerate', which this device map needs: {text}"
            ) from cause
        unsupported = (
            isinstance(cause, ImportError) or "attn_implementation" in text or "attention implementation" in text
        )
        raise EngineError("unsupported" if unsupported else "checkpoint", f"{path}: {text}") from cause


def describe(engine: Engine) -> dict[str, Any]:
    """Architecture, sizes, devices and versions."""
    model, text = engine.model, engine.config
    whole = model.config
    parameters = list(model.parameters())
    heads = text.num_attention_heads
    width = text.hidden_size
    kv = getattr(text, "num_key_value_heads", None) or heads
    head = getattr(text, "head_dim", None) or width // heads
    devices = sorted({str(p.device) for p in parameters})
    cuda = engine.device.type == "cuda"
    vision = getattr(whole, "vision_config", None)
    size = torch.empty(0, dtype=engine.dtype).element_size()
    return {
        "architecture": type(model).__name__,
        "modelType": type(whole).model_type,
        "dtype": str(engine.dtype).removeprefix("torch."),
        "attention": text._attn_implementation,
        "devices": devices,
        "deviceName": torch.cuda.get_device_name(engine.device) if cuda else engine.device.type,
        "versions": versions() | ({"cuda": torch.version.cuda} if cuda else {}),
        "vocabSize": model.get_input_embeddings().weight.shape[0],
        "hiddenSize": width,
        "layers": text.num_hidden_layers,
        "heads": heads,
        "kvHeads": kv,
        "headDim": head,
        "deepLayers": len(getattr(vision, "deepstack_visual_indexes", None) or []),
        "ownBlocks": engine.block is not None,
        "vision": hasattr(engine.base, "get_image_features"),
        "parameters": sum(p.numel() for p in parameters),
        "bytes": sum(p.numel() * p.element_size() for p in parameters),
        "tokens": {
            "image": image_token(engine),
            "visionStart": getattr(whole, "vision_start_token_id", None),
            "video": getattr(whole, "video_token_id", None),
        },
        "memory": memory(engine.device),
        "cacheBytesPerToken": 2 * text.num_hidden_layers * kv * head * size,
    }


def versions() -> dict[str, str]:
    """Versions that outcomes depend on."""
    import platform

    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "lintel_engine": __version__,
    }


def image_token(engine: Engine) -> int | None:
    """The id that images' features replace."""
    config = engine.model.config
    named = getattr(config, "image_token_id", None)
    return named if named is not None else getattr(config, "image_token_index", None)


def memory(device: torch.device) -> dict[str, int]:
    """Bytes of a device, or of the machine."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return {"total": total, "free": free}
    page = os.sysconf("SC_PAGE_SIZE")
    return {"total": page * os.sysconf("SC_PHYS_PAGES"), "free": page * os.sysconf("SC_AVPHYS_PAGES")}


def logits(engine: Engine, states: Tensor) -> Tensor:
    """Logits [n, V] in float32 of post-norm states [n, D], as the model's own forward pass computes them."""
    out = engine.model.get_output_embeddings()(states)
    cap = getattr(engine.config, "final_logit_softcapping", None)
    if cap is not None:
        out = torch.tanh(out / cap) * cap
    return out.float()


def embed(engine: Engine, ids: Tensor) -> Tensor:
    """Embeddings of ids, as the model's own forward pass reads them."""
    return engine.model.get_input_embeddings()(ids.to(engine.device))


def accepted(function: Any, **arguments: Any) -> dict[str, Any]:
    """Those arguments that a function has parameters for."""
    names = inspect.signature(function).parameters
    return {name: value for name, value in arguments.items() if name in names}


@contextmanager
def shared(engine: Engine) -> Iterator[None]:
    """Within it, the text part of the model attends by `shared_attention`."""
    if not engine.attending:
        configs = {id(c): c for m in decoder(engine).modules() if (c := getattr(m, "config", None)) is not None}
        engine.attending = list((configs | {id(engine.config): engine.config}).values())
    before = [config._attn_implementation_internal for config in engine.attending]
    try:
        for config in engine.attending:
            config._attn_implementation_internal = attention.NAME
        yield
    finally:
        for config, kind in zip(engine.attending, before, strict=True):
            config._attn_implementation_internal = kind


def decoder(engine: Engine) -> nn.Module:
    """The text part of the model."""
    inner = getattr(engine.base, "language_model", None)
    return inner if isinstance(inner, nn.Module) else engine.base
