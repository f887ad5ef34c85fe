"""Work on as many rows at once as memory holds."""

from __future__ import annotations

import gc
from collections.abc import Callable

import torch

from .errors import EngineError
from .model import Engine


def halving(
    engine: Engine,
    budget: str,
    rows: list[int],
    cost: int,
    work: Callable[[list[int]], None],
    note: Callable[[str], None],
) -> None:
    """Does `work` for all rows, at once as many of `cost` each as the engine's `budget` allows. Where memory runs out, the
    budget is halved, which is noted, and that part is done again; it must not have changed anything that lasts."""
    at = 0
    while at < len(rows):
        fits = max(1, getattr(engine, budget) // cost)
        some = rows[at : at + fits]
        try:
            work(some)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as cause:
            if not is_memory(cause):
                raise
            failed = str(cause).splitlines()[0]
        else:
            at += len(some)
            continue
        # Outside of the handler, whose traceback would keep the tensors of what failed.
        emptied()
        if len(some) == 1:
            raise EngineError("memory", f"memory does not hold one row of {cost} {budget}: {failed}")
        setattr(engine, budget, len(some) // 2 * cost)
        note(f"memory does not hold {len(some)} rows at once ({failed}): {len(some) // 2} from now on")


def is_memory(cause: BaseException) -> bool:
    """Whether an exception says that memory ran out; on the CPU, torch says so in words only."""
    text = str(cause)
    return (
        isinstance(cause, (torch.OutOfMemoryError, MemoryError))
        or "out of memory" in text
        or "can't allocate memory" in text
    )


def emptied() -> None:
    """Gives back what nothing refers to."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
