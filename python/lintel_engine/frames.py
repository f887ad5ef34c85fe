"""Frames: a JSON header and raw tensors, over file descriptors."""

from __future__ import annotations

import json
import os
import struct
import threading
from dataclasses import dataclass, field
from typing import Any

MAGIC = b"LNTL"
SIZES = {"float32": 4, "float16": 2, "bfloat16": 2, "int32": 4, "int64": 8, "uint8": 1}


@dataclass
class Array:
    """A tensor as it crosses: little endian, C order."""

    dtype: str
    shape: list[int]
    data: Any


@dataclass
class Frame:
    header: dict[str, Any]
    tensors: dict[str, Array] = field(default_factory=dict)


def read_frame(fd: int) -> Frame | None:
    """The next frame; None at the end of input. A frame may end in a newline, as those of `writer` do."""
    first = b"\n"
    while first == b"\n":
        first = _read(fd, 1, True)
    if first is None:
        return None
    start = first + _read(fd, 11)
    if start[:4] != MAGIC:
        raise ValueError(f"a frame begins with {MAGIC!r}; got {bytes(start[:4])!r}")
    (length,) = struct.unpack("<I", start[4:8])
    header = json.loads(_read(fd, length).decode())
    tensors = {}
    for tensor in header.pop("tensors", None) or []:
        count = SIZES[tensor["dtype"]]
        for size in tensor["shape"]:
            count *= size
        tensors[tensor["name"]] = Array(tensor["dtype"], tensor["shape"], _read(fd, count))
    return Frame(header, tensors)


def _read(fd: int, count: int, may_end: bool = False) -> Any:
    """`count` bytes, writable, so that tensors can be made on them."""
    out = bytearray(count)
    view = memoryview(out)
    at = 0
    while at < count:
        got = os.readv(fd, [view[at:]])
        if got == 0:
            if may_end and at == 0:
                return None
            raise EOFError(f"input ended within a frame, after {at} of {count} bytes")
        at += got
    return out


def writer(fd: int) -> Any:
    """A function that writes a frame; threads may share it."""
    lock = threading.Lock()

    def write(header: dict[str, Any], tensors: dict[str, Array] | None = None) -> None:
        named = tensors or {}
        listed = [{"name": name, "dtype": t.dtype, "shape": t.shape} for name, t in named.items()]
        text = json.dumps(header | ({"tensors": listed} if listed else {}), allow_nan=False).encode()
        with lock:
            _write(fd, MAGIC + struct.pack("<II", len(text), 0) + text)
            for t in named.values():
                _write(fd, t.data)
            # Slurm passes on whole lines only.
            _write(fd, b"\n")

    return write


def _write(fd: int, data: Any) -> None:
    view = memoryview(data).cast("B") if len(memoryview(data)) else memoryview(b"")
    while view:
        view = view[os.write(fd, view[: 1 << 20]) :]
