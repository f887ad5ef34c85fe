"""What a machine has, before a model is loaded."""

from __future__ import annotations

import importlib.util
import platform
import time
from collections.abc import Callable
from typing import Any

import torch

from .model import DTYPES, memory, versions

# Seconds for which each rate is measured.
MEASURED = 0.3
# Fewest timings that the best is taken of.
LEAST = 5


def machine(measure: dict[str, Any] | None = None) -> dict[str, Any]:
    """Devices, their memory, and versions; `measure` {"dtype", "deviceMap"}: what the first device that is meant computes."""
    cuda = range(torch.cuda.device_count()) if torch.cuda.is_available() else range(0)
    known = [("cpu", platform.processor() or platform.machine(), True)]
    known += [(f"cuda:{i}", torch.cuda.get_device_name(i), torch.cuda.get_device_capability(i)[0] >= 8) for i in cuda]
    flash = importlib.util.find_spec("flash_attn") is not None
    return {
        "versions": versions() | ({"cuda": torch.version.cuda} if torch.version.cuda else {}),
        "threads": torch.get_num_threads(),
        "attention": ["sdpa", "eager", *(["flash_attention_2"] if flash else [])],
        "devices": [
            {"device": device, "name": name, "memory": memory(torch.device(device)), "bfloat16": half}
            for device, name, half in known
        ],
        "rates": rates(**measure) if measure else None,
    }


def rates(dtype: str, deviceMap: str) -> dict[str, Any]:
    """Floating-point operations per second of a matrix product, and bytes per second that a product with a vector reads."""
    name = deviceMap
    if deviceMap not in ("cpu",) and not deviceMap.startswith("cuda"):
        name = "cuda:0" if torch.cuda.is_available() else "cpu"
    device = torch.device(name)
    size = 1024 if device.type == "cpu" else 8192
    a, b = (torch.ones(size, size, device=device, dtype=DTYPES[dtype]) for _ in range(2))
    # Larger than what caches of processors hold.
    long = torch.ones(2 * 8192, 4096, device=device, dtype=DTYPES[dtype])
    vector = torch.ones(4096, device=device, dtype=DTYPES[dtype])
    return {
        "device": name,
        "flops": 2 * size**3 / _seconds(lambda: a @ b, device),
        "bytes": long.numel() * long.element_size() / _seconds(lambda: long @ vector, device),
    }


@torch.no_grad()
def _seconds(work: Callable[[], Any], device: torch.device) -> float:
    """Seconds of the fastest call, the first not counted: other processes make calls slower, never faster."""

    def done() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter()

    work()
    best, calls, began = float("inf"), 0, done()
    end = began
    while calls < LEAST or end - began <= MEASURED:
        start = done()
        work()
        end = done()
        best, calls = min(best, end - start), calls + 1
    return best
