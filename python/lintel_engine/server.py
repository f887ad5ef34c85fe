"""The engine as a process: frames in, frames out, a sign of life between."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

from . import __version__
from .errors import EngineError
from .frames import read_frame, writer

PROTOCOL = 2
# Seconds between signs of life.
ALIVE = 5.0


def serve(input_fd: int = 0, output_fd: int = 1) -> None:
    """Answers requests until the input ends or the output is closed. What libraries print goes to standard error."""
    write = writer(os.dup(output_fd))
    if output_fd == 1:
        sys.stdout.flush()
        os.dup2(2, 1)
    sys.stdout = sys.stderr
    # Ctrl-C goes to the whole group of processes; the client decides when the engine ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError):
        write(_ready())
        with _alive(write):
            _loop(os.dup(input_fd), write)


def _ready() -> dict[str, Any]:
    versions: dict[str, str | None] = {"lintel_engine": __version__}
    for name in ("torch", "transformers"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return {
        "event": "ready",
        "protocol": PROTOCOL,
        "python": platform.python_version(),
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "versions": versions,
    }


@contextlib.contextmanager
def _alive(write: Any) -> Iterator[None]:
    stop = threading.Event()

    def signs() -> None:
        while not stop.wait(ALIVE):
            try:
                write({"event": "alive"})
            except BrokenPipeError:
                # Nobody listens any more: what an operation computes is for nobody, either.
                os._exit(0)

    threading.Thread(target=signs, daemon=True).start()
    try:
        yield
    finally:
        stop.set()


def _loop(fd: int, write: Any) -> None:
    session = None
    while True:
        try:
            frame = read_frame(fd)
        except EOFError:
            return
        if frame is None or frame.header.get("op") == "quit":
            return
        number = frame.header.get("id")
        try:
            # Imported by the first request: the handshake comes before torch, which takes seconds to load or is missing.
            from .operations import Session, array_of

            if session is None:
                session = Session(lambda message: write({"event": "note", "kind": "memory", "message": message}))
            results, tensors = session.answer(frame)
            arrays = {name: array_of(tensor) for name, tensor in tensors.items()}
        except Exception as error:
            write({"id": number, "ok": False, "error": _error(error)})
        else:
            write({"id": number, "ok": True, **results}, arrays)


def _error(error: Exception) -> dict[str, str]:
    text = "".join(traceback.format_exception(error))
    if isinstance(error, EngineError):
        return {"kind": error.kind, "message": str(error), "traceback": text}
    if isinstance(error, ModuleNotFoundError):
        return {"kind": "missing", "message": str(error), "traceback": text}
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return {"kind": "memory", "message": str(error).splitlines()[0], "traceback": text}
    return {"kind": "python", "message": text.strip().splitlines()[-1], "traceback": text}
